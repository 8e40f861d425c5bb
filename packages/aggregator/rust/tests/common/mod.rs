//! Chains of the smallest windows, with proofs that a circuit can verify.
#![allow(dead_code)]

use halo2_axiom::halo2curves::bn256::Fr;
use pot_aggregator::recursion::path::Path;
use pot_aggregator::recursion::rules::Member;
use pot_aggregator::window::{WindowKey, WindowProof};
use pot_proof_system::engine::{Srs, Transcript};
use pot_proof_system::poseidon::merkle_path;
use pot_sgd::network::Network;
use pot_sgd::optimizer::Optimizer;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover, WindowInput};
use pot_sgd::spec::{Activation, Adapter, Kind, Layer, Lora, Loss, Mode, Scales, SgdSpec};
use pot_sgd::statement::{base_digest, data_digest, field_from_hex, field_to_hex, weights_digest, Public};

pub const ETA: i64 = 37;
pub const FIRST: u64 = 5;

/// One dense layer of 3 x 2, one sample a step.
pub fn spec() -> SgdSpec {
    let spec = SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers: vec![Layer { inputs: 3, outputs: 2, activation: Activation::Linear, bias: true }],
        loss: Loss::MeanSquaredError,
        batch: 1,
        steps: 1,
        scales: Scales { a: 6, d: 10, e: 8, b: 6, p: 6 },
        x_offset: 0,
        y_offset: 0,
        tolerance_limbs: 0,
        lora: None,
        optimizer: None,
        rates_per_step: false,
        penalties: vec![],
        shape: None,
    };
    plan(&spec, Constraints::default()).expect("a small window has a shape").0
}

/// The same layer, frozen, with an adapter that is trained.
pub fn spec_with_base() -> SgdSpec {
    let lora = Lora { adapters: vec![Some(Adapter { rank: 1, alpha: 1 })], base_bits: 12, local: false, optimizer: None };
    let spec = SgdSpec { lora: Some(lora), shape: None, ..spec() };
    plan(&spec, Constraints::default()).expect("a small window has a shape").0
}

/// The same trained by AdamW, two steps a window: each has a rate of its own.
pub fn spec_with_rates() -> SgdSpec {
    let mut spec = SgdSpec { steps: 2, shape: None, ..spec_with_base() };
    let lora = spec.lora.as_mut().expect("adapters");
    lora.optimizer = Some(Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 3 });
    plan(&spec, Constraints::default()).expect("a small window has a shape").0
}

/// The prover of windows under the first points of `srs`.
pub fn prover(srs: &Srs) -> Prover {
    prover_of(srs, &spec())
}

pub fn prover_of(srs: &Srs, spec: &SgdSpec) -> Prover {
    let k = spec.shape.expect("planned").k;
    Prover::with_transcript(pot_proof_system::srs::cut(srs, k).expect("large enough"), Transcript::Poseidon)
}

/// `n` consecutive windows: the weights out of one are those into the next.
pub fn windows(p: &mut Prover, spec: &SgdSpec, n: usize) -> Vec<WindowProof> {
    windows_at(p, spec, &vec![ETA; n])
}

/// As many consecutive windows, each at its own rate.
pub fn windows_at(p: &mut Prover, spec: &SgdSpec, etas: &[i64]) -> Vec<WindowProof> {
    let half = 1i64 << (spec.scales.w() - 1);
    let mut w: Vec<i64> = (0..spec.weights() as i64).map(|i| (i * 7919 * 1021) % half - half / 2).collect();
    w.resize(spec.checkpoint(), 0);
    let frozen: Vec<i64> = (0..spec.base_weights() as i64).map(|i| i * 311 % 1000 - 500).collect();
    let base = if frozen.is_empty() { Base::NONE } else { Base { weights: &frozen, salt: &[50; 32] } };
    (etas.iter().enumerate())
        .map(|(i, &eta)| {
            let x: Vec<i32> = (0..(spec.steps * spec.batch * spec.inputs()) as i32).map(|j| (j * 11 + i as i32 * 5 + 3) % 64).collect();
            let y: Vec<i32> = (0..(spec.steps * spec.batch * spec.outputs()) as i32).map(|j| (j * 17 + i as i32) % 64).collect();
            let (salt0, salt_k) = ([i as u8 + 1; 32], [i as u8 + 2; 32]);
            let input = WindowInput {
                w0: &w,
                salt0: &salt0,
                wk: None,
                salt_k: &salt_k,
                x: &x,
                y: &y,
                data_salt: &[i as u8 + 100; 32],
                base: Base { ..base },
                points: Default::default(),
            };
            let first_step = FIRST + (i * spec.steps) as u64;
            let network = Network::new(spec).expect("a circuit");
            let (_, after) = Prover::executed(spec, &network, &input, &[eta], first_step).expect("an honest window");
            let a = p.commit_weights(spec, &w, &salt0).expect("weights");
            let b = p.commit_weights(spec, &after, &salt_k).expect("weights");
            let d = p.commit_data(spec, &x, &y, &[i as u8 + 100; 32]).expect("data");
            let of_base = if frozen.is_empty() {
                String::new()
            } else {
                field_to_hex(&base_digest(spec, &p.commit_base(spec, &base).expect("a base")).expect("points"))
            };
            let public = Public {
                run_id: field_to_hex(&7u64.into()),
                first_step,
                epoch: 0,
                eta: eta.to_string(),
                etas: vec![],
                weights_in: field_to_hex(&weights_digest(spec, &a).expect("points")),
                weights_out: field_to_hex(&weights_digest(spec, &b).expect("points")),
                data: field_to_hex(&data_digest(spec, &d).expect("points")),
                base: of_base,
            };
            let proof = p.prove_window(spec, &public, &input).expect("a proof");
            p.verify(spec, &public, &proof).expect("a valid proof");
            w = after;
            WindowProof { public, proof }
        })
        .collect()
}

pub fn key(p: &mut Prover) -> WindowKey {
    WindowKey::new(p, &spec()).expect("a window's key")
}

/// The windows with their shards' places in a tree of as many shards.
pub fn members(windows: &[WindowProof]) -> Vec<Member> {
    let leaves: Vec<Fr> = windows.iter().map(|w| field_from_hex("data", &w.public.data).expect("a digest")).collect();
    let path = |i: usize| Path { index: i as u64, siblings: merkle_path(&leaves, i).expect("a leaf") };
    windows.iter().enumerate().map(|(i, w)| Member { window: w.clone(), path: path(i), named: None }).collect()
}
