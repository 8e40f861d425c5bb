//! The circuit as halo2 sees it: fixed columns and copies from the layout, advice columns from the witness.

use crate::circuit::{Config, ForestColumns, Parts};
use crate::scalar::{Exports, Program};
use crate::witness::{Put, Witness};
use halo2_axiom::circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem, Error};
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub struct Params(pub Option<Arc<Parts>>);

impl Params {
    pub fn get(&self) -> &Arc<Parts> {
        self.0.as_ref().expect("the circuit is always made of parts")
    }
}

/// Without a witness for key generation, with one for the mock prover. Proofs come from [`super::Columns`].
#[derive(Clone)]
pub struct GraphCircuit {
    pub params: Params,
    pub witness: Option<Arc<Witness>>,
    /// Changes to cells: a cheating prover, for tests that see the proof refused.
    pub tamper: Vec<Tamper>,
}

/// Adds `add` to the advice cell at (`column`, `row`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tamper {
    pub column: usize,
    pub row: usize,
    pub add: Fr,
}

impl GraphCircuit {
    pub fn new(parts: Arc<Parts>, witness: Option<Arc<Witness>>) -> Self {
        Self { params: Params(Some(parts)), witness, tamper: vec![] }
    }
}

impl Circuit<Fr> for GraphCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Params;

    fn params(&self) -> Params {
        self.params.clone()
    }
    fn without_witnesses(&self) -> Self {
        Self::new(self.params.get().clone(), None)
    }
    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, params: Params) -> Config {
        let config = Config::new(cs, params.get());
        config.gates(cs, params.get());
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let parts = self.params.get();
        let c = config.challenges;
        // The mock prover comes once a phase, and knows the challenges of the phases before; key generation knows none.
        let first = [c.sigma, c.rho, c.beta].map(|c| known(layouter.get_challenge(c)));
        let second = [c.tau, c.omega].map(|c| known(layouter.get_challenge(c)));
        let program = parts.program(&Exports::none()).map_err(|_| Error::Synthesis)?;
        layouter.assign_region(
            || "graph",
            |mut region| {
                let r = &mut region;
                if first[0].is_none() {
                    config.assign_fixed(parts, &program, &mut |column, row, v| {
                        r.assign_fixed(column, row, v);
                    });
                    if let Some(scalar) = &config.scalar {
                        wire(r, scalar.cells, &program);
                    }
                }
                let Some(witness) = &self.witness else { return Ok(()) };
                let phase = usize::from(first[0].is_some()) + usize::from(second[0].is_some());
                let (start, count) = config.phases[phase];
                let mut changes: Vec<Tamper> = self.tamper.iter().filter(|t| (start..start + count).contains(&t.column)).copied().collect();
                let mut put = |column: Column<Advice>, row: usize, v: Fr| {
                    // Blinding rows are in no gate, and the mock prover has its own.
                    if row >= parts.layout.shape.limit() {
                        return;
                    }
                    let here = changes.iter().position(|t| t.column == column.index() && t.row == row);
                    let v = here.map_or(v, |i| v + changes.swap_remove(i).add);
                    r.assign_advice(column, row, Value::known(v));
                };
                assign(witness, &config, phase, (all(first), all(second)), &mut put)?;
                // Cells that the witness leaves at zero.
                for t in changes {
                    r.assign_advice(advice(&config, t.column), t.row, Value::known(t.add));
                }
                Ok(())
            },
        )
    }
}

/// One phase's cells.
fn assign(
    witness: &Witness,
    config: &Config,
    phase: usize,
    (first, second): (Option<[Fr; 3]>, Option<[Fr; 2]>),
    put: &mut Put<'_>,
) -> Result<(), Error> {
    match (phase, first, second) {
        (0, ..) => witness.first(config, put),
        (1, Some(first), _) => witness.second(first).assign(config, witness, put),
        (_, _, Some(second)) => witness.third(second).map_err(|_| Error::Synthesis)?.assign(config, put),
        _ => return Err(Error::Synthesis),
    }
    Ok(())
}

fn all<const N: usize>(values: [Option<Fr>; N]) -> Option<[Fr; N]> {
    let known: Vec<Fr> = values.into_iter().flatten().collect();
    known.try_into().ok()
}

fn known(v: Value<Fr>) -> Option<Fr> {
    let mut out = None;
    v.map(|v| out = Some(v));
    out
}

/// The advice column of this number.
fn advice(config: &Config, number: usize) -> Column<Advice> {
    let weights = config.weights.iter().flat_map(|w| w.cells.iter().chain(&w.after).chain(&w.limbs).chain(&w.sums));
    let vectors = config.vectors.iter().flat_map(|v| v.sides.iter().chain([&v.inner, &v.sum]));
    let units = config.units.cells.iter().chain(&config.units.sums);
    let pairs = config.lookup.pairs.iter().flat_map(|p| [&p.multiplicities, &p.used, &p.listed]);
    let lookup = config.lookup.sums.iter().chain([&config.lookup.multiplicities]).chain(pairs).chain(&config.units.free);
    let first = |f: &'_ ForestColumns| [f.cells.clone(), vec![f.multiplicities, f.listed], f.read_multiplicities.clone()].concat();
    let trees: Vec<Column<Advice>> =
        config.forest.iter().flat_map(|f| [first(f), f.used.clone(), f.read.clone(), f.offered.clone(), f.sums.clone()].concat()).collect();
    let rest =
        config.data.iter().chain(&config.data_sums).chain(&config.outputs).chain(&config.output_sums).chain(config.scalar.iter().map(|s| &s.cells));
    let found = weights
        .chain(vectors)
        .chain(units)
        .chain(lookup)
        .chain(rest)
        .find(|c| c.index() == number)
        .or_else(|| trees.iter().find(|c| c.index() == number));
    *found.expect("a column of this circuit")
}

fn wire(r: &mut Region<'_, Fr>, scalar: Column<Advice>, program: &Program) {
    let cell = |row_offset| Cell { row_offset, column: scalar.into() };
    for (a, b) in &program.copies {
        r.constrain_equal(cell(*a), cell(*b));
    }
}
