//! The described circuit as one crate has it.

use super::halo2::circuit::{Cell as AssignedCell, Layouter, Region, SimpleFloorPlanner, Value};
use super::halo2::halo2curves::bn256::Fr;
use super::halo2::plonk::{
    Advice, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase, Fixed, Instance, SecondPhase, Selector, TableColumn,
    ThirdPhase, VirtualCells,
};
use super::halo2::poly::Rotation;
use super::witness::advice;
use crate::spec::{self, Cell, Gate, PairLookup, Query, RangeLookup, Spec, RANGE};
use std::sync::Arc;

/// The first expression of a mixed pair lookup adds the second column times this.
const MIXED_BY: u64 = 3;

/// The spec, as halo2 asks for it: with a default, which is never configured.
#[derive(Default)]
pub struct Params(Option<Arc<Spec>>);

#[derive(Clone)]
pub struct RandomCircuit {
    spec: Arc<Spec>,
    false_cell: Option<Cell>,
}

#[derive(Clone)]
pub struct Config {
    advice: Vec<Column<Advice>>,
    fixed: Vec<Column<Fixed>>,
    selectors: Vec<Selector>,
    instance: Vec<Column<Instance>>,
    challenges: Vec<Challenge>,
    /// The range lookup's table, and the fixed column that turns the lookup on.
    range: Option<(TableColumn, Column<Fixed>)>,
}

impl RandomCircuit {
    pub fn new(spec: &Arc<Spec>, false_cell: Option<Cell>) -> Self {
        Self { spec: spec.clone(), false_cell }
    }
}

impl Circuit<Fr> for RandomCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Params;

    fn params(&self) -> Params {
        Params(Some(self.spec.clone()))
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("a random circuit is configured with its parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: Params) -> Config {
        let spec = params.0.expect("keys and proofs are made of circuits with a spec");
        let mut config = Config::of_columns(meta, &spec);
        config.range = spec.range_lookup.map(|lookup| config.add_range_lookup(meta, lookup));
        if let Some(lookup) = &spec.pair_lookup {
            config.add_pair_lookup(meta, lookup);
        }
        for index in 0..spec.gates.len() {
            config.add_gate(meta, &spec, index);
        }
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let challenges: Vec<Option<Fr>> = config.challenges.iter().map(|challenge| known(&layouter, *challenge)).collect();
        let columns = advice(&self.spec, &|challenge| challenges[challenge], self.false_cell);
        config.assign_range_table(&mut layouter)?;
        let cells = layouter.assign_region(
            || "everything",
            |mut region| {
                config.assign_fixed(&mut region, &self.spec)?;
                let cells = config.assign_advice(&mut region, &columns);
                for (source, target) in &self.spec.copies {
                    region.constrain_equal(cells[source.column][source.row], cells[target.column][target.row]);
                }
                Ok(cells)
            },
        )?;
        for (target, row) in &self.spec.instance_copies {
            layouter.constrain_instance(cells[target.column][target.row], config.instance[0], *row);
        }
        Ok(())
    }
}

/// A challenge's value, where the prover is past its phase.
fn known(layouter: &impl Layouter<Fr>, challenge: Challenge) -> Option<Fr> {
    let mut known = None;
    layouter.get_challenge(challenge).map(|value| known = Some(value));
    known
}

/// The circuit's columns and constraints.
impl Config {
    fn of_columns(meta: &mut ConstraintSystem<Fr>, spec: &Spec) -> Self {
        let advice = spec.advice_phases.iter().map(|phase| match phase {
            0 => meta.advice_column_in(FirstPhase),
            1 => meta.advice_column_in(SecondPhase),
            _ => meta.advice_column_in(ThirdPhase),
        });
        let advice: Vec<_> = advice.collect();
        let fixed = (0..spec.fixed_columns).map(|_| meta.fixed_column()).collect();
        let selectors = (0..spec.selectors).map(|_| meta.complex_selector()).collect();
        let instance: Vec<_> = (0..spec.instance_columns).map(|_| meta.instance_column()).collect();
        let challenges = spec.challenge_phases.iter().map(|phase| match phase {
            0 => meta.challenge_usable_after(FirstPhase),
            1 => meta.challenge_usable_after(SecondPhase),
            _ => meta.challenge_usable_after(ThirdPhase),
        });
        let challenges = challenges.collect();
        for column in &spec.equality_columns {
            meta.enable_equality(advice[*column]);
        }
        if !spec.instance_copies.is_empty() {
            meta.enable_equality(instance[0]);
        }
        Self { advice, fixed, selectors, instance, challenges, range: None }
    }

    fn add_range_lookup(&self, meta: &mut ConstraintSystem<Fr>, lookup: RangeLookup) -> (TableColumn, Column<Fixed>) {
        let table = meta.lookup_table_column();
        let switch = meta.fixed_column();
        meta.lookup("range", |cells| {
            let switch = cells.query_fixed(switch, Rotation::cur());
            let input = cells.query_advice(self.advice[lookup.column], Rotation(lookup.rotation));
            vec![(switch * input, table)]
        });
        (table, switch)
    }

    fn add_pair_lookup(&self, meta: &mut ConstraintSystem<Fr>, lookup: &PairLookup) {
        meta.lookup_any("pairs", |cells| {
            let mut query = |column: usize| cells.query_advice(self.advice[column], Rotation::cur());
            let [first_input, second_input] = lookup.inputs.map(&mut query);
            let [first_table, second_table] = lookup.tables.map(&mut query);
            let first = if lookup.mixed {
                let with = |second: &Expression<Fr>| second.clone() * Expression::Constant(Fr::from(MIXED_BY));
                (first_input + with(&second_input), first_table + with(&second_table))
            } else {
                (first_input, first_table)
            };
            vec![first, (second_input, second_table)]
        });
    }

    /// The first gate also queries the columns that nothing reads.
    fn add_gate(&self, meta: &mut ConstraintSystem<Fr>, spec: &Spec, index: usize) {
        let gate = &spec.gates[index];
        meta.create_gate("output", |cells| {
            if index == 0 {
                for column in &spec.unread_queries {
                    cells.query_advice(self.advice[*column], Rotation::cur());
                }
            }
            let mut switch = cells.query_fixed(self.fixed[gate.switch], Rotation::cur());
            if let Some(selector) = gate.selector {
                switch = switch * cells.query_selector(self.selectors[selector]);
            }
            let mut difference = self.difference(cells, gate);
            if let Some(added) = gate.added {
                let other = self.difference(cells, &spec.gates[added.gate]);
                difference = difference + other * cells.query_challenge(self.challenges[added.challenge]);
            }
            vec![switch * difference]
        });
    }

    /// A gate's value minus its output.
    fn difference(&self, cells: &mut VirtualCells<'_, Fr>, gate: &Gate) -> Expression<Fr> {
        self.expression(cells, &gate.value) - cells.query_advice(self.advice[gate.output], Rotation::cur())
    }

    fn expression(&self, cells: &mut VirtualCells<'_, Fr>, expression: &spec::Expression) -> Expression<Fr> {
        match expression {
            spec::Expression::Constant(value) => Expression::Constant(Fr::from(*value)),
            spec::Expression::Fixed(Query { column, rotation }) => cells.query_fixed(self.fixed[*column], Rotation(*rotation)),
            spec::Expression::Advice(Query { column, rotation }) => cells.query_advice(self.advice[*column], Rotation(*rotation)),
            spec::Expression::Instance(Query { column, rotation }) => cells.query_instance(self.instance[*column], Rotation(*rotation)),
            spec::Expression::Challenge(index) => cells.query_challenge(self.challenges[*index]),
            spec::Expression::Negated(inner) => -self.expression(cells, inner),
            spec::Expression::Sum(left, right) => self.expression(cells, left) + self.expression(cells, right),
            spec::Expression::Product(left, right) => self.expression(cells, left) * self.expression(cells, right),
            spec::Expression::Scaled(inner, factor) => self.expression(cells, inner) * Fr::from(*factor),
        }
    }
}

/// Assignments.
impl Config {
    fn assign_range_table(&self, layouter: &mut impl Layouter<Fr>) -> Result<(), Error> {
        let Some((column, _)) = self.range else { return Ok(()) };
        layouter.assign_table(
            || "range",
            |mut table| {
                for value in 0..RANGE {
                    table.assign_cell(|| "number", column, value as usize, || Value::known(Fr::from(value)))?;
                }
                Ok(())
            },
        )
    }

    fn assign_fixed(&self, region: &mut Region<'_, Fr>, spec: &Spec) -> Result<(), Error> {
        for (column, values) in self.fixed.iter().zip(spec.fixed_values()) {
            for (row, value) in values.into_iter().enumerate() {
                region.assign_fixed(*column, row, Fr::from(value));
            }
        }
        if let Some((_, switch)) = self.range {
            for row in 0..spec.usable_rows() {
                region.assign_fixed(switch, row, Fr::from(u64::from(spec.looks_up_range(row))));
            }
        }
        for (selector, values) in self.selectors.iter().zip(spec.selector_values()) {
            for (row, _) in values.into_iter().enumerate().filter(|(_, on)| *on) {
                selector.enable(region, row)?;
            }
        }
        Ok(())
    }

    fn assign_advice(&self, region: &mut Region<'_, Fr>, columns: &[Vec<Fr>]) -> Vec<Vec<AssignedCell>> {
        let mut assign = |column: Column<Advice>, values: &[Fr]| -> Vec<AssignedCell> {
            let cells = values.iter().enumerate();
            cells.map(|(row, value)| region.assign_advice(column, row, Value::known(*value)).cell()).collect()
        };
        self.advice.iter().zip(columns).map(|(column, values)| assign(*column, values)).collect()
    }
}
