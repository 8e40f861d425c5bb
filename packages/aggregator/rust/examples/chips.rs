//! `chips wide|stock SRS-FILE`: the verification of a smallest window proven on our own chip, or on halo2-ecc's, for the benchmark: one line of JSON.
//!
//! On ours it is the recursive circuit with one window a proof, so it verifies the previous aggregate as well; on the stock chip the window alone, as the on-chain
//! wrapper would (docs/protocol/evm.md). Same string, 2^20 points (2^17 for ours): the first k that holds the circuit.

mod common;
#[path = "../tests/common/mod.rs"]
mod windows;

use common::{peak_bytes, processor, window_inside};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::group::Curve;
use halo2_base::gates::circuit::CircuitBuilderStage;
use pot_aggregator::recursion::aggregator::Aggregator;
use pot_aggregator::wrapper::circuit::WrapperCircuit;
use pot_aggregator::wrapper::keys::Wrapper;
use pot_proof_system::engine::Srs;
use serde_json::{json, Value};
use std::time::Instant;

/// Rows of the stock chip's circuit, as a log2: the least that keeps a proof's points few.
const STOCK_K: u32 = 20;
/// Columns of the wide chip that a block of rows fills: all but F and the table's multiplicities.
const BLOCK_COLUMNS: usize = 17;

/// What `work` gives, its wall clock and its processor time in milliseconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (start, used) = (Instant::now(), processor());
    let out = work();
    (out, start.elapsed().as_secs_f64() * 1e3, (processor() - used) * 1e3)
}

/// Cells of blocks and of F, of a sum of so many free points, the points' own checks included.
fn sum_cells(terms: u64) -> usize {
    let mut b = pot_chip::Builder::default();
    let point = |i: u64| (G1Affine::generator() * Fr::from(i + 2)).to_affine();
    let terms: Vec<_> = (0..terms).map(|i| (b.witness(Fr::from(i + 3)), b.point(point(i)))).collect();
    b.msm(&terms);
    cells(b.rows())
}

fn cells(rows: pot_chip::Rows) -> usize {
    rows.wide * BLOCK_COLUMNS + rows.native
}

fn wide(srs: &Srs) -> Value {
    let spec = windows::spec();
    let mut prover = windows::prover(srs);
    let members = windows::members(&windows::windows(&mut prover, &spec, 1));
    let key = windows::key(&mut prover);
    let window_terms = key.terms();
    let plan = Aggregator::plan(srs, &key, 1).expect("a plan");
    let (aggregator, keygen, _) = timed(|| Aggregator::new(srs, key, 1).expect("keys"));
    let (aggregate, proving, proving_cpu) = timed(|| aggregator.prove(&mut prover, None, &members).expect("an aggregate"));
    aggregator.verify(&aggregate).expect("it verifies");
    json!({
        "k": aggregator.k(), "terms": window_terms + plan.terms, "cells": cells(plan.rows), "termCells": sum_cells(9) - sum_cells(8), "columns": 20, "recursion": true,
        "keygenMs": keygen, "provingMs": proving, "provingCpuMs": proving_cpu, "proofBytes": aggregator.proof_bytes(), "peakBytes": peak_bytes(),
    })
}

fn stock(srs: &Srs) -> Value {
    let spec = windows::spec();
    let mut prover = windows::prover(srs);
    let window = windows::windows(&mut prover, &spec, 1).remove(0);
    let (inner, snark) = window_inside(&mut prover, &spec, window);
    let terms = inner.terms();
    let planned = WrapperCircuit::plan(CircuitBuilderStage::Keygen, &inner, &snark, STOCK_K as usize).expect("a circuit");
    let statistics = planned.builder.statistics();
    drop(planned);
    let cells: usize = statistics.gate.total_advice_per_phase.iter().sum();
    let srs = pot_proof_system::srs::cut(srs, STOCK_K).expect("a string of 2^20 points");
    let (wrapper, keygen, _) = timed(|| Wrapper::new(&srs, inner).expect("keys"));
    let (wrapped, proving, proving_cpu) = timed(|| wrapper.prove(&srs, &snark).expect("a proof"));
    wrapper.verify(&srs, &wrapped).expect("it verifies");
    let params = &wrapper.shape().params;
    let columns: usize = params.num_advice_per_phase.iter().chain(&params.num_lookup_advice_per_phase).sum();
    json!({
        "k": STOCK_K, "terms": terms, "cells": cells, "columns": columns, "recursion": false,
        "keygenMs": keygen, "provingMs": proving, "provingCpuMs": proving_cpu, "proofBytes": wrapped.proof.len(), "peakBytes": peak_bytes(),
    })
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let srs = pot_proof_system::srs::from_bytes(&std::fs::read(&a[1]).expect("a file")).expect("a string");
    let measured = if a[0] == "stock" { stock(&srs) } else { wide(&srs) };
    println!("{measured}");
}
