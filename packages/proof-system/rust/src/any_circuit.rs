//! One type for every circuit: what makes keys, proves and checks is compiled once, not once a circuit.

use halo2_axiom::circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Table, Value};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Challenge, Circuit, Column, ConstraintSystem, Error, Instance};
use std::any::Any;
use std::rc::Rc;

/// What a region or a table is called, and what fills it.
type Name<'a> = &'a dyn Fn() -> String;
type FillRegion<'a> = &'a mut dyn FnMut(Region<'_, Fr>) -> Result<(), Error>;
type FillTable<'a> = &'a mut dyn FnMut(Table<'_, Fr>) -> Result<(), Error>;

/// A layouter of halo2's, whatever it lays out for. Namespaces, which only halo2's own reports name, are left out.
pub trait Layout {
    fn region(&mut self, name: Name<'_>, fill: FillRegion<'_>) -> Result<(), Error>;
    fn table(&mut self, name: Name<'_>, fill: FillTable<'_>) -> Result<(), Error>;
    fn instance(&mut self, cell: Cell, column: Column<Instance>, row: usize);
    fn phase(&mut self);
    fn challenge(&self, challenge: Challenge) -> Value<Fr>;
}

struct Typed<L>(L);

impl<L: Layouter<Fr>> Layout for Typed<L> {
    fn region(&mut self, name: Name<'_>, fill: FillRegion<'_>) -> Result<(), Error> {
        self.0.assign_region(name, fill)
    }

    fn table(&mut self, name: Name<'_>, fill: FillTable<'_>) -> Result<(), Error> {
        self.0.assign_table(name, fill)
    }

    fn instance(&mut self, cell: Cell, column: Column<Instance>, row: usize) {
        self.0.constrain_instance(cell, column, row);
    }

    fn phase(&mut self) {
        self.0.next_phase();
    }

    fn challenge(&self, challenge: Challenge) -> Value<Fr> {
        self.0.get_challenge(challenge)
    }
}

/// Any layouter, as a circuit takes one.
struct AnyLayout<'a>(&'a mut dyn Layout);

impl Layouter<Fr> for AnyLayout<'_> {
    type Root = Self;

    fn assign_region<A, AR, N, NR>(&mut self, name: N, assignment: A) -> Result<AR, Error>
    where
        A: FnOnce(Region<'_, Fr>) -> Result<AR, Error>,
        N: Fn() -> NR,
        NR: Into<String>,
    {
        let (mut assignment, mut result) = (Some(assignment), None);
        self.0.region(&|| name().into(), &mut |region| {
            let assignment = assignment.take().expect("a region is filled once");
            result = Some(assignment(region)?);
            Ok(())
        })?;
        result.ok_or(Error::Synthesis)
    }

    fn assign_table<A, N, NR>(&mut self, name: N, mut assignment: A) -> Result<(), Error>
    where
        A: FnMut(Table<'_, Fr>) -> Result<(), Error>,
        N: Fn() -> NR,
        NR: Into<String>,
    {
        self.0.table(&|| name().into(), &mut assignment)
    }

    fn constrain_instance(&mut self, cell: Cell, column: Column<Instance>, row: usize) {
        self.0.instance(cell, column, row);
    }

    fn next_phase(&mut self) {
        self.0.phase();
    }

    fn get_challenge(&self, challenge: Challenge) -> Value<Fr> {
        self.0.challenge(challenge)
    }

    fn get_root(&mut self) -> &mut Self {
        self
    }

    fn push_namespace<NR, N>(&mut self, _: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
    }

    fn pop_namespace(&mut self, _: Option<String>) {}
}

/// A circuit of halo2's on its simple floor planner, whatever its columns are called.
pub trait AnyCircuit {
    /// Makes columns and gates; gives the circuit's own names of them.
    fn columns(&self, cs: &mut ConstraintSystem<Fr>) -> Rc<dyn Any>;
    /// Fills the columns that it made.
    fn fill(&self, columns: &dyn Any, layout: &mut dyn Layout) -> Result<(), Error>;
}

impl<C: Circuit<Fr, FloorPlanner = SimpleFloorPlanner>> AnyCircuit for C
where
    C::Config: 'static,
{
    fn columns(&self, cs: &mut ConstraintSystem<Fr>) -> Rc<dyn Any> {
        Rc::new(C::configure_with_params(cs, self.params()))
    }

    fn fill(&self, columns: &dyn Any, layout: &mut dyn Layout) -> Result<(), Error> {
        let config: &C::Config = columns.downcast_ref().expect("made by this circuit");
        self.synthesize(config.clone(), AnyLayout(layout))
    }
}

/// Any circuit, as halo2 takes one.
#[derive(Clone, Copy)]
pub struct Erased<'a>(pub &'a dyn AnyCircuit);

impl<'a> Circuit<Fr> for Erased<'a> {
    type Config = Rc<dyn Any>;
    type FloorPlanner = SimpleFloorPlanner;
    /// The circuit itself.
    type Params = Option<&'a dyn AnyCircuit>;

    fn params(&self) -> Self::Params {
        Some(self.0)
    }

    fn without_witnesses(&self) -> Self {
        *self
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Self::Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, circuit: Self::Params) -> Self::Config {
        circuit.expect("the parameters are a circuit").columns(cs)
    }

    fn synthesize(&self, columns: Self::Config, layouter: impl Layouter<Fr>) -> Result<(), Error> {
        self.0.fill(&*columns, &mut Typed(layouter))
    }
}
