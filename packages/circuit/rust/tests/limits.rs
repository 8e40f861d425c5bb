//! What an execution takes is known before anything is allocated, and limited, with the gradients' part of it.

use crate::common::draft::{entries, random, Draft};
use crate::common::Numbers;
use pot_circuit::autodiff::training;
use pot_circuit::execute::run;
use pot_circuit::graph::Graph;
use pot_circuit::limits::{MAX_TOTAL, MAX_WORK};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{Matmul, MeanSquaredError, Round, SoftmaxCrossEntropy, Sum, View};
use pot_circuit::tensor::Role;
use pot_proof_system::error::PotError;

const ROUND: Round = Round { bits: 12, gradient_bits: 12, range: Range::Half };
const LOSS: MeanSquaredError = MeanSquaredError { gradient_bits: 12 };

fn of(e: PotError) -> (&'static str, Option<String>, Option<String>) {
    let text = |key: &str| e.details[key].as_str().map(str::to_string);
    (e.code, text("reason"), text("at"))
}

fn size(at: &str) -> (&'static str, Option<String>, Option<String>) {
    ("GRAPH_INVALID", Some("size".into()), Some(at.into()))
}

#[test]
fn an_execution_holds_as_many_integers_as_the_graph_says() {
    let mut n = Numbers(0xc057);
    let mut compared = 0;
    for _ in 0..150 {
        let steps = 1 + n.below(10);
        let g = training(&random(&mut n, steps), 12).expect("differentiable").graph;
        let mut tensors = entries(&g, &mut n, 34);
        *tensors.last_mut().expect("the rate") = vec![1];
        let Ok(run) = run(&g, &tensors, None) else { continue };
        let held = run.values.iter().chain(run.cells.iter().flatten().map(|(_, c)| c)).map(Vec::len).sum::<usize>();
        assert_eq!(g.cost().held, held as u64);
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}

/// One unit of so many entries.
fn unit(entries: usize, softmax: bool) -> Result<Graph, PotError> {
    let mut d = Draft::default();
    let x = d.tensor(Role::Data, &[entries], 12);
    let z = match softmax {
        true => {
            let y = d.tensor(Role::Label, &[entries], 0);
            d.node(SoftmaxCrossEntropy { gradient_bits: 12, smoothing: 0 }, &[&x, &y])
        }
        false => d.node(ROUND, &[&x]),
    };
    d.graph(&[&z])
}

#[test]
fn the_cells_of_units_count() {
    let most = MAX_TOTAL as usize;
    // The input, the output, quotients and remainders.
    assert_eq!(unit(most / 4, false).map(|g| g.cost().held).map_err(of), Ok(MAX_TOTAL));
    assert_eq!(unit(most / 4 + 1, false).map_err(of).map(|_| ()), Err(size("n0")));
    // Two inputs, the output and six cells an entry, and three of the row.
    let entries = (most - 3) / 9;
    assert_eq!(unit(entries, true).map(|g| g.cost().held).map_err(of), Ok(9 * entries as u64 + 3));
    assert_eq!(unit(entries + 1, true).map_err(of).map(|_| ()), Err(size("n0")));
}

#[test]
fn multiplications_are_counted_and_limited() {
    // 4096 x 4096 x `columns`, and sums of what they give.
    let products = |columns: usize, sums: bool| {
        let mut d = Draft::default();
        let (x, f) = (d.tensor(Role::Data, &[4096, 4096], 12), d.tensor(Role::Frozen, &[4096, columns], 12));
        let mut out = d.node(Matmul::default(), &[&x, &f]);
        if sums {
            out = d.node(Sum { coefficients: vec![1], reduce: 2 }, &[&out]);
        }
        d.graph(&[&out]).map(|g| g.cost().work).map_err(of)
    };
    assert_eq!(products(4096, false), Ok(MAX_WORK));
    assert_eq!(products(4096, true), Err(size("n1")));
    assert_eq!(products(1, true), Ok((1 << 24) + (1 << 12)));
    // A softmax makes its two tables, of 2^12 and of 2^10 entries.
    assert_eq!(unit(1, true).map(|g| g.cost().work).map_err(of), Ok(8 + (1 << 12) + (1 << 10)));
}

#[test]
fn products_with_a_batch_count_for_each_of_it() {
    let mut d = Draft::default();
    let (x, f) = (d.tensor(Role::Data, &[5, 2, 3], 12), d.tensor(Role::Frozen, &[7, 3], 12));
    let out = d.node(Matmul { transpose_a: false, transpose_b: true }, &[&x, &f]);
    assert_eq!(d.graph(&[&out]).map(|g| (g.cost().held, g.cost().work)), Ok((30 + 21 + 70, 5 * 2 * 3 * 7)));
}

#[test]
fn what_gradients_would_hold_beyond_the_limit_is_refused_at_the_node_that_they_are_of() {
    // Each of a sum's inputs has a gradient of its own: 60 times 2^20 integers.
    let mut d = Draft::default();
    let (w, y) = (d.tensor(Role::Trained, &[1 << 20], 36), d.tensor(Role::Label, &[1 << 20], 12));
    let h = d.node(ROUND, &[&w]);
    let raw = d.node(Sum { coefficients: vec![2; 60], reduce: 0 }, &[&h; 60].map(|h| h.as_str()));
    let z = d.node(ROUND, &[&raw]);
    let loss = d.node(LOSS, &[&z, &y]);
    let g = d.graph(&[&loss]).expect("a tenth of the limit");
    assert!(g.cost().held < MAX_TOTAL / 6);
    assert_eq!(training(&g, 12).map(|_| ()).map_err(of), Err(size(&raw)));
}

#[test]
fn what_gradients_would_multiply_beyond_the_limit_is_refused_at_the_node_that_they_are_of() {
    // Ten products of 2^32, and ten more for the gradient of one side.
    let mut d = Draft::default();
    let (x, w) = (d.tensor(Role::Data, &[1 << 10, 1 << 12], 12), d.tensor(Role::Trained, &[1 << 12, 1 << 10], 36));
    let y = d.tensor(Role::Label, &[1 << 10, 1 << 10], 12);
    let products: Vec<String> = (0..10).map(|_| d.node(Matmul::default(), &[&x, &w])).collect();
    let raw = d.node(Sum::of(10), &products.iter().map(String::as_str).collect::<Vec<_>>());
    let z = d.node(ROUND, &[&raw]);
    let loss = d.node(LOSS, &[&z, &y]);
    let g = d.graph(&[&loss]).expect("below the limit");
    assert!(g.cost().work > MAX_WORK / 2);
    assert_eq!(training(&g, 12).map(|_| ()).map_err(of), Err(size(&products[4])));
}

#[test]
fn gradients_of_repetitions_are_refused_at_once() {
    // A scalar is repeated and summed: the gradient of either is as wide again.
    let mut d = Draft::default();
    let (w, y) = (d.tensor(Role::Trained, &[], 36), d.tensor(Role::Label, &[], 12));
    let relu = Round { range: Range::Relu, ..ROUND };
    let mut h = d.node(relu, &[&w]);
    for _ in 0..50 {
        let wide = d.node(View::Broadcast { shape: vec![1 << 19] }, &[&h]);
        let sum = d.node(Sum { coefficients: vec![-1], reduce: 1 }, &[&wide]);
        h = d.node(relu, &[&sum]);
    }
    let loss = d.node(LOSS, &[&h, &y]);
    let g = d.graph(&[&loss]).expect("below half of the limit");
    let start = std::time::Instant::now();
    let (code, reason, at) = of(training(&g, 12).map(|_| ()).expect_err("refused"));
    assert_eq!((code, reason.as_deref()), ("GRAPH_INVALID", Some("size")));
    assert!(at.is_some_and(|at| d.nodes.iter().any(|(name, _, _)| *name == at)));
    assert!(start.elapsed().as_secs() < 1, "{:?}", start.elapsed());
}
