//! The values of a circuit's columns.

use super::halo2::halo2curves::bn256::Fr;
use crate::spec::{below, Cell, Expression, Query, Rng, Spec, Stream, INSTANCE_VALUES, RANGE};
use ff::FromUniformBytes;
use rand_core::RngCore;

/// A third of the free cells is below this bound, so that values repeat; the others are any element of the field.
const SMALL_BOUND: usize = 100;
/// What a false cell is too much by.
const FALSE_BY: u64 = 3;

pub fn random_scalar(rng: &mut Rng) -> Fr {
    let mut bytes = [0; 64];
    rng.fill_bytes(&mut bytes);
    Fr::from_uniform_bytes(&bytes)
}

pub fn instances(spec: &Spec) -> Vec<Vec<Fr>> {
    let mut rng = spec.stream(Stream::Instances);
    (0..spec.instance_columns).map(|_| (0..INSTANCE_VALUES).map(|_| random_scalar(&mut rng)).collect()).collect()
}

/// The usable rows of all advice columns. Outputs whose challenges are unknown yet are zero. Where a cell is named, an
/// output, it is made false after its gate was computed; later gates read what it holds then.
pub fn advice(spec: &Spec, challenge: &dyn Fn(usize) -> Option<Fr>, false_cell: Option<Cell>) -> Vec<Vec<Fr>> {
    let mut rng = spec.stream(Stream::Advice);
    let mut columns: Vec<Vec<Fr>> = spec.advice_phases.iter().map(|_| free_column(spec, &mut rng)).collect();
    let others = Others::of(spec, challenge);
    for (target, row) in &spec.instance_copies {
        columns[target.column][target.row] = others.instances[0][*row];
    }
    for (source, target) in &spec.copies {
        columns[target.column][target.row] = columns[source.column][source.row];
    }
    if let Some(lookup) = spec.range_lookup {
        columns[lookup.column].fill_with(|| Fr::from(below(&mut rng, RANGE as usize) as u64));
    }
    if let Some(lookup) = &spec.pair_lookup {
        for (input, table) in lookup.inputs.into_iter().zip(lookup.tables) {
            columns[input] = lookup.table_rows.iter().map(|row| columns[table][*row]).collect();
        }
    }
    for gate in &spec.gates {
        let value = |row| others.evaluate(&gate.value, &columns, row).unwrap_or(Fr::zero());
        columns[gate.output] = (0..spec.usable_rows()).map(value).collect();
        if let Some(cell) = false_cell.filter(|cell| cell.column == gate.output) {
            columns[cell.column][cell.row] += Fr::from(FALSE_BY);
        }
    }
    columns
}

fn free_column(spec: &Spec, rng: &mut Rng) -> Vec<Fr> {
    let mut cell = |_: usize| {
        if below(rng, 3) == 0 {
            Fr::from(below(rng, SMALL_BOUND) as u64)
        } else {
            random_scalar(rng)
        }
    };
    (0..spec.usable_rows()).map(&mut cell).collect()
}

/// What expressions read beside the advice columns.
struct Others<'a> {
    rows: usize,
    fixed: Vec<Vec<Fr>>,
    instances: Vec<Vec<Fr>>,
    challenge: &'a dyn Fn(usize) -> Option<Fr>,
}

impl<'a> Others<'a> {
    fn of(spec: &Spec, challenge: &'a dyn Fn(usize) -> Option<Fr>) -> Self {
        let fixed = spec.fixed_values().into_iter().map(|column| column.into_iter().map(Fr::from).collect()).collect();
        Self { rows: spec.rows(), fixed, instances: instances(spec), challenge }
    }

    /// An expression's value in a row: none where it needs a challenge that is not known.
    fn evaluate(&self, expression: &Expression, advice: &[Vec<Fr>], row: usize) -> Option<Fr> {
        let of = |expression: &Expression| self.evaluate(expression, advice, row);
        Some(match expression {
            Expression::Constant(value) => Fr::from(*value),
            Expression::Fixed(query) => self.read(&self.fixed, *query, row),
            Expression::Advice(query) => self.read(advice, *query, row),
            Expression::Instance(query) => self.read(&self.instances, *query, row),
            Expression::Challenge(index) => (self.challenge)(*index)?,
            Expression::Negated(inner) => -of(inner)?,
            Expression::Sum(left, right) => of(left)? + of(right)?,
            Expression::Product(left, right) => of(left)? * of(right)?,
            Expression::Scaled(inner, factor) => of(inner)? * Fr::from(*factor),
        })
    }

    /// Rotations go round; rows without a value hold zero.
    fn read(&self, columns: &[Vec<Fr>], query: Query, row: usize) -> Fr {
        let row = (row as i64 + i64::from(query.rotation)).rem_euclid(self.rows as i64) as usize;
        columns[query.column].get(row).copied().unwrap_or(Fr::zero())
    }
}
