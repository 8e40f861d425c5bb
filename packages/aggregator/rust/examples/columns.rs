//! `columns WIDTHS BATCH SRS-FILE [WEIGHT-COLUMNS...]`: what the step circuit's columns cost whoever proves a step and whoever aggregates it.
//!
//! For each number of weight columns, "proving" or "aggregated" (the planner's choices): the shape, processor time of a step's proof, and the rows that one
//! more window takes in the aggregation circuit. `columns 784-128-10 32 srs-18 proving aggregated 1 2`. The string is the insecure development SRS.

mod common;
#[path = "../tests/common/mod.rs"]
mod windows;

use common::processor;
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::window::WindowKey;
use pot_proof_system::engine::Transcript;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::Prover;
use pot_sgd::spec::{Activation, Kind, Layer, Loss, Mode, Scales, SgdSpec};

fn spec(widths: &[usize], batch: usize) -> SgdSpec {
    let last = widths.len() - 2;
    let activation = |l| if l == last { Activation::Linear } else { Activation::Relu };
    let layer = |l: usize| Layer { inputs: widths[l], outputs: widths[l + 1], activation: activation(l), bias: true };
    SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers: (0..=last).map(layer).collect(),
        loss: Loss::MeanSquaredError,
        batch,
        steps: 1,
        scales: Scales { a: 8, d: 14, e: 14, b: 12, p: 12 },
        x_offset: 0,
        y_offset: 0,
        tolerance_limbs: 0,
        lora: None,
        optimizer: None,
        rates_per_step: false,
        penalties: vec![],
        shape: None,
    }
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let widths: Vec<usize> = a[0].split('-').map(|v| v.parse().expect("a width")).collect();
    let srs = pot_proof_system::srs::from_bytes(&std::fs::read(&a[2]).expect("a file")).expect("a string");
    let open = spec(&widths, a[1].parse().expect("a batch"));
    for wanted in &a[3..] {
        let weight_columns = wanted.parse().ok();
        let constraints = Constraints { weight_columns, aggregated: wanted == "aggregated", ..Default::default() };
        let (spec, info) = match plan(&open, constraints) {
            Ok(planned) => planned,
            Err(e) => {
                println!("weights {wanted}: {e}");
                continue;
            }
        };
        let shape = spec.shape.expect("planned");
        let mut prover = Prover::with_transcript(pot_proof_system::srs::cut(&srs, shape.k).expect("large enough"), Transcript::Poseidon);
        windows::windows(&mut prover, &spec, 1);
        let start = processor();
        windows::windows(&mut prover, &spec, 1);
        let step = processor() - start;
        let key = WindowKey::new(&mut prover, &spec).expect("a key");
        let [one, two] = [1, 2].map(|places| Aggregator::plan(&srs, &key, places).expect("a plan").rows.wide);
        println!(
            "weights {} data {} lanes {} of {} columns: 2^{} rows, {} advice columns, {} fixed, {} bytes; step {step:.2} s; aggregation {} rows a window, {} besides",
            shape.weight_columns, shape.data_columns, shape.lanes, shape.lane_columns, shape.k, info.advice_columns, info.fixed_columns,
            info.proof_bytes, two - one, 2 * one - two
        );
    }
}
