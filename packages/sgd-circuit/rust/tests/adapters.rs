//! Honest windows of adapters satisfy the circuit; what is claimed falsely is refused before.

use crate::common::{holds, layer_local, near, satisfied, spec, with_adapters, Case, ETA, FIRST};
use pot_sgd::network::Network;
use pot_sgd::prover::{Base, Prover, WindowInput};
use pot_sgd::spec::{Activation::*, Loss::*, Mode, SgdSpec};
use std::sync::Arc;

fn held(spec: SgdSpec, seed: u64) {
    holds(&Case::random(spec, seed), ETA);
}

#[test]
fn one_layer() {
    held(with_adapters(spec(&[5, 3], &[], MeanSquaredError, 2, 1), &[Some((1, 1))]), 1);
}

#[test]
fn every_layer_in_a_window() {
    let s = spec(&[6, 5, 4, 3], &[Relu, Linear], SoftmaxCrossEntropy, 3, 3);
    held(with_adapters(s, &[Some((2, 4)), Some((3, 3)), Some((1, 2))]), 2);
}

#[test]
fn some_layers() {
    for (seed, adapters) in [[None, Some((3, 6)), None], [Some((5, 5)), None, None], [None, None, Some((2, 2))]].iter().enumerate() {
        let mut s = spec(&[7, 6, 5, 3], &[Relu, Relu], SoftmaxCrossEntropy, 2, 2);
        s.layers[1].bias = false;
        held(with_adapters(s, adapters), 3 + seed as u64);
    }
}

#[test]
fn regression_with_offsets() {
    let mut s = spec(&[4, 6, 2], &[Linear], MeanSquaredError, 2, 2);
    (s.x_offset, s.y_offset) = (32, 32);
    held(with_adapters(s, &[Some((4, 4)), Some((2, 4))]), 7);
}

#[test]
fn given_input_and_gradient() {
    held(layer_local(5, 9, 3, 3, 3, 1), 8);
    let mut s = layer_local(8, 3, 2, 8, 2, 3);
    s.x_offset = 32;
    held(s, 9);
}

#[test]
fn steps_within_a_tolerance() {
    within(with_adapters(spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1), &[Some((2, 2)), Some((1, 1))]), 10);
    within(layer_local(5, 9, 3, 3, 3, 1), 16);
}

fn within(mut s: SgdSpec, seed: u64) {
    (s.mode, s.tolerance_limbs) = (Mode::Tolerance, 2);
    let c = Case::random(s, seed);
    let (network, near) = (Arc::new(Network::new(&c.spec).unwrap()), near(&c));
    let input = WindowInput { wk: Some(&near), ..c.input() };
    let (executed, after) = Prover::executed(&c.spec, &network, &input, &[ETA], FIRST).unwrap();
    assert_eq!(after, near);
    satisfied(&c, &network, &executed, ETA);
}

fn network(seed: u64) -> Case {
    Case::random(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), &[Some((2, 4)), Some((2, 2))]), seed)
}

#[test]
fn another_scale_is_refused() {
    // Trained with alpha 2, claimed with alpha 4: the update of B' is another.
    let honest = Case::random(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), &[Some((2, 2)), None]), 13);
    let claimed = Case::random(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), &[Some((2, 4)), None]), 13);
    let after = honest.after();
    assert_eq!((&honest.w0, &honest.base, &honest.x), (&claimed.w0, &claimed.base, &claimed.x));
    let network = Network::new(&claimed.spec).unwrap();
    let input = WindowInput { wk: Some(&after), ..claimed.input() };
    let error = Prover::executed(&claimed.spec, &network, &input, &[ETA], FIRST).map(|_| ()).unwrap_err();
    assert_eq!(error.code, "WITNESS_MISMATCH");
}

#[test]
fn rates_that_are_no_integers_are_refused() {
    let c = Case::random(with_adapters(spec(&[5, 4], &[], MeanSquaredError, 2, 1), &[Some((2, 1))]), 14);
    // 37 / 4 is no integer, 40 / 4 is.
    assert_eq!(c.executed(ETA).map(|_| ()).unwrap_err().code, "ETA_RANGE");
    holds(&c, 40);
}

#[test]
fn specifications_that_make_no_sense_are_refused() {
    let s = || spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1);
    let bad = [
        with_adapters(s(), &[None, None]),
        with_adapters(s(), &[Some((2, 2))]),
        with_adapters(s(), &[Some((5, 1)), None]),
        with_adapters(s(), &[Some((0, 1)), None]),
        with_adapters(s(), &[Some((1, 0)), None]),
        {
            let mut s = with_adapters(s(), &[Some((1, 1)), None]);
            s.lora.as_mut().unwrap().base_bits = 25;
            s
        },
        {
            let mut s = with_adapters(s(), &[Some((1, 1)), None]);
            s.lora.as_mut().unwrap().local = true;
            s
        },
        {
            let mut s = layer_local(4, 4, 2, 2, 1, 1);
            s.layers[0].bias = true;
            s
        },
    ];
    for s in bad {
        assert_eq!(s.check().unwrap_err().code, "SPEC_INVALID", "{}", s.to_json());
    }
    let c = network(15);
    let short = WindowInput { base: Base { weights: &c.base[1..], salt: &[0; 32] }, ..c.input() };
    let network = Network::new(&c.spec).unwrap();
    assert_eq!(Prover::executed(&c.spec, &network, &short, &[ETA], FIRST).map(|_| ()).unwrap_err().code, "INPUT_SHAPE");
}

#[test]
fn a_base_beyond_its_proven_range_is_refused() {
    use pot_sgd::executor::Executor;
    let mut s = with_adapters(spec(&[3, 2], &[], MeanSquaredError, 1, 1), &[Some((1, 1))]);
    s.lora.as_mut().unwrap().base_bits = 4;
    // 8 bits and a sign in limbs of 6: 2^11.
    let w = vec![0; s.weights()];
    for (v, ok) in [((1 << 11) - 1, true), (1 << 11, false), (-(1 << 11), false)] {
        let ex = Executor::on(&s, w.clone(), vec![v; s.base_weights()]);
        assert_eq!(ex.is_ok(), ok, "{v}");
        if let Ok(mut ex) = ex {
            assert_eq!(ex.step(&[63; 3], &[0, 0], 1, None).unwrap_err().code, "VALUE_RANGE");
        }
    }
}
