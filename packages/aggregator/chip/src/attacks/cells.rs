//! Changed cells of every column.

use super::*;

/// Changes one cell and expects a gate (or the copies) to fail, with everything of later phases made from the changed cell.
fn refused(b: &Arc<Builder>, column: AdviceSlot, row: usize, expected: &[&str]) {
    let packing = column.packing;
    let rows: Vec<usize> = (row.saturating_sub(2 * HEIGHT as usize)..row + 2 * HEIGHT as usize).collect();
    let change = Change::Cell { column: column.index, row, add: Fr::ONE };
    let found = failures(b, packing, vec![change], rows);
    assert!(expected.iter().all(|e| found.iter().any(|f| f == e)), "{column:?}, row {row}: {found:?}, not {expected:?}");
}

pub(super) fn every_column_of_blocks(packing: Packing) {
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

pub(super) fn native_cells_and_permutations(packing: Packing) {
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
