//! Honest windows of adapters satisfy the circuit; the lies that the issue names do not.

use crate::common::{layer_local, mock, spec, with_adapters, Case, ETA, FIRST};
use pot_sgd::prover::{Base, Prover, WindowInput};
use pot_sgd::spec::{Activation::*, Loss::*, Mode, SgdSpec};
use pot_sgd::witness::Witness;

fn holds(spec: SgdSpec, seed: u64) -> Case {
    let c = Case::random(spec, seed);
    mock(c.witness(), ETA).unwrap();
    c
}

#[test]
fn one_layer() {
    holds(with_adapters(spec(&[5, 3], &[], MeanSquaredError, 2, 1), &[Some((1, 1))]), 1);
}

#[test]
fn every_layer_in_a_window() {
    let s = spec(&[6, 5, 4, 3], &[Relu, Linear], SoftmaxCrossEntropy, 3, 3);
    holds(with_adapters(s, &[Some((2, 4)), Some((3, 3)), Some((1, 2))]), 2);
}

#[test]
fn some_layers() {
    for (seed, adapters) in [[None, Some((3, 6)), None], [Some((5, 5)), None, None], [None, None, Some((2, 2))]].iter().enumerate() {
        let mut s = spec(&[7, 6, 5, 3], &[Relu, Relu], SoftmaxCrossEntropy, 2, 2);
        s.layers[1].bias = false;
        holds(with_adapters(s, adapters), 3 + seed as u64);
    }
}

#[test]
fn regression_with_offsets() {
    let mut s = spec(&[4, 6, 2], &[Linear], MeanSquaredError, 2, 2);
    (s.x_offset, s.y_offset) = (32, 32);
    holds(with_adapters(s, &[Some((4, 4)), Some((2, 4))]), 7);
}

#[test]
fn given_input_and_gradient() {
    holds(layer_local(5, 9, 3, 3, 3, 1), 8);
    let mut s = layer_local(8, 3, 2, 8, 2, 3);
    s.x_offset = 32;
    holds(s, 9);
}

#[test]
fn steps_within_a_tolerance() {
    let mut s = with_adapters(spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1), &[Some((2, 2)), Some((1, 1))]);
    (s.mode, s.tolerance_limbs) = (Mode::Tolerance, 2);
    let c = Case::random(s, 10);
    let (w, _) = crate::common::tolerance_witness(&c);
    mock(w(), ETA).unwrap();
}

/// The honest witness of a window, changed before it is laid out.
fn lie(c: &Case, change: impl FnOnce(&mut Witness)) -> bool {
    let mut w = c.witness();
    change(&mut w);
    mock(w, ETA).is_ok()
}

fn network(seed: u64) -> Case {
    holds(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), &[Some((2, 4)), Some((2, 2))]), seed)
}

#[test]
fn a_base_changed_by_one_unit_is_refused() {
    let c = network(11);
    for at in [0, 7, c.base.len() - 1] {
        assert!(!lie(&c, |w| w.base[at] += 1), "base weight {at}");
    }
}

#[test]
fn a_skipped_update_is_refused() {
    let c = network(12);
    assert!(!lie(&c, |w| w.wk = w.w0.clone()));
    // Of one matrix: A of the first layer is the first 10 weights, B' the 8 after it.
    for range in [0..10, 10..18] {
        assert!(!lie(&c, |w| w.wk[range.clone()].copy_from_slice(&w.w0[range])));
    }
}

#[test]
fn another_scale_is_refused() {
    // Trained with alpha 2, claimed with alpha 4: the update of B' is another.
    let honest = Case::random(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), &[Some((2, 2)), None]), 13);
    let claimed = Case::random(with_adapters(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), &[Some((2, 4)), None]), 13);
    let after = Prover::witness(&honest.spec, &honest.input(), ETA, FIRST).unwrap().0.wk;
    assert_eq!((&honest.w0, &honest.base, &honest.x), (&claimed.w0, &claimed.base, &claimed.x));
    let error = Prover::witness(&claimed.spec, &WindowInput { wk: Some(&after), ..claimed.input() }, ETA, FIRST).map(|_| ()).unwrap_err();
    assert_eq!(error.code, "WITNESS_MISMATCH");
    assert!(!lie(&claimed, |w| w.wk = after));
}

#[test]
fn rates_that_are_no_integers_are_refused() {
    let c = Case::random(with_adapters(spec(&[5, 4], &[], MeanSquaredError, 2, 1), &[Some((2, 1))]), 14);
    // 37 / 4 is no integer, 40 / 4 is.
    assert_eq!(Prover::witness(&c.spec, &c.input(), ETA, FIRST).map(|_| ()).unwrap_err().code, "ETA_RANGE");
    let (mut w, _) = Prover::witness(&c.spec, &c.input(), 40, FIRST).unwrap();
    w.salts.truncate(30);
    mock(w, 40).unwrap();
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
    assert_eq!(Prover::witness(&c.spec, &short, ETA, FIRST).map(|_| ()).unwrap_err().code, "INPUT_SHAPE");
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
