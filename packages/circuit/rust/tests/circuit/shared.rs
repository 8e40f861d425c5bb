//! Products that have a left side in common are one product, and their claims one: each in rows of its own.

use super::networks::{adapters, regression, Draft};
use super::{violated, Case, GRADIENT_BITS, RATE_BITS};
use pot_circuit::autodiff::training;
use pot_circuit::circuit::Parts;
use pot_circuit::claims::{Claims, Target};
use pot_circuit::graph::Graph;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{MeanSquaredError, Sum};
use pot_circuit::tensor::Role;
use pot_circuit::witness::Witness;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// Products, and claims about units with how many units each.
fn counts(claims: &Claims) -> (usize, Vec<usize>) {
    let units = claims.claims.iter().filter(|c| matches!(c.targets[0].0, Target::Input { .. }));
    (claims.products.len(), units.map(|c| c.targets.len()).collect())
}

fn trained(graph: &Graph) -> (usize, Vec<usize>) {
    counts(&Claims::training(&training(graph, RATE_BITS).expect("differentiable")).expect("a circuit"))
}

#[test]
fn a_kernel_and_its_adapter_have_one_product_with_what_both_take() {
    // Forward W and A with the layer's input, B' with h1; backward W and B' with delta, A with g1; below the lowest adapter B' alone.
    let graph = adapters(&regression(2, [5, 4, 3]), &[(2, 2, 3), (4, 3, 9)]);
    assert_eq!(trained(&graph), (7, vec![2, 2, 2, 1]));
    // A layer without an adapter, and above it one with.
    let graph = adapters(&regression(2, [5, 4, 4, 3]), &[(2, 2, 3), (6, 3, 9)]);
    assert_eq!(trained(&graph), (9, vec![2, 1, 2, 2, 1, 1]));
    // Without adapters nothing is shared.
    assert_eq!(trained(&regression(2, [5, 4, 3])), (3, vec![1, 1, 1]));
}

/// Two heads on one hidden value, added up: with these roles of their kernels, and biases or none.
fn heads(roles: [Role; 2], bias: bool) -> Graph {
    let mut d = Draft::new();
    let (x, y) = (d.data(&[2, 3]), d.tensor(Role::Label, &[2, 4], super::BITS, 0));
    let kernel = d.weights(&[3, 3]);
    let raw = d.product(x, kernel, false, true);
    let h = d.round(raw, Range::Wide);
    let heads = roles.map(|role| {
        let w = d.tensor(role, &[4, 3], super::WEIGHT_BITS, 0);
        let mut raw = d.product(h, w, false, true);
        if bias {
            let bias = d.weights(&[4]);
            raw = d.node(Sum::of(2), &[raw, bias]);
        }
        d.round(raw, Range::Wide)
    });
    let both = d.node(Sum::of(2), &heads);
    let loss = d.node(MeanSquaredError { gradient_bits: GRADIENT_BITS }, &[both, y]);
    d.output(loss);
    d.graph()
}

#[test]
fn what_moves_is_pinned_alone() {
    // Forward x W, h V and h U, backward delta V and delta U, of which two have h and two have delta on their left.
    assert_eq!(trained(&heads([Role::Trained, Role::Frozen], false)), (3, vec![1, 2, 1]));
    assert_eq!(trained(&heads([Role::Trained, Role::Trained], false)), (5, vec![1, 1, 1, 1]));
    // Claims with biases that move.
    assert_eq!(trained(&heads([Role::Trained, Role::Frozen], true)), (4, vec![1, 1, 1, 1]));
    for roles in [[Role::Trained, Role::Frozen], [Role::Trained, Role::Trained]] {
        let case = Case::in_range(|seed| Case::training(&heads(roles, false), seed));
        assert_eq!(violated(case.honest(), &[]), BTreeSet::new(), "{roles:?}");
    }
}

#[test]
fn what_is_transposed_stays_apart() {
    // x^T V and x^T W: cells beyond the width of x would be rows beyond its own.
    let mut d = Draft::new();
    let x = d.data(&[3, 2]);
    for _ in 0..2 {
        let v = d.weights(&[3, 4]);
        let raw = d.product(x, v, true, false);
        let out = d.round(raw, Range::Wide);
        d.output(out);
    }
    assert_eq!(counts(&Claims::forward(&d.graph()).expect("a circuit")), (2, vec![1, 1]));
    // x V and x W.
    let mut d = Draft::new();
    let x = d.data(&[3, 2]);
    for width in [4, 5] {
        let v = d.weights(&[2, width]);
        let raw = d.product(x, v, false, false);
        let out = d.round(raw, Range::Wide);
        d.output(out);
    }
    assert_eq!(counts(&Claims::forward(&d.graph()).expect("a circuit")), (1, vec![2]));
    let case = Case::in_range(|seed| Case::new(&d.graph(), seed));
    assert_eq!(violated(case.honest(), &[]), BTreeSet::new());
}

/// One more in the last row of the one unit's input and one less in the first row of the other's cancel where those rows are one.
#[test]
fn rows_of_one_unit_do_not_reach_into_those_of_another() {
    let graph = adapters(&regression(2, [3, 2]), &[(2, 1, 2)]);
    let lied = |case: &Case| -> Option<Witness> {
        let layout = &case.parts.layout;
        let mut w = case.honest();
        for (name, row, add) in [("n0.between", 1, 1), ("n2", 0, -1)] {
            let (unit, member) = layout.unit(case.parts.graph.value(name)?)?;
            assert_eq!((member, unit.lifts[0]), (0, 0));
            let slot = layout.kinds[unit.kind].slot(&layout.shape, 0, 0);
            let limb = &mut w.units[slot.column][unit.runs[row].row(0) + slot.row];
            *limb += add;
            if !(0..64).contains(limb) {
                return None;
            }
        }
        Some(w)
    };
    let parts = Case::training(&graph, 0).parts;
    let cases = (0..200).map(|seed| Case::of(parts.clone(), seed));
    let (case, lie) = cases.filter(|c| c.run(None).is_some()).find_map(|c| lied(&c).map(|w| (c, w))).expect("limbs with room");
    assert_eq!(violated(lie, &[]), BTreeSet::from(["copy".to_string()]));

    // A circuit in which the second unit's first row is the first one's last.
    let mut claims = case.parts.claims.clone();
    let stacked = claims.claims.iter_mut().find(|c| c.targets.len() == 2).expect("both in one");
    assert_eq!(stacked.targets[1].1, 2);
    stacked.targets[1].1 = 1;
    let right = claims.products.iter_mut().flat_map(|p| &mut p.sides[1]);
    stacked.terms.iter_mut().chain(right).filter(|t| t.behind == 2).for_each(|t| t.behind = 1);
    let parts = Arc::new(Parts { graph: case.parts.graph.clone(), claims, layout: case.parts.layout.clone() });
    let broken = Case { parts, tensors: case.tensors.clone(), held: OnceLock::new(), choices: OnceLock::new() };
    assert_eq!(violated(lied(&broken).expect("the same limbs"), &[]), BTreeSet::new());
}
