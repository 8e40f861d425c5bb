//! Changed limbs.

use super::*;

/// Changed limbs come with their chunks and the chunks' multiplicities: the look-ups hold, only an identity or a copy can fail.
pub(super) fn every_limb_of_every_kind_of_block(packing: Packing) {
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
