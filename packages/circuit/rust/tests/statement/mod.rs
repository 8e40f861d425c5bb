//! What proofs of graphs say, and what verifiers refuse.

mod adapters;
mod attacks;
mod digests;
mod genesis;
mod hostile;
mod infer;
mod optimised;
mod predicates;
mod tolerance;
mod train;
mod trees;

use crate::common::Numbers;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::front::dense::{Dense, DenseLayer, DenseLoss};
use pot_circuit::graph::Graph;
use pot_circuit::prove::{Hidden, Prover, Salt, Salts, Secrets};
use pot_circuit::statement::{Spec, Statement};
use pot_circuit::tensor::{Formats, Role};
use pot_proof_system::engine::Srs;
use pot_proof_system::srs;
use pot_sgd::spec::{Activation, Kind as Windows, Layer, Loss, Mode, Scales, SgdSpec};
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::OnceLock;

/// Small tables, and weights of four limbs.
pub const SCALES: Scales = Scales { a: 6, d: 10, e: 8, b: 6, p: 6 };

/// A dense network: of each layer its outputs, and whether it has ReLU and a bias.
pub struct Net {
    pub inputs: usize,
    pub layers: Vec<(usize, bool, bool)>,
    pub batch: usize,
    pub softmax: bool,
}

impl Net {
    pub fn dense(&self) -> Dense {
        Dense {
            formats: Formats { limb_bits: SCALES.b, table_bits: SCALES.p },
            bits: SCALES.a,
            gradient_bits: SCALES.d,
            weight_bits: SCALES.w(),
            batch: self.batch,
            inputs: self.inputs,
            layers: self.layers.iter().map(|(outputs, relu, bias)| DenseLayer::new(*outputs, *relu, *bias)).collect(),
            loss: if self.softmax { DenseLoss::SoftmaxCrossEntropy } else { DenseLoss::MeanSquaredError },
            x_offset: 16,
            y_offset: if self.softmax { 0 } else { 16 },
        }
    }

    /// The same network for pot-sgd, with the shape that its planner gives it.
    pub fn window(&self) -> SgdSpec {
        let loss = if self.softmax { Loss::SoftmaxCrossEntropy } else { Loss::MeanSquaredError };
        let mut inputs = self.inputs;
        let mut layer = |i: usize, (outputs, relu, bias): (usize, bool, bool)| {
            let activation = match (i + 1 == self.layers.len(), relu) {
                (true, _) if self.softmax => Activation::Softmax,
                (false, true) => Activation::Relu,
                _ => Activation::Linear,
            };
            Layer { inputs: std::mem::replace(&mut inputs, outputs), outputs, activation, bias }
        };
        let layers = self.layers.iter().enumerate().map(|(i, l)| layer(i, *l)).collect();
        let spec = SgdSpec {
            kind: Windows::Window,
            mode: Mode::Exact,
            layers,
            loss,
            batch: self.batch,
            steps: 1,
            scales: SCALES,
            x_offset: 16,
            y_offset: if self.softmax { 0 } else { 16 },
            tolerance_limbs: 0,
            lora: None,
            optimizer: None,
            rates_per_step: false,
            penalties: vec![],
            shape: None,
        };
        pot_sgd::plan::plan(&spec, pot_sgd::plan::Constraints::default()).expect("a small window has a shape").0
    }
}

/// Of 2^12 points: more than any circuit here has rows.
pub fn points() -> &'static Srs {
    static SRS: OnceLock<Srs> = OnceLock::new();
    SRS.get_or_init(|| srs::development(12).expect("small"))
}

/// Small entries of each tensor.
pub fn tensors(graph: &Graph, seed: u64) -> Vec<Vec<i128>> {
    let mut n = Numbers(seed);
    let tensors = graph.tensors().iter().enumerate();
    let entries = tensors.map(|(i, t)| {
        let (limit, least) = match t.role {
            Role::Data | Role::Label => (15, -t.offset),
            _ => (1 << (t.bits - 1), i64::MIN),
        };
        (0..graph.facts(i).len()).map(|_| n.signed(limit).max(least).into()).collect()
    });
    entries.collect()
}

/// All weights hidden; inputs and outputs as said.
pub fn salts([inputs, outputs]: [bool; 2]) -> Salts {
    let hidden = |bytes: u8, hide: bool| if hide { Hidden::By(Salt::new([bytes; 32])) } else { Hidden::Public };
    Salts {
        weights: hidden(1, true),
        after: hidden(2, true),
        frozen: hidden(3, true),
        inputs: hidden(4, inputs),
        outputs: hidden(5, outputs),
        ..Salts::public()
    }
}

/// A proof and what it says.
pub fn proven(prover: &Prover, tensors: &[Vec<i128>], rate: i64, salts: &mut Salts) -> (Statement, Vec<u8>) {
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    prover.prove(Secrets { tensors, rate, first_step: 0, context: Fr::from(77), salts }, &mut rng).expect("a proof")
}

/// What a stranger gets of a specification.
pub fn published(spec: &Spec) -> Spec {
    Spec::read(&spec.graph_text(), &spec.settings_text()).expect("canonical")
}
