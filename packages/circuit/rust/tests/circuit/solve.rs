//! Lies that are made to fit: vectors and outputs, which the prover chooses, are solved for, so that every equation of the scalar
//! column holds again.

use super::{violated, Case};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::claims::matrix;
use pot_circuit::layout::{UnitRuns, HEADER};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::Op;
use pot_circuit::scalar::{Program, Source};
use pot_circuit::witness::{Change, Witness};
use std::sync::{Arc, Mutex};

/// Which cell is lied about.
#[derive(Clone, Debug)]
pub enum Lie {
    Header(usize),
    /// What the scalar column takes for an accumulator's end.
    Export(Source, usize),
    /// An accumulator, in its run's last block.
    Sum(Source, usize),
    Operand(usize),
    Result(usize),
    Constant(usize),
}

fn constant(v: Fr) -> Change {
    Arc::new(move |_| v)
}

/// The mock prover's challenges: it draws the same ones for every circuit.
pub fn header(case: &Case) -> [Fr; HEADER] {
    let drawn = Arc::new(Mutex::new([Fr::ZERO; HEADER]));
    let mut w = case.honest();
    let seen = drawn.clone();
    let change: Change = Arc::new(move |h| {
        *seen.lock().expect("one thread") = *h;
        Fr::ZERO
    });
    w.changes.header.push((3, change));
    violated(w, &[]);
    let header = *drawn.lock().expect("one thread");
    assert!(header.iter().all(|x| *x != Fr::ZERO));
    header
}

/// The scalar column of a witness under these challenges.
pub fn program(witness: &Witness, header: &[Fr; HEADER]) -> Program {
    let [sigma, rho, tau, omega] = *header;
    witness.second([sigma, rho, Fr::from(3)]);
    witness.third([tau, omega]).expect("it fits").program
}

/// By how much each equation is wrong.
fn wrong(witness: &Witness, header: &[Fr; HEADER]) -> Vec<Fr> {
    program(witness, header).equalities.iter().map(|(a, b)| a.v - b.v).collect()
}

fn lied(case: &Case, lie: &Lie) -> Witness {
    let mut w = case.honest();
    let (c, change) = (&mut w.changes, constant(Fr::from(5)));
    match lie {
        Lie::Header(i) => c.header.push((*i, change)),
        Lie::Export(source, end) => c.exports.push((*source, *end, change)),
        Lie::Sum(source, end) => c.sums.push((*source, *end, 0, change)),
        Lie::Operand(i) => c.operands.push((*i, change)),
        Lie::Result(i) => c.results.push((*i, change)),
        Lie::Constant(i) => c.constants.push((*i, change)),
    }
    w
}

/// What the prover chooses, by number: two entries of each product's vectors, and an entry of each row of the outputs.
fn choose(case: &Case, w: &mut Witness, number: usize, x: Fr) {
    let products = case.parts.claims.products.len();
    if number < 2 * products {
        // Entry 0 of the left vector, entry 1 of the right one: equations stay linear.
        let side = number % 2;
        w.changes.vectors.push((number / 2, side, side, constant(x)));
    } else {
        let rows = case.parts.layout.outputs.iter().flat_map(|o| &o.runs);
        w.outputs[0][rows.clone().nth(number - 2 * products).expect("a row").end()] += x;
    }
}

/// The lie's witness with all equations right; none where what the prover chooses does not suffice.
pub fn solved(case: &Case, header: &[Fr; HEADER], lie: &Lie) -> Option<Witness> {
    let rows: usize = case.parts.layout.outputs.iter().map(|o| o.runs.len()).sum();
    let count = 2 * case.parts.claims.products.len() + rows;
    let none = wrong(&lied(case, lie), header);
    let columns = (0..count).map(|i| {
        let mut w = lied(case, lie);
        choose(case, &mut w, i, Fr::ONE);
        wrong(&w, header).iter().zip(&none).map(|(a, b)| *a - b).collect::<Vec<_>>()
    });
    let columns: Vec<Vec<Fr>> = columns.collect();
    let equations = (0..none.len()).map(|i| columns.iter().map(|c| c[i]).chain([-none[i]]).collect()).collect();
    let mut w = lied(case, lie);
    for (i, x) in linear(equations, count)?.into_iter().enumerate().filter(|(_, x)| *x != Fr::ZERO) {
        choose(case, &mut w, i, x);
    }
    let mut again = w.clone();
    assert!(wrong(&w, header).iter().all(|d| *d == Fr::ZERO), "{lie:?}");
    again.forget();
    Some(again)
}

/// Solves equations `[coefficients.., right side]` by elimination; what is free is 0.
fn linear(mut rows: Vec<Vec<Fr>>, count: usize) -> Option<Vec<Fr>> {
    let mut pivots = vec![];
    for column in 0..count {
        let Some(at) = (pivots.len()..rows.len()).find(|r| rows[*r][column] != Fr::ZERO) else { continue };
        let row = pivots.len();
        rows.swap(row, at);
        let inverse = rows[row][column].invert().unwrap();
        rows[row].iter_mut().for_each(|v| *v *= inverse);
        let pivot = rows[row].clone();
        for other in (0..rows.len()).filter(|r| *r != row).collect::<Vec<_>>() {
            let factor = rows[other][column];
            rows[other].iter_mut().zip(&pivot).for_each(|(v, p)| *v -= factor * p);
        }
        pivots.push(column);
    }
    if rows[pivots.len()..].iter().any(|r| r[count] != Fr::ZERO) {
        return None;
    }
    let mut out = vec![Fr::ZERO; count];
    pivots.iter().enumerate().for_each(|(row, column)| out[*column] = rows[row][count]);
    Some(out)
}

/// 2 for the mask, and limbs by which the number stays what it is: q = 2 (2 u + 1) - u.
pub fn mask_of_two(case: &Case, unit: &UnitRuns, [u, mask]: [usize; 2]) -> Option<(String, Witness)> {
    let layout = &case.parts.layout;
    let kind = &layout.kinds[unit.kind];
    let Op::Round(round) = &kind.op else { return None };
    if round.range != Range::Wide {
        return None;
    }
    let run = case.run(None)?;
    let (_, width) = matrix(case.parts.graph.facts(unit.value));
    let values = &run.values[unit.value];
    let i = values.iter().position(|q| *q > 0 && q % 3 == 2)?;
    let (number, at) = ((values[i] - 2) / 3, i % width);
    let row = unit.runs[i / width].row(at / layout.shape.lanes);
    let mut w = case.honest();
    let mut set = |limb: usize, v: i128| {
        let slot = kind.slot(&layout.shape, at % layout.shape.lanes, limb);
        w.units[slot.column][row + slot.row] = v as i64;
    };
    set(mask, 2);
    set(u, number & 63);
    set(u + 1, number >> 6);
    Some((format!("a mask of 2 in unit {}", unit.node), w))
}
