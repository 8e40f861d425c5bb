//! A step that somebody else took: each weight after it is as near to what SGD gives as the key says, and none further.

use super::lies::LAST;
use super::networks::{classification, regression};
use super::Case;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::witness::{Blinding, Witness};
use std::collections::BTreeSet;

const LIMBS: usize = 2;
/// Half of what two limbs of 6 bits hold.
const BOUND: i128 = 1 << 11;

fn cases() -> Vec<Case> {
    let made = |graph| Case::in_range(|seed| Case::tolerant(&graph, LIMBS, seed));
    vec![made(regression(2, [5, 4, 3])), made(classification(1, [3, 2]))]
}

/// Weights after the step that deviate by so much, by tensor and entry.
fn taken(case: &Case, deviation: impl Fn(usize, usize) -> i128) -> Witness {
    let run = case.run(None).expect("in range");
    let updates = case.parts.claims.updates.iter().enumerate();
    let after: Vec<Vec<i128>> =
        updates.map(|(t, (_, next))| run.values[*next].iter().enumerate().map(|(i, v)| v + deviation(t, i)).collect()).collect();
    Witness::new(case.parts.clone(), &run, Blinding::none(&case.parts)).expect("it fits").taken(&run, &after)
}

fn only_last(violations: BTreeSet<String>, what: &str) {
    assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(LAST)), "{what}: {violations:?}");
}

#[test]
fn weights_as_near_as_the_key_says() {
    for case in cases() {
        assert_eq!(case.violated(&case.honest()), BTreeSet::new());
        let spread = |t: usize, i: usize| ((7919 * (i + 31 * t)) as i128 % (2 * BOUND)) - BOUND;
        assert_eq!(case.violated(&taken(&case, spread)), BTreeSet::new());
        for (t, (weight, _)) in case.parts.claims.updates.iter().enumerate() {
            for at in [0, case.tensors[*weight].len() - 1] {
                let one = |v: i128| case.violated(&taken(&case, |tensor, i| if (tensor, i) == (t, at) { v } else { 0 }));
                for v in [-BOUND, BOUND - 1] {
                    assert_eq!(one(v), BTreeSet::new(), "{v}");
                }
                for v in [-BOUND - 1, BOUND] {
                    only_last(one(v), &format!("{t} {at} {v}"));
                }
            }
        }
    }
}

/// Beyond its table, with the next one as it follows; the last with a weight as it follows. One alone is another weight.
#[test]
fn each_limb_beside_each_cell() {
    for case in cases() {
        let layout = &case.parts.layout;
        for (m, column) in layout.weights[0].matrices.iter().flat_map(|m| (0..layout.weights[0].columns).map(move |c| (m, c))) {
            let row = m.run.row0;
            for limb in 0..LIMBS {
                let mut w = case.honest();
                w.beside[0][column * LIMBS + limb][row] += 64;
                if limb + 1 < LIMBS {
                    w.beside[0][column * LIMBS + limb + 1][row] -= 1;
                } else {
                    w.after[0][column][row] += Fr::from(2 * BOUND as u64);
                }
                only_last(case.violated(&w), &format!("{column} {row} {limb}"));
                let mut w = case.honest();
                w.beside[0][column * LIMBS + limb][row] += 1;
                assert_eq!(case.violated(&w), BTreeSet::from(["copy".to_string()]));
            }
        }
    }
}

/// What tolerance leaves is in the weights after the step, not in those before.
#[test]
fn weights_before_have_no_tolerance() {
    for case in cases() {
        // A bias, which every row adds.
        let m = &case.parts.layout.weights[0].matrices[1];
        let mut w = case.honest();
        w.weights[0][0][m.run.end()] += 1;
        w.after[0][0][m.run.end()] += Fr::one();
        assert_eq!(case.violated(&w), BTreeSet::from(["copy".to_string()]));
    }
}
