//! Decision trees: what is none, what has no circuit, and what no output holds.

use crate::circuit::networks::{grown, Draft};
use pot_circuit::circuit::Parts;
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::trees::Trees;
use pot_circuit::plan::plan;
use pot_circuit::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;

fn graph(trees: Trees, shape: &[usize]) -> Result<Graph, PotError> {
    let mut b = Builder::new(Formats { limb_bits: 6, table_bits: 6 })?;
    let x = Tensor { name: "x".into(), role: Role::Data, shape: shape.to_vec(), bits: 0, offset: 16, rate_factor: RateFactor::ONE };
    let x = b.tensor(x)?;
    let z = b.node("z", trees.into(), &[x])?;
    b.finish(&[z])
}

#[test]
fn what_is_no_forest_is_refused() {
    let wrong: [(&str, fn(&mut Trees)); 22] = [
        ("a child before its node", |t| t.children[2] = 1),
        ("a child that is not there", |t| t.children[8] = 10),
        ("a child far away", |t| t.children[8] = u32::MAX),
        ("a child of two", |t| t.children[1] = 6),
        ("a root that is a child", |t| t.roots[2] = 9),
        ("one root twice", |t| t.roots[2] = 0),
        ("a root that is not there", |t| t.roots[2] = 11),
        ("a node of no tree", |t| t.children[8] = 0),
        ("no trees", |t| (t.roots, t.targets) = (vec![], vec![])),
        ("a feature that is not there", |t| t.features[0] = 3),
        ("a leaf that asks for a feature", |t| t.features[3] = 1),
        ("a leaf with a threshold", |t| t.thresholds[3] = 1),
        ("a threshold beyond a limb", |t| t.thresholds[0] = 65),
        ("a threshold beyond all", |t| t.thresholds[0] = i64::MIN + 1),
        ("a threshold too few", |t| {
            t.thresholds.pop();
        }),
        ("a feature too few", |t| {
            t.features.pop();
        }),
        ("a value too few", |t| {
            t.leaves.pop();
        }),
        ("a value that is too large", |t| t.leaves[0] = 1 << 40),
        ("a target too few", |t| {
            t.targets.pop();
        }),
        ("a target that is not there", |t| t.targets[0] = 2),
        ("a target twice", |t| t.targets[0] = 1),
        ("outputs without number", |t| t.outputs = 0),
    ];
    assert!(graph(grown(), &[2, 3]).is_ok());
    for (name, change) in wrong {
        let mut trees = grown();
        change(&mut trees);
        assert_eq!(graph(trees, &[2, 3]).err().map(|e| e.code), Some("GRAPH_INVALID"), "{name}");
    }
    for shape in [&[3][..], &[], &[2, 1, 3], &[2, 2]] {
        assert_eq!(graph(grown(), shape).err().map(|e| e.code), Some("GRAPH_INVALID"), "{shape:?}");
    }
    let single = Trees { children: vec![0], features: vec![0], thresholds: vec![0], leaves: vec![1], roots: vec![0], targets: vec![0], ..grown() };
    assert_eq!(graph(Trees { outputs: 1, ..single }, &[2, 3]).err().map(|e| e.code), Some("GRAPH_INVALID"));
}

#[test]
fn a_path_has_an_end() {
    let chain = |depth: usize| {
        let mut t = Trees { children: vec![], features: vec![0; 2 * depth + 1], thresholds: vec![0; 2 * depth + 1], ..grown() };
        // A question, and behind it its leaf.
        t.children = (0..2 * depth + 1)
            .map(|i| {
                if i == 0 {
                    1
                } else if i % 2 == 0 && i < 2 * depth {
                    i as u32 + 1
                } else {
                    0
                }
            })
            .collect();
        Trees { leaves: vec![1; depth + 1], outputs: 1, roots: vec![0], targets: vec![0], ..t }
    };
    assert!(graph(chain(64), &[1, 1]).is_ok());
    assert!(graph(chain(65), &[1, 1]).is_err_and(|e| e.message.contains("64 questions")));
}

#[test]
fn sums_that_no_output_holds_are_refused() {
    let of = |leaf: i64| {
        let mut t = grown();
        t.leaves.iter_mut().for_each(|v| *v = -leaf);
        graph(t, &[2, 3]).map_err(|e| (e.code, e.details["bits"].clone()))
    };
    // Three trees: 4096 is what is left.
    assert!(of(1365).is_ok());
    assert_eq!(of(1366), Err(("GRAPH_BOUNDS", 13.into())));
    assert_eq!(of((1 << 40) - 1), Err(("GRAPH_BOUNDS", 42.into())));
}

#[test]
fn what_has_no_circuit_says_so() {
    let code = |g: &Graph| plan(g).err().map(|e| e.code);
    let mut two = Draft::new();
    let x = two.data(&[2, 3]);
    [two.node(grown(), &[x]), two.node(grown(), &[x])].into_iter().for_each(|v| two.output(v));
    assert_eq!(code(&two.graph()), Some("GRAPH_UNSUPPORTED"));
    let mut bent = Draft::new();
    let x = bent.data(&[2, 3]);
    let h = bent.round(x, Range::Wide);
    let z = bent.node(grown(), &[h]);
    bent.output(z);
    assert_eq!(code(&bent.graph()), Some("GRAPH_UNSUPPORTED"));
    // Data are -16 to 47; a threshold of -17 is below all.
    for (threshold, fits) in [(-17, true), (-18, false), (47, true), (48, false)] {
        let mut t = grown();
        t.thresholds[0] = threshold;
        let g = graph(t, &[2, 3]).expect("a graph");
        assert_eq!(code(&g), (!fits).then_some("GRAPH_UNSUPPORTED"), "{threshold}");
        if fits {
            assert!(Parts::forward(&g, plan(&g).expect("a shape")).is_ok());
        }
    }
}
