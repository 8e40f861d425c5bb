//! Cheating provers: each kind of cell changed by itself, and lies with everything downstream made to fit; of the wide circuit and of a packed one.

use crate::block::{t_cell, Block, Gate, Kind, LimbPlace, Source, CARRIES, HEIGHT, M, MULTIPLICITY, NEXT, ORIGIN, QUOTIENTS, SIGN, SLOPE};
use crate::builder::curve::native;
use crate::cell::LIMBS;
use crate::config::CHUNKS;
use crate::fill::{chain_points, Random};
use crate::layout::{reserved, Layout, SUM_ROW, TABLE_ROWS};
use crate::limbs::CHUNK_BITS;
use crate::packing::{AdviceSlot, FixedSlot, Packing, PUBLIC_ROWS};
use crate::poseidon::{is_full, COPIES, ENDS as ENDS_OF_HASH, UNITS};
use crate::{Builder, Cell, Change, ChipCircuit, ChipConfig, Point};
use ff::Field;
use group::Curve;
use halo2_axiom::dev::{CellValue, MockProver, VerifyFailure};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::ConstraintSystem;
use std::sync::Arc;

const WIDE: Packing = Packing { factor: 1 };
const PACKED: Packing = Packing { factor: 3 };
/// The form before the chain (compression in packages/aggregator/rust).
const COMPRESSION: Packing = Packing { factor: 7 };
const CHORD: &str = "slope^2 = x + x_T + x'";
const LINK: &str = "both blocks give the same y";
const TANGENT: &str = "slope (2y - q) = 3x (x - q)";
const LOAD: &str = "T holds a point of range-checked limbs";
const CURVE: &str = "a point of the curve";
const BELOW: &str = "coordinates below q";
const RESIDUES: &str = "coordinates modulo r";
const SUM: &str = "running sum";
const ENDS: &str = "the running sum is 0 at both ends";
const COPY: &str = "copy";

fn point(k: u64) -> G1Affine {
    (G1Affine::generator() * Fr::from(k)).to_affine()
}

/// A free point and a fixed one, their sum with two scalars, a permutation, a product, a range check.
fn build(values: [u64; 4]) -> (Builder, Point) {
    let mut b = Builder::default();
    let p = b.point(point(values[0]));
    let fixed = b.constant_point(point(5));
    let scalars = [values[1], values[2]].map(|v| b.witness(Fr::from(v)));
    let sum = b.msm(&[(scalars[0], p), (scalars[1], fixed)]);
    let state = b.permute([sum.x, sum.y, scalars[0]]);
    let x = b.witness(Fr::from(values[3]));
    b.range(x, 60);
    let product = b.mul(x, scalars[1]);
    b.expose(&[state[0], product]);
    (b, sum)
}

fn base() -> (Arc<Builder>, Point) {
    let (b, sum) = build([3, 1234567, 1 << 40, 99]);
    (Arc::new(b), sum)
}

/// log2 of the rows: the least of the form.
fn rows(packing: Packing) -> u32 {
    match packing {
        COMPRESSION => 19,
        PACKED => 18,
        _ => 17,
    }
}

fn config(packing: Packing) -> ChipConfig {
    ChipConfig::packed(&mut ConstraintSystem::default(), packing)
}

/// Names of the gates that fail in some logical rows and those of the public inputs, and "copy" where copies do anywhere.
fn failures(builder: &Arc<Builder>, packing: Packing, changes: Vec<Change>, at: Vec<usize>) -> Vec<String> {
    failures_for(builder, packing, changes, at, builder.instance())
}

/// The same for other public inputs than the builder's.
fn failures_for(builder: &Arc<Builder>, packing: Packing, changes: Vec<Change>, at: Vec<usize>, instance: Vec<Fr>) -> Vec<String> {
    failed(&mock(builder, packing, changes, instance), builder, packing, at)
}

/// The circuit with these changes, filled: most of an attack's time.
fn mock(builder: &Arc<Builder>, packing: Packing, changes: Vec<Change>, instance: Vec<Fr>) -> MockProver<Fr> {
    let mut circuit = ChipCircuit::packed(builder.clone(), rows(packing), packing).unwrap();
    circuit.changes = changes;
    MockProver::run(circuit.k, &circuit, vec![instance]).unwrap()
}

fn failed(mock: &MockProver<Fr>, builder: &Builder, packing: Packing, at: Vec<usize>) -> Vec<String> {
    let rows = at.into_iter().chain([SUM_ROW, builder.layout(packing).sum_end()]);
    // All physical rows of a logical one: nothing but the base row's gates may fail.
    let rows = rows.flat_map(|row| packing.base(row)..packing.base(row + 1)).chain(0..builder.public.len());
    let Err(failures) = mock.verify_at_rows_par(rows.collect::<Vec<_>>().into_iter(), vec![].into_iter()) else {
        return vec![];
    };
    let mut out: Vec<String> = failures
        .iter()
        .map(|f| match f {
            VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
                let text = constraint.to_string();
                // "Constraint 1 ('its name') in gate 2 ('its gate')".
                text.rsplit_once("('").and_then(|t| t.1.split_once("')")).map_or(text.clone(), |t| t.0.to_string())
            }
            VerifyFailure::Permutation { .. } => COPY.into(),
            other => other.to_string(),
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

fn find(b: &Builder, wanted: impl Fn(&Block) -> bool) -> usize {
    b.blocks.iter().position(wanted).expect("a block of this kind")
}

/// Rows of the gates that read a block.
fn near(lay: &Layout, block: usize) -> Vec<usize> {
    let first = lay.origin(block) - ORIGIN as usize;
    (first..first + 3 * HEIGHT as usize).collect()
}

#[test]
fn nothing_changed_is_accepted() {
    let (b, _) = base();
    assert_eq!(b.refusal(), None);
    for packing in [WIDE, PACKED] {
        assert_eq!(failures(&b, packing, vec![], (0..b.layout(packing).hash(1)).collect()), Vec::<String>::new());
    }
}

/// Changed limbs come with their chunks and the chunks' multiplicities: the look-ups hold, only an identity or a copy can fail.
fn every_limb_of_every_kind_of_block(packing: Packing) {
    let (b, _) = base();
    let lay = b.layout(packing);
    let add = find(&b, |block| matches!(block.kind, Kind::Add { .. }) && block.key > 1);
    let (tangent, pass) = (find(&b, |b| b.kind == Kind::Tangent), find(&b, |b| b.kind == Kind::Pass));
    let (curve, rest) = (find(&b, |b| matches!(b.kind, Kind::Curve(_))), find(&b, |b| matches!(b.kind, Kind::Rest(_))));
    let (known, random) = (Kind::Load(Source::Known(point(3))), Kind::Load(Source::Random));
    // Both carries' low and high parts: chunks 0 and 1 of an identity's lane, in the row of the origin.
    let carries = |i: usize| -> Vec<(LimbPlace, i64)> {
        CARRIES[i].into_iter().map(|place| (place, 1)).chain([0, 1].map(|j| ((i, ORIGIN), 1 << (CHUNK_BITS * j)))).collect()
    };
    let identity = |i: usize| -> Vec<(LimbPlace, i64)> { QUOTIENTS[i].into_iter().map(|place| (place, 1)).chain(carries(i)).collect() };
    let all = |places: [LimbPlace; LIMBS]| places.map(|place| (place, 1)).to_vec();
    let both = || [all(SLOPE), all(NEXT)].concat();
    type Case = (usize, Vec<(LimbPlace, i64)>, &'static str);
    let kinds: Vec<Case> = vec![
        (add, identity(0), CHORD),
        (add, identity(1), LINK),
        (add, both(), CHORD),
        (tangent, identity(1), TANGENT),
        (tangent, [identity(0), all(NEXT)].concat(), CHORD),
        (tangent, all(SLOPE), TANGENT),
        (pass, identity(1), LINK),
        (pass, both(), LOAD),
        (find(&b, |b| b.kind == known), both(), LOAD),
        (find(&b, |b| b.kind == random), both(), LOAD),
        (curve, [identity(0), identity(1), all(SLOPE)].concat(), CURVE),
        (rest, both(), BELOW),
        (find(&b, |b| matches!(b.kind, Kind::Range(_))), both(), LOAD),
        (find(&b, |b| b.kind == Kind::Index), all(NEXT), LOAD),
    ];
    // The first cell of every kind in one circuit, then the second: gates read the rows near a block alone, and the blocks are apart.
    let most = kinds.iter().map(|(_, cells, _)| cells.len()).max().expect("kinds");
    for n in 0..most {
        let mut left: Vec<(usize, LimbPlace, i64, &str)> =
            kinds.iter().filter_map(|(block, cells, gate)| cells.get(n).map(|&(place, add)| (*block, place, add, *gate))).collect();
        while !left.is_empty() {
            let mut taken: Vec<usize> = vec![];
            let (together, later) = left.into_iter().partition(|(block, ..)| {
                let apart = taken.iter().all(|other| near(&lay, *block).iter().all(|row| !near(&lay, *other).contains(row)));
                if apart {
                    taken.push(*block);
                }
                apart
            });
            changed_limbs(&b, packing, together);
            left = later;
        }
    }
}

/// Changes these limbs, whose blocks are apart, and expects at each of them its gate to fail, and no look-up.
fn changed_limbs(b: &Arc<Builder>, packing: Packing, limbs: Vec<(usize, LimbPlace, i64, &str)>) {
    let lay = b.layout(packing);
    let changes = limbs.iter().map(|&(block, (lane, row), add, _)| Change::Limb { block, row: row as usize, lane, add });
    let mock = mock(b, packing, changes.collect(), b.instance());
    for (block, (lane, row), _, gate) in limbs {
        let found = failed(&mock, b, packing, near(&lay, block));
        assert!(found.iter().any(|f| f == gate), "block {block} ({:?}), row {row}, lane {lane}: {found:?}", b.blocks[block].kind);
        assert!(!found.iter().any(|f| f == SUM || f == ENDS), "{found:?}");
    }
}

/// Changes one cell and expects a gate (or the copies) to fail, with everything of later phases made from the changed cell.
fn refused(b: &Arc<Builder>, column: AdviceSlot, row: usize, expected: &[&str]) {
    let packing = column.packing;
    let rows: Vec<usize> = (row.saturating_sub(2 * HEIGHT as usize)..row + 2 * HEIGHT as usize).collect();
    let change = Change::Cell { column: column.index, row, add: Fr::ONE };
    let found = failures(b, packing, vec![change], rows);
    assert!(expected.iter().all(|e| found.iter().any(|f| f == e)), "{column:?}, row {row}: {found:?}, not {expected:?}");
}

fn every_column_of_blocks(packing: Packing) {
    let ((b, _), cf) = (base(), config(packing));
    let lay = b.layout(packing);
    let add = find(&b, |block| matches!(block.kind, Kind::Add { .. }) && block.key > 1);
    for column in cf.a.into_iter().chain(cf.l) {
        refused(&b, column, lay.block(add) + 1, &[SUM]);
    }
    let cell = |block: usize, cell: usize, expected: &[&str]| {
        let (column, row) = t_cell(cell);
        refused(&b, cf.t[column], lay.block(block) + row as usize, expected);
    };
    let (x, y) = (0, LIMBS);
    // A selected point: the chain's gates, and the look-up.
    for limb in [x, x + 4, y, y + 4] {
        cell(add, limb, &[LINK, ENDS]);
    }
    cell(add, M, &[COPY, ENDS]);
    cell(add, SIGN, &[COPY, LINK]);
    // An entry of a table, and how often it is read.
    let entry = find(&b, |b| b.kind == Kind::Pass && b.key > 1);
    cell(entry, x, &[LOAD, ENDS]);
    cell(entry, y, &[LOAD, ENDS]);
    cell(entry, M, &[COPY, ENDS]);
    cell(entry, SIGN, &[COPY, LINK]);
    cell(entry, MULTIPLICITY, &[ENDS]);
    // A fixed point's entries are constants.
    let fixed = find(&b, |b| matches!(b.kind, Kind::Load(Source::Known(_))) && b.key > 2 && b.m == 3);
    for limb in [x, x + 4, y, y + 4] {
        cell(fixed, limb, &[COPY, LOAD, ENDS]);
    }
    cell(fixed, M, &[COPY, ENDS]);
    cell(fixed, SIGN, &[COPY]);
    cell(fixed, MULTIPLICITY, &[ENDS]);
    // Tangents and tables' additions read copies.
    let tangent = find(&b, |b| b.kind == Kind::Tangent);
    cell(tangent, x, &[COPY, TANGENT]);
    cell(tangent, y, &[COPY, TANGENT]);
    cell(tangent, SIGN, &[COPY]);
    cell(tangent + 2, x, &[COPY, LINK]);
    // A point's coordinates, whole and modulo r; the random point's index.
    let curve = find(&b, |b| matches!(b.kind, Kind::Curve(Source::Known(_))));
    cell(curve, x, &[COPY, CURVE, BELOW]);
    cell(curve, y, &[COPY, CURVE, BELOW]);
    cell(curve, M, &[COPY, RESIDUES]);
    cell(curve, SIGN, &[COPY, RESIDUES]);
    let random = find(&b, |b| matches!(b.kind, Kind::Curve(Source::Random)));
    cell(random, M, &[COPY, RESIDUES]);
    cell(random, SIGN, &[RESIDUES]);
    cell(find(&b, |b| b.kind == Kind::Index), x, &[COPY, LOAD]);
    // Multiplicities of the range table; every running sum, where an addend counts and where none does.
    for m in cf.m {
        refused(&b, m, SUM_ROW, &[ENDS]);
        refused(&b, m, SUM_ROW + TABLE_ROWS - 1, &[ENDS]);
    }
    for column in cf.sums {
        refused(&b, column, lay.origin(add), &[SUM]);
        refused(&b, column, lay.origin(add) - 3, &[SUM]);
    }
    let last = cf.sums[cf.sums.len() - 1];
    refused(&b, last, lay.sum_end(), &[SUM, ENDS]);
    refused(&b, last, SUM_ROW - 1, &[ENDS]);
}

fn native_cells_and_permutations(packing: Packing) {
    let ((b, sum), cf) = (base(), config(packing));
    let lay = b.layout(packing);
    let digit = lay.start + b.digit[40] as usize;
    for row in 0..3 {
        refused(&b, cf.f, digit + row, &["one more signed odd digit"]);
    }
    let product = lay.start + *b.flex.last().unwrap() as usize;
    for row in 0..4 {
        refused(&b, cf.f, product + row, &["f0 + f1 f2 = f3"]);
    }
    for index in 0..b.public.len() {
        let found = failures(&b, packing, vec![Change::Public { index, add: Fr::ONE }], vec![]);
        assert_eq!(found, ["constants and public inputs", COPY]);
        let mut instance = b.instance();
        instance[index] += Fr::ONE;
        let found = failures_for(&b, packing, vec![], vec![], instance.clone());
        assert_eq!(found, ["constants and public inputs"]);
        // The bound cell made to fit: the copy still says what the circuit computed.
        let fitting = vec![Change::Public { index, add: Fr::ONE }];
        assert_eq!(failures_for(&b, packing, fitting, vec![], instance), [COPY]);
    }
    refused(&b, cf.f, PUBLIC_ROWS, &["constants and public inputs"]);
    refused(&b, cf.f, lay.at(sum.x.place).1, &[COPY]);
    let first = lay.hash(0);
    for (row, gate) in [(0, "full round"), (4, "three partial rounds"), (23, "full round")] {
        for column in cf.a.into_iter().chain(cf.l) {
            refused(&b, column, first + row, &[gate]);
        }
        for column in cf.l {
            refused(&b, column, first + row + 1, &[gate]);
        }
    }
    // The last two of the helpers, which partial rounds alone use.
    assert_eq!(CHUNKS, 6);
    for column in cf.t {
        refused(&b, column, first + 4, &["three partial rounds"]);
    }
    for (column, row) in COPIES.into_iter().flatten() {
        refused(&b, cf.t[column], first + row, &["inputs and outputs of a permutation"]);
    }
}

/// The chain's end is claimed as the sum, whatever the chain did.
fn claim_end(b: &mut Builder, sum: &Point, index: usize) {
    // Any challenge does: the random point cancels.
    let random = Random::new(Fr::from(3));
    let end = chain_points(&b.blocks, &random)[index];
    for block in &mut b.blocks {
        match &mut block.kind {
            Kind::Rest(source) | Kind::Curve(source) if *source == Source::Known(sum.value) => *source = Source::Known(end),
            _ => {}
        }
    }
    for (cell, value) in [(sum.x, native(&end.x)), (sum.y, native(&end.y))] {
        set(b, cell, value);
    }
}

fn set(b: &mut Builder, cell: Cell, value: Fr) {
    if let crate::cell::Place::Native(i) = cell.place {
        b.native[i as usize] = value;
    }
}

/// A forger's circuit: a sum alone, so that nothing but the sum depends on it.
fn forgery() -> (Builder, Point, usize) {
    let mut b = Builder::default();
    let p = b.point(point(9));
    let k = b.witness(Fr::from(1 << 50));
    let sum = b.msm(&[(k, p)]);
    let end = b.blocks.iter().rposition(|b| b.kind == Kind::Pass).unwrap();
    (b, sum, end)
}

fn all_rows(b: &Builder) -> Vec<usize> {
    (0..b.layout(WIDE).sum_end()).collect()
}

/// Another entry of the table is added than the digit says: every identity holds, the look-up does not.
#[test]
fn another_entry_than_the_digit_says() {
    let (mut b, sum, end) = forgery();
    let entries: Vec<u32> = (0..b.blocks.len()).filter(|i| b.blocks[*i].kind == Kind::Pass && b.blocks[*i].key == 2).map(|i| i as u32).collect();
    let add = b.blocks.iter().rposition(|b| matches!(b.kind, Kind::Add { .. }) && b.key == 2).unwrap();
    if let Kind::Add { source, .. } = &mut b.blocks[add].kind {
        let other = entries.iter().find(|e| *e != source).unwrap();
        *source = *other;
    }
    claim_end(&mut b, &sum, end);
    let b = Arc::new(b);
    for packing in [WIDE, PACKED] {
        assert_eq!(failures(&b, packing, vec![], vec![]), [ENDS]);
    }
}

/// A digit beyond the table stands for a point of another table: the digits' gates hold, the look-up does not.
#[test]
fn a_digit_beyond_the_table() {
    let (mut b, sum, end) = forgery();
    // The digits of 2^50 (and r): the last two are cells (m, s, z) before the last z.
    let last = *b.digit.last().unwrap() as usize;
    let read = |b: &Builder, at: usize| b.native[at + 2] * (b.native[at + 1].double() + Fr::ONE);
    // 16 high + low = 16 (high - 2) + (low + 32).
    let (high, low) = (read(&b, last - 3) - Fr::from(2), read(&b, last) + Fr::from(32));
    // d = s (2m + 1) with the sign that makes m small.
    let signed = |d: Fr| {
        let small = |d: &Fr| crate::limbs::of_fr(d)[1..] == [0; 4];
        let (sign, size) = if small(&d) { (Fr::ONE, d) } else { (-Fr::ONE, -d) };
        (sign, (crate::limbs::of_fr(&size)[0] as u32 - 1) / 2)
    };
    b.native[last] -= Fr::from(2);
    let adds: Vec<usize> =
        (0..b.blocks.len()).rev().filter(|i| matches!(b.blocks[*i].kind, Kind::Add { .. }) && b.blocks[*i].key == 2).take(2).collect();
    // Each adds an entry of the forger's choice where its m is none of the table's.
    for (block, cell, d) in [(adds[1], last - 2, high), (adds[0], last + 1, low)] {
        let (sign, m) = signed(d);
        (b.native[cell], b.native[cell + 1]) = (Fr::from(u64::from(m)), sign);
        b.blocks[block].m = m;
        let entry = b.blocks.iter().position(|e| e.key == 2 && e.m == m.min(7) && !matches!(e.kind, Kind::Add { .. })).unwrap() as u32;
        if let Kind::Add { source, negative } = &mut b.blocks[block].kind {
            (*source, *negative) = (entry, sign != Fr::ONE);
        }
    }
    assert!(b.blocks[adds[0]].m > 7);
    claim_end(&mut b, &sum, end);
    let rows = all_rows(&b);
    let digits: Vec<usize> = rows.into_iter().skip(64).take(2000).collect();
    let b = Arc::new(b);
    for packing in [WIDE, PACKED] {
        assert_eq!(failures(&b, packing, vec![], digits.clone()), [ENDS]);
    }
}

/// Keys come from any values: nothing that a key is made of depends on them.
#[test]
fn the_circuit_does_not_depend_on_values() {
    let shape = |b: &Builder| {
        let blocks: Vec<_> = b.blocks.iter().map(|b| (b.kind.flags(), b.key)).collect();
        let public: Vec<_> = b.public.iter().map(|c| c.place).collect();
        (b.copies.clone(), b.flex.clone(), b.digit.clone(), b.constants.clone(), blocks, b.hashes.len(), public)
    };
    let (first, _) = build([3, 1234567, 1 << 40, 99]);
    for values in [[4, 2, 8, 1], [9, 0, 0, 0], [1, 0, 1, u64::MAX], [0, 1, 1, 1]] {
        let (other, _) = build(values);
        assert_eq!(shape(&other), shape(&first));
    }
}

/// The attacks, as tests: a form each.
mod forms {
    use super::*;

    #[test]
    fn limbs_wide() {
        every_limb_of_every_kind_of_block(WIDE);
    }
    #[test]
    fn limbs_packed() {
        every_limb_of_every_kind_of_block(PACKED);
    }
    #[test]
    fn blocks_wide() {
        every_column_of_blocks(WIDE);
    }
    #[test]
    fn blocks_packed() {
        every_column_of_blocks(PACKED);
    }
    #[test]
    fn native_wide() {
        native_cells_and_permutations(WIDE);
    }
    #[test]
    fn native_packed() {
        native_cells_and_permutations(PACKED);
    }
    #[test]
    #[ignore = "minutes: 2^19 rows"]
    fn all_compression() {
        every_limb_of_every_kind_of_block(COMPRESSION);
        every_column_of_blocks(COMPRESSION);
        native_cells_and_permutations(COMPRESSION);
    }
}

/// Everything, with two permutations.
fn mixed() -> Arc<Builder> {
    let (mut b, _) = build([3, 1234567, 1 << 40, 99]);
    let state = [1, 2, 3].map(|v| b.witness(Fr::from(v)));
    b.permute(state);
    Arc::new(b)
}

/// No block, no arithmetic, as many public inputs as there may be.
fn permutations_alone() -> Arc<Builder> {
    let mut b = Builder::default();
    let one = b.constant(Fr::ONE);
    let state = b.permute([one; 3]);
    let state = b.permute(state);
    b.expose(&state);
    b.expose(&[one; PUBLIC_ROWS - 3]);
    Arc::new(b)
}

/// F's arithmetic is what the running sum ends below; many constants.
fn long_arithmetic() -> Arc<Builder> {
    let mut b = Builder::default();
    for i in 0..5000 {
        b.constant(Fr::from(i + 7));
    }
    let three = b.witness(Fr::from(3));
    let last = (0..22000).fold(three, |acc, _| b.mul_add(acc, acc, acc));
    b.permute([last; 3]);
    assert!(b.native.len() > TABLE_ROWS);
    Arc::new(b)
}

/// Selectors are products of columns that mean several things: each is on where its gate belongs, and nowhere else.
#[test]
fn selectors_are_on_where_they_mean_something() {
    let forms = [(mixed(), vec![WIDE, PACKED, COMPRESSION]), (permutations_alone(), vec![WIDE, PACKED]), (long_arithmetic(), vec![WIDE, PACKED])];
    for (b, packing) in forms.into_iter().flat_map(|(b, packings)| packings.into_iter().map(move |packing| (b.clone(), packing))) {
        let (cf, lay) = (config(packing), b.layout(packing));
        let circuit = ChipCircuit::packed(b.clone(), rows(packing), packing).unwrap();
        let mock = MockProver::run(circuit.k, &circuit, vec![b.instance()]).unwrap();
        let n = 1isize << circuit.k;
        let cell = |column, row: isize| match mock.fixed_values(column)[row.rem_euclid(n) as usize] {
            CellValue::Assigned(v) => v,
            _ => Fr::ZERO,
        };
        let fx = &cf.fx;
        // As the gates read it from this physical row, so many logical rows away.
        let read = |slot: FixedSlot, row: isize, away: i32| cell(slot.column, row + slot.at(away).0 as isize);
        let base = |row: isize| fx.base.map_or(Fr::ONE, |base| cell(base, row));
        let beyond = |row| base(row) - read(fx.range, row, 0);
        let unit = |row, away| read(fx.flex, row, away) + read(fx.digit, row, away);
        // Physical rows where a selector is not 0, all rows of the column looked at, and the logical rows where it ought to be.
        type Selector<'a> = (&'static str, Box<dyn Fn(isize) -> Fr + 'a>, Vec<usize>);
        let blocks = |gate: Gate| -> Vec<usize> {
            let on = |i: &usize| b.blocks[*i].kind.flags().gates().contains(&(gate, true));
            (0..b.blocks.len()).filter(on).map(|i| lay.origin(i)).collect()
        };
        let units = |full: bool| {
            (0..b.hashes.len())
                .flat_map(|i| (0..UNITS).filter(move |u| is_full(*u) == full).map(move |u| (i, u)))
                .map(|(i, u)| lay.hash(i) + u)
                .collect()
        };
        let ends = (0..b.hashes.len()).flat_map(|i| ENDS_OF_HASH.map(|row| lay.hash(i) + row)).collect();
        let native = |rows: &[u32]| rows.iter().map(|row| lay.start + *row as usize).collect();
        let mut selectors: Vec<Selector<'_>> = vec![
            ("range", Box::new(|row| read(fx.range, row, 0)), (SUM_ROW..=lay.sum_end()).collect()),
            ("origin", Box::new(|row| read(fx.origin, row, 0)), (0..b.blocks.len()).map(|i| lay.origin(i)).collect()),
            ("flex", Box::new(|row| read(fx.range, row, 0) * read(fx.flex, row, 0)), native(&b.flex)),
            ("digit", Box::new(|row| read(fx.range, row, 0) * read(fx.digit, row, 0)), native(&b.digit)),
            ("full", Box::new(|row| beyond(row) * read(fx.flex, row, 0)), units(true)),
            ("partial", Box::new(|row| beyond(row) * read(fx.digit, row, 0)), units(false)),
            ("ends", Box::new(|row| beyond(row) * (unit(row, 0) - unit(row, -1))), ends),
        ];
        for gate in [Gate::Slope, Gate::Link, Gate::Tangent, Gate::Load, Gate::Curve, Gate::Random] {
            selectors.push(("block", Box::new(move |row| read(fx.origin, row, 0) * read(fx.kind, row, gate as i32 - ORIGIN)), blocks(gate)));
        }
        let constants = (PUBLIC_ROWS..lay.start).chain(if packing == WIDE { 0..b.public.len() } else { 0..0 });
        selectors.push(("constant", Box::new(|row| base(row) * read(fx.is_constant, row, 0)), constants.collect()));
        for (name, selector, expected) in selectors {
            let mut expected: Vec<isize> = expected.into_iter().map(|row| packing.base(row) as isize).collect();
            expected.sort();
            let found: Vec<isize> = (0..n).filter(|row| selector(*row) != Fr::ZERO).collect();
            assert_eq!(found, expected, "{name} of {packing:?}");
        }
        if packing != WIDE {
            let public: Vec<isize> = (0..n).filter(|row| base(*row) == Fr::from(2)).collect();
            assert_eq!(public, (0..b.public.len() as isize).collect::<Vec<_>>());
        }
    }
}

/// What docs/protocol/ecc-chip.md counts, and that the reserved rows are enough.
#[test]
fn size_of_the_constraint_system() {
    for factor in 1..=15 {
        let (mut cs, packing) = (ConstraintSystem::<Fr>::default(), Packing { factor });
        ChipConfig::packed(&mut cs, packing);
        assert_eq!(cs.degree(), 4);
        assert!(cs.blinding_factors() < reserved(packing), "{factor}");
    }
    let mut cs = ConstraintSystem::<Fr>::default();
    ChipConfig::configure(&mut cs);
    assert_eq!((cs.num_advice_columns(), cs.num_fixed_columns()), (20, 9));
    assert_eq!((cs.advice_queries().len(), cs.fixed_queries().len()), (86, 21));
}
