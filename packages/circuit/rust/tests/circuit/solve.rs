//! Lies that are made to fit: vectors and outputs, which the prover chooses, are solved for, so that every equation of the scalar
//! column holds again.

use super::softmax::other_inputs;
use super::{clamps, sigmoid, updates, Case};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::claims::matrix;
use pot_circuit::execute::Fault;
use pot_circuit::layout::{UnitRuns, HEADER};
use pot_circuit::scalar::{Program, Source};
use pot_circuit::witness::{Change, Witness};
use std::sync::Arc;

/// A change of the first phase's cells, by what it is.
#[derive(Clone)]
pub struct Made(pub &'static str, pub Arc<dyn Fn(&mut Witness)>);

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Which cell is lied about.
#[derive(Clone, Debug)]
pub enum Lie {
    Made(Made),
    Header(usize),
    Rate,
    /// 2 for the mask of an entry, and limbs by which the number stays what it is: q = 2 (2 u + 1) - u. The limbs' first numbers.
    Mask(UnitRuns, [usize; 2], usize),
    /// What the scalar column takes for an accumulator's end.
    Export(Source, usize),
    /// An accumulator, in its run's last block.
    Sum(Source, usize),
    /// A cell of data, of outputs, beyond the width: column and row.
    BesideData(usize, usize),
    BesideOutput(usize, usize),
    Operand(usize),
    Result(usize),
    Constant(usize),
}

fn constant(v: Fr) -> Change {
    Arc::new(move |_| v)
}

/// The mock prover's challenges: it draws the same ones for every circuit.
pub fn header(case: &Case) -> [Fr; HEADER] {
    let header = case.held().header();
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

/// A witness with a lie of this size in it.
fn lied(case: &Case, mut w: Witness, lie: &Lie, size: Fr) -> Witness {
    let (c, change) = (&mut w.changes, constant(size));
    match lie {
        Lie::Made(made) => made.1(&mut w),
        Lie::Mask(unit, limbs, entry) => mask_of_two(case, &mut w, unit, *limbs, *entry),
        Lie::Rate => w.rates[0] += size,
        Lie::Header(i) => c.header.push((*i, change)),
        Lie::Export(source, end) => c.exports.push((*source, *end, change)),
        Lie::Sum(source, end) => c.sums.push((*source, *end, 0, change)),
        // In the range of the table, so whatever size is asked for.
        Lie::BesideData(column, row) => w.data[*column][*row] += 1,
        Lie::BesideOutput(column, row) => w.outputs[*column][*row] += size,
        Lie::Operand(i) => c.operands.push((*i, change)),
        Lie::Result(i) => c.results.push((*i, change)),
        Lie::Constant(i) => c.constants.push((*i, change)),
    }
    w
}

/// What the prover chooses, by number: two entries of each product's vectors, an entry of each trained tensor and state after the step,
/// and of each row of the outputs.
fn choose(case: &Case, w: &mut Witness, number: usize, x: Fr) {
    let (products, updates) = (case.parts.claims.products.len(), &case.parts.claims.updates);
    if let Some((weight, _)) = number.checked_sub(2 * products).and_then(|i| updates.get(i)) {
        let (group, m) = case.parts.layout.matrix(*weight).expect("a tensor that moves");
        w.after[usize::from(group > 0)][0][m.run.end()] += x;
    } else if number < 2 * products {
        // Entry 0 of the left vector, entry 1 of the right one: equations stay linear.
        let side = number % 2;
        w.changes.vectors.push((number / 2, side, side, constant(x)));
    } else {
        let rows = case.parts.layout.outputs.iter().flat_map(|o| &o.runs);
        w.outputs[0][rows.clone().nth(number - 2 * products - updates.len()).expect("a row").end()] += x;
    }
}

/// The lie's witness with all equations right; none where what the prover chooses does not suffice.
pub fn solved(case: &Case, header: &[Fr; HEADER], lie: &Lie) -> Option<Witness> {
    let right = |w: &Witness| wrong(w, header).iter().all(|d| *d == Fr::ZERO);
    let made = || lied(case, case.honest(), lie, Fr::from(5));
    // Most lies leave what a choice changes as it is in the honest witness.
    if let Some(w) = linear(known(case, header), &wrong(&made(), header)).map(|x| chosen(case, made(), x)).filter(right) {
        return Some(forgotten(w));
    }
    if let Some(w) = moved(case, header, &made) {
        assert!(right(&w), "{lie:?}");
        return Some(forgotten(w));
    }
    // A false value, and the lie as large as it takes; with it, what the prover chooses.
    let sized = |base: Witness| {
        let w = moved_and_sized(case, header, &|size| lied(case, base.clone(), lie, size))?;
        right(&w).then(|| forgotten(w))
    };
    let alone = false_values(case).find_map(|base| {
        let at = |size: Fr| wrong(&lied(case, base.clone(), lie, size), header);
        let (none, one) = (at(Fr::ZERO), at(Fr::ONE));
        let i = (0..none.len()).find(|i| none[*i] != Fr::ZERO && none[*i] != one[*i])?;
        let w = lied(case, base.clone(), lie, none[i] * (none[i] - one[i]).invert().unwrap());
        right(&w).then(|| forgotten(w))
    });
    alone.or_else(|| false_values(case).find_map(sized))
}

/// Witnesses of a false result of each form, with everything downstream as it follows; of other inputs of a softmax or a clamp, and of updates.
fn false_values(case: &Case) -> impl Iterator<Item = Witness> + '_ {
    let forms = case.parts.graph.nodes().iter().filter(|n| [["value"], ["difference"]].iter().any(|rules| n.op.rules() == rules));
    forms
        .filter_map(|n| case.witness(Some(&Fault { node: &n.name, rule: n.op.rules()[0], entry: 0 })))
        .chain(other_inputs(case))
        .chain(updates::false_values(case))
        .chain(clamps::false_values(case))
        .chain(sigmoid::false_values(case))
}

/// A witness of which equation `i` alone is wrong: by what the prover chooses, or of a false value.
pub fn only_wrong(case: &Case, header: &[Fr; HEADER], i: usize) -> Option<Witness> {
    let alone = |w: &Witness| wrong(w, header).iter().enumerate().all(|(j, d)| (*d == Fr::ZERO) == (i != j));
    let mut by = wrong(&case.honest(), header);
    by[i] -= Fr::ONE;
    let moved = linear(known(case, header), &by).map(|x| chosen(case, case.honest(), x));
    moved.into_iter().chain(false_values(case)).find(alone).map(forgotten)
}

fn forgotten(mut w: Witness) -> Witness {
    w.forget();
    w
}

/// What the prover chooses, so that all equations hold.
fn moved(case: &Case, header: &[Fr; HEADER], made: &dyn Fn() -> Witness) -> Option<Witness> {
    let (columns, none) = choices(case, header, made);
    Some(chosen(case, made(), linear(&columns, &none)?))
}

fn chosen(case: &Case, mut w: Witness, by: Vec<Fr>) -> Witness {
    for (i, x) in by.into_iter().enumerate().filter(|(_, x)| *x != Fr::ZERO) {
        choose(case, &mut w, i, x);
    }
    w
}

/// The same with a lie of a size that is chosen too.
fn moved_and_sized(case: &Case, header: &[Fr; HEADER], made: &dyn Fn(Fr) -> Witness) -> Option<Witness> {
    let (mut columns, none) = choices(case, header, &|| made(Fr::ZERO));
    columns.push(wrong(&made(Fr::ONE), header).iter().zip(&none).map(|(a, b)| *a - b).collect());
    let mut by = linear(&columns, &none)?;
    let size = by.pop().filter(|x| *x != Fr::ZERO)?;
    Some(chosen(case, made(size), by))
}

/// By how much each choice of 1 changes each equation of the honest witness.
fn known<'a>(case: &'a Case, header: &[Fr; HEADER]) -> &'a [Vec<Fr>] {
    case.choices.get_or_init(|| choices(case, header, &|| case.honest()).0)
}

/// By how much each choice of 1 changes each equation, and by how much they are wrong.
fn choices(case: &Case, header: &[Fr; HEADER], made: &dyn Fn() -> Witness) -> (Vec<Vec<Fr>>, Vec<Fr>) {
    let rows: usize = case.parts.layout.outputs.iter().map(|o| o.runs.len()).sum();
    let count = 2 * case.parts.claims.products.len() + case.parts.claims.updates.len() + rows;
    let none = wrong(&made(), header);
    let columns = (0..count).map(|i| {
        let mut w = made();
        choose(case, &mut w, i, Fr::ONE);
        wrong(&w, header).iter().zip(&none).map(|(a, b)| *a - b).collect()
    });
    (columns.collect(), none)
}

/// What multiples of the columns take away what is wrong, by elimination; what is free is 0.
fn linear(columns: &[Vec<Fr>], wrong: &[Fr]) -> Option<Vec<Fr>> {
    let count = columns.len();
    let mut rows: Vec<Vec<Fr>> = (0..wrong.len()).map(|i| columns.iter().map(|c| c[i]).chain([-wrong[i]]).collect()).collect();
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

fn mask_of_two(case: &Case, w: &mut Witness, unit: &UnitRuns, [u, mask]: [usize; 2], entry: usize) {
    let layout = &case.parts.layout;
    let (_, width) = matrix(case.parts.graph.facts(unit.values[0]));
    let value = quotients(case, unit)[entry];
    let (number, at) = ((value - 2) / 3, entry % width);
    let row = unit.runs[entry / width].row(at / layout.shape.lanes);
    let mut set = |limb: usize, v: i128| {
        let slot = layout.kinds[unit.kind].slot(&layout.shape, at % layout.shape.lanes, limb);
        w.units[slot.column][row + slot.row] = v as i64;
    };
    set(mask, 2);
    set(u, number & 63);
    set(u + 1, number >> 6);
}

/// What a rounding's cells say, before ReLU.
fn quotients(case: &Case, unit: &UnitRuns) -> Vec<i128> {
    case.run(None).expect("in range").cells[unit.nodes[0]][0].1.clone()
}

/// An entry of a lane whose number a mask of 2 can have.
pub fn double(case: &Case, unit: &UnitRuns, lane: usize) -> Option<usize> {
    let (_, width) = matrix(case.parts.graph.facts(unit.values[0]));
    let lanes = case.parts.layout.shape.lanes;
    quotients(case, unit).iter().enumerate().position(|(i, q)| i % width % lanes == lane && *q > 0 && q % 3 == 2)
}
