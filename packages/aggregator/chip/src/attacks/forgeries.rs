//! Forged sums: lies with everything downstream made to fit.

use super::*;

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
