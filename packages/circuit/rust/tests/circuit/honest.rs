//! Honest witnesses of every kind of graph and shape are accepted.

use super::networks::{classification, dense, predicates, products, random, residual, softmaxes, sums};
use super::{violated, Case};
use crate::common::Numbers;
use pot_circuit::graph::Graph;
use pot_circuit::layout::Shape;
use std::collections::BTreeSet;

fn accepted(case: &Case) {
    assert_eq!(violated(case.honest(), &[]), BTreeSet::new());
}

#[test]
fn planned_circuits_of_each_graph() {
    let dense = [dense(2, [5, 7, 3]), dense(1, [1, 1, 1]), dense(3, [9, 4, 2])];
    let graphs: Vec<Graph> = dense
        .into_iter()
        .chain([residual(), products(), sums(), classification(2, [4, 3, 5]), classification(3, [2, 1]), softmaxes(), predicates()])
        .collect();
    for (i, g) in graphs.iter().enumerate() {
        accepted(&Case::new(g, 11 + i as u64));
    }
    let tables = |g: &Graph| Case::new(g, 1).parts.layout.tables.len();
    assert_eq!([tables(&sums()), tables(&classification(3, [2, 1])), tables(&softmaxes())], [0, 2, 3]);
}

#[test]
fn any_number_of_columns_and_lanes() {
    for (i, columns) in (1..=4).enumerate() {
        for lanes in 1..=3 {
            let lane_columns = [1, 2, 3, 7][(i + lanes) % 4];
            let shape = Shape {
                k: 9,
                weight_columns: columns,
                frozen_columns: 5 - columns,
                data_columns: columns,
                output_columns: 1 + columns % 3,
                lanes,
                lane_columns,
            };
            for g in [dense(2, [5, 6, 3]), residual(), sums(), predicates()] {
                accepted(&Case::shaped(&g, shape, 5));
            }
            // Pairs stand in two columns.
            accepted(&Case::shaped(&classification(2, [3, 4]), Shape { lane_columns: lane_columns.max(3 - lanes.min(2)), ..shape }, 5));
        }
    }
}

#[test]
fn random_graphs() {
    let mut n = Numbers(0x9a7);
    for seed in 0..12 {
        let g = random(&mut n);
        accepted(&Case::new(&g, 100 + seed));
    }
}
