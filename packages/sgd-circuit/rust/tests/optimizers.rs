//! Adapters trained with momentum, AdamW and weight decay: honest windows satisfy the circuit.

use crate::common::{holds, layer_local, spec, with_adapters, with_optimizer, Case, ETA};
use pot_sgd::optimizer::Optimizer;
use pot_sgd::spec::{Activation::*, Loss::*, SgdSpec};

const DECAY: Optimizer = Optimizer::Sgd { decay: 9 };
const MOMENTUM: Optimizer = Optimizer::Momentum { momentum: 57, decay: 0 };
const ADAM: Optimizer = Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 0 };
const ALL: [Optimizer; 5] =
    [DECAY, MOMENTUM, Optimizer::Momentum { momentum: 1, decay: 255 }, ADAM, Optimizer::Adam { beta1: 1, beta2: 63, epsilon: 1, decay: 3 }];

fn held(spec: SgdSpec, seed: u64) {
    holds(&Case::random(spec, seed), ETA);
}

#[test]
fn one_step_of_one_layer() {
    for (i, o) in ALL.into_iter().enumerate() {
        held(with_optimizer(layer_local(4, 3, 2, 4, 2, 1), o), i as u64);
    }
}

#[test]
fn windows_of_a_network() {
    for (i, o) in ALL.into_iter().enumerate() {
        let s = spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1 + i % 3);
        held(with_optimizer(with_adapters(s, &[Some((2, 4)), Some((2, 2))]), o), 10 + i as u64);
    }
}

#[test]
fn a_rank_that_alpha_is_no_multiple_of() {
    let s = spec(&[5, 4, 3], &[Linear], MeanSquaredError, 2, 2);
    held(with_optimizer(with_adapters(s, &[Some((3, 2)), Some((2, 1))]), ADAM), 20);
}

#[test]
fn one_weight_a_matrix() {
    held(with_optimizer(with_adapters(spec(&[1, 1], &[], MeanSquaredError, 1, 2), &[Some((1, 1))]), MOMENTUM), 21);
}
