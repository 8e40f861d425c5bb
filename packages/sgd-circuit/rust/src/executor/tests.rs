use super::*;
use crate::spec::{Kind, Layer, Loss, Mode, Scales, MAX_ETA};

const DEFAULT: Scales = Scales { a: 8, d: 14, e: 14, b: 12, p: 12 };
const PRECISE: Scales = Scales { a: 10, d: 16, e: 16, b: 14, p: 14 };

/// Widths, whether hidden layers are ReLU, whether layers have a bias.
fn spec(widths: &[usize], loss: Loss, batch: usize, scales: Scales, relu: bool, bias: bool) -> SgdSpec {
    let last = if loss == Loss::SoftmaxCrossEntropy { Activation::Softmax } else { Activation::Linear };
    let n = widths.len() - 1;
    let hidden = if relu { Activation::Relu } else { Activation::Linear };
    let layer = |l: usize| Layer { inputs: widths[l], outputs: widths[l + 1], activation: if l + 1 == n { last } else { hidden }, bias };
    SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers: (0..n).map(layer).collect(),
        loss,
        batch,
        steps: 1,
        scales,
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

/// Numbers that look random (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// Uniform in `-limit..=limit`.
    fn signed(&mut self, limit: i64) -> i64 {
        (self.next() >> 1) as i64 % (limit + 1) * if self.next() >> 63 == 0 { 1 } else { -1 }
    }
    fn weights(&mut self, s: &SgdSpec, limit: i64) -> Vec<i64> {
        (0..s.weights()).map(|_| self.signed(limit)).collect()
    }
    fn batch(&mut self, s: &SgdSpec) -> (Vec<i32>, Vec<i32>) {
        let one = 1i64 << s.scales.a;
        let x = (0..s.batch * s.inputs()).map(|_| if self.next() % 3 == 0 { 0 } else { self.signed(one) as i32 }).collect();
        let mut y = vec![0; s.batch * s.outputs()];
        for row in y.chunks_mut(s.outputs()) {
            if s.softmax() {
                row[self.next() as usize % row.len()] = 1;
            } else {
                row.iter_mut().for_each(|v| *v = self.signed(one) as i32);
            }
        }
        (x, y)
    }
}

fn failure<T>(r: Result<T, PotError>) -> PotError {
    r.map(|_| ()).expect_err("refused")
}

#[test]
fn hand_computed_regression_step() {
    // One weight and a bias, one sample: w = 0.5, bias = 0.25, x = 2, y = 1, so z = 1.25, delta = 0.25.
    let s = spec(&[1, 1], Loss::MeanSquaredError, 1, DEFAULT, true, true);
    let (w, bias) = (1i64 << 35, 1i64 << 34);
    let mut ex = Executor::new(&s, vec![w, bias]).expect("in range");
    assert_eq!(ex.predict(&[512]).expect("in range"), vec![320]);
    // eta = 2^14 * 0.1, rounded.
    let report = ex.step(&[512], &[256], 1638, None).expect("in range");
    assert_eq!(report, StepReport { loss: 0.0625, correct: 0 });
    assert_eq!(ex.weights(), &[w - 1638 * 4096 * 512, bias - 1638 * 256 * 4096]);
}

#[test]
fn hand_computed_softmax_step() {
    // Two equal outputs: probabilities 1/2, delta = (2^13 - 2^14, 2^13).
    let s = spec(&[1, 2], Loss::SoftmaxCrossEntropy, 1, DEFAULT, true, false);
    let mut ex = Executor::new(&s, vec![0, 0]).expect("in range");
    let report = ex.step(&[256], &[1, 0], 100, None).expect("in range");
    assert!((report.loss - 2f64.ln()).abs() < 1e-12 && report.correct == 1);
    assert_eq!(ex.weights(), &[100 * 8192 * 256, -100 * 8192 * 256]);
}

#[test]
fn halves_round_up_and_relu_is_zero_at_zero() {
    // zraw = +-2^35 is half a unit: z = 1 and 0. The second unit's gradient is masked.
    let s = spec(&[1, 2, 1], Loss::MeanSquaredError, 1, DEFAULT, true, false);
    let one = 1i64 << 36;
    let mut ex = Executor::new(&s, vec![1 << 35, -(1 << 35), one, one]).expect("in range");
    let t = ex.step_traced(&[1], &[0], 1, None).expect("in range");
    assert_eq!((t.layers[0].z.clone(), t.layers[0].r.clone()), (vec![1, 0], vec![0, 0]));
    assert_eq!((t.layers[1].input.clone(), t.layers[0].delta.clone(), t.layers[1].g.clone()), (vec![1, 0], vec![64, 0], vec![64, 64]));
}

/// The definitions of docs/protocol/protocol.md in 128 bits, one number at a time.
fn check_trace(s: &SgdSpec, before: &[i64], after: &[i64], t: &StepTrace, x: &[i32], y: &[i32], eta: i64) {
    let (a, d, w) = (s.scales.a, s.scales.d, s.scales.w());
    let half = 1i128 << (w - 1);
    let mut at = 0;
    assert!(t.layers[0].input.iter().zip(x).all(|(h, x)| *h == i64::from(*x)));
    for (l, layer) in s.layers.iter().enumerate() {
        let (mi, mo, tr) = (layer.inputs, layer.outputs, &t.layers[l]);
        let bias = at + mi * mo;
        let kernel = |i: usize, j: usize| i128::from(before[at + i * mi + j]);
        for b in 0..s.batch {
            for i in 0..mo {
                let mut raw: i128 = (0..mi).map(|j| kernel(i, j) * i128::from(tr.input[b * mi + j])).sum();
                raw += if layer.bias { i128::from(before[bias + i]) << a } else { 0 };
                let (z, r) = (tr.z[b * mo + i], tr.r[b * mo + i]);
                assert!(r < 1 << w);
                assert_eq!(raw + half, (i128::from(z) << w) + i128::from(r));
                if let Some(next) = t.layers.get(l + 1) {
                    let relu = layer.activation == Activation::Relu;
                    assert_eq!(next.input[b * mo + i], if relu { z.max(0) } else { z });
                    assert_eq!(tr.delta[b * mo + i], if relu && z <= 0 { 0 } else { next.g[b * mo + i] });
                } else if t.softmax.is_none() {
                    assert_eq!(tr.delta[b * mo + i], (z - i64::from(y[b * mo + i])) << (d - a));
                }
            }
            for j in 0..if l > 0 { mi } else { 0 } {
                let raw: i128 = (0..mo).map(|i| kernel(i, j) * i128::from(tr.delta[b * mo + i])).sum();
                assert!(tr.rg[b * mi + j] < 1 << w);
                assert_eq!(raw + half, (i128::from(tr.g[b * mi + j]) << w) + i128::from(tr.rg[b * mi + j]));
            }
        }
        for i in 0..mo {
            let column = |b: usize| i128::from(tr.delta[b * mo + i]);
            for j in 0..mi {
                let g: i128 = (0..s.batch).map(|b| column(b) * i128::from(tr.input[b * mi + j])).sum();
                assert_eq!(i128::from(after[at + i * mi + j]), kernel(i, j) - i128::from(eta) * g);
            }
            if layer.bias {
                let g: i128 = (0..s.batch).map(column).sum();
                assert_eq!(i128::from(after[bias + i]), i128::from(before[bias + i]) - ((i128::from(eta) * g) << a));
            }
        }
        at = bias + if layer.bias { mo } else { 0 };
    }
    assert_eq!(at, before.len());
    assert!(t.layers[0].g.is_empty() && t.layers[0].rg.is_empty());
}

fn check_softmax(s: &SgdSpec, t: &StepTrace, y: &[i32]) {
    let (Some(sm), m) = (&t.softmax, s.outputs()) else { return };
    let (ehi, elo) = exp_tables(&s.scales);
    let top = &t.layers[s.layers.len() - 1];
    for b in 0..s.batch {
        let z = &top.z[b * m..][..m];
        assert_eq!((Some(&sm.max[b]), z.iter().position(|v| *v == sm.max[b])), (z.iter().max(), Some(sm.arg_max[b])));
        let mut sum = 0;
        for (i, z) in z.iter().enumerate() {
            let at = b * m + i;
            assert_eq!((sm.hi[at] << s.scales.exp_low_bits()) + sm.lo[at], (sm.max[b] - z) as u64);
            assert_eq!((sm.e_hi[at], sm.e_lo[at]), (u64::from(ehi[sm.hi[at] as usize]), u64::from(elo[sm.lo[at] as usize])));
            sum += sm.e_hi[at] * sm.e_lo[at];
        }
        assert_eq!(sum, sm.sum[b]);
        for at in b * m..(b + 1) * m {
            let e = u128::from(sm.e_hi[at] * sm.e_lo[at]);
            assert!(sm.rem[at] < 2 * sum);
            assert_eq!((e << (s.scales.d + 1)) + u128::from(sum), u128::from(sm.q[at]) * 2 * u128::from(sum) + u128::from(sm.rem[at]));
            assert_eq!(top.delta[at], sm.q[at] as i64 - (i64::from(y[at]) << s.scales.d));
        }
    }
}

#[test]
fn traces_and_updates_satisfy_the_protocols_equations() {
    use Loss::{MeanSquaredError as Mse, SoftmaxCrossEntropy as Ce};
    let mut n = Numbers(0x5eed);
    let cases = [
        (vec![3, 2], Ce, 4, DEFAULT, true, true),
        (vec![1, 1], Mse, 1, DEFAULT, true, false),
        (vec![7, 5, 3], Ce, 6, DEFAULT, true, false),
        (vec![9, 6, 5, 4], Mse, 3, PRECISE, false, true),
        (vec![20, 16, 8, 3], Ce, 8, PRECISE, true, true),
        (vec![5, 9, 2], Mse, 2, Scales { a: 6, d: 10, e: 8, b: 6, p: 6 }, true, true),
    ];
    for (widths, loss, batch, scales, relu, bias) in cases {
        let s = spec(&widths, loss, batch, scales, relu, bias);
        // Small weights for few bits of range, up to 1/4 of a unit otherwise.
        let limit = 1i64 << (scales.w() - if scales.b < 8 { 4 } else { 2 });
        let mut ex = Executor::new(&s, n.weights(&s, limit)).expect("in range");
        for _ in 0..3 {
            let (x, y) = n.batch(&s);
            let eta = 1 + n.next() as i64 % 300;
            let eta = eta.abs().max(1);
            let before = ex.weights().to_vec();
            let mut twin = Executor::new(&s, before.clone()).expect("in range");
            let t = ex.step_traced(&x, &y, eta, None).expect("in range");
            check_trace(&s, &before, ex.weights(), &t, &x, &y, eta);
            check_softmax(&s, &t, &y);
            twin.step(&x, &y, eta, None).expect("in range");
            assert_eq!(twin.weights(), ex.weights());
        }
    }
}

#[test]
fn wide_accumulators_give_the_same_integers() {
    // A weight near the limit: products beyond 63 bits, results in range, and the update in 128 bits.
    let s = spec(&[6, 4, 3], Loss::MeanSquaredError, 3, PRECISE, true, true);
    let mut n = Numbers(77);
    let mut w = n.weights(&s, 1 << 36);
    w[0] = (1 << 55) - (1 << 40);
    let mut ex = Executor::new(&s, w.clone()).expect("in range");
    let x: Vec<i32> = (0..18).map(|i| if i % 6 == 0 { 1023 } else { n.signed(1000) as i32 }).collect();
    let y: Vec<i32> = (0..9).map(|_| n.signed(1000) as i32).collect();
    assert!(!fits(max_abs(&w[..24]), max_row_sum(&x.iter().map(|v| i64::from(*v)).collect::<Vec<_>>(), 6), 0));
    let t = ex.step_traced(&x, &y, 1, None).expect("in range");
    check_trace(&s, &w, ex.weights(), &t, &x, &y, 1);
}

#[test]
fn refusals_are_typed_and_leave_the_weights_alone() {
    let s = spec(&[2, 2, 2], Loss::SoftmaxCrossEntropy, 1, DEFAULT, true, true);
    let (x, y) = ([100, 200], [0, 1]);
    let start = vec![1i64 << 34; s.weights()];
    let mut ex = Executor::new(&s, start.clone()).expect("in range");
    for (x, y, eta, code) in [
        (&x[..1], &y[..], 1, "INPUT_SHAPE"),
        (&x[..], &y[..1], 1, "INPUT_SHAPE"),
        (&x[..], &[1, 1][..], 1, "DATA_LABELS"),
        (&x[..], &[2, -1][..], 1, "DATA_LABELS"),
        (&x[..], &y[..], 0, "ETA_RANGE"),
        (&x[..], &y[..], MAX_ETA, "ETA_RANGE"),
        (&[i32::MAX, i32::MAX][..], &y[..], 1, "VALUE_RANGE"),
    ] {
        assert_eq!(failure(ex.step(x, y, eta, None)).code, code);
        assert_eq!(ex.weights(), start);
    }
    let e = failure(ex.step(&[i32::MAX, i32::MAX], &y, 1, None));
    assert_eq!((e.details["layer"].as_u64(), e.details["quantity"].as_str()), (Some(0), Some("pre-activation")));
    assert!(e.details["value"].as_f64() > e.details["limit"].as_f64());
    assert_eq!(failure(ex.predict(&[1, 2, 3])).code, "INPUT_SHAPE");
    assert_eq!(failure(Executor::new(&s, vec![0; 3])).code, "INPUT_SHAPE");
    let mut huge = start.clone();
    huge[1] = -(1 << 55);
    assert_eq!(failure(ex.set_weights(huge.clone())).code, "WEIGHT_RANGE");
    assert_eq!(failure(Executor::new(&s, huge.clone())).code, "WEIGHT_RANGE");
    huge[1] = i64::MIN;
    assert_eq!(failure(ex.set_weights(huge)).code, "WEIGHT_RANGE");
    assert_eq!(ex.weights(), start);
}

#[test]
fn ranges_end_where_the_protocol_says() {
    // One weight of 1.0: z = x. Output: -2^23 <= z < 2^23.
    let s = spec(&[1, 1], Loss::MeanSquaredError, 1, DEFAULT, true, false);
    let ex = Executor::new(&s, vec![1 << 36]).expect("in range");
    for (x, ok) in [(-(1 << 23), true), ((1 << 23) - 1, true), (1 << 23, false), (-(1 << 23) - 1, false)] {
        assert_eq!(ex.predict(&[x]).is_ok(), ok, "{x}");
    }
    // Hidden: -2^24 < z <= 2^24, the output's weight being 0.
    let s = spec(&[1, 1, 1], Loss::MeanSquaredError, 1, DEFAULT, false, false);
    let ex = Executor::new(&s, vec![1 << 36, 0]).expect("in range");
    for (x, ok) in [(1 - (1 << 24), true), (1 << 24, true), ((1 << 24) + 1, false), (-(1 << 24), false)] {
        assert_eq!(ex.predict(&[x]).is_ok(), ok, "{x}");
    }
    // A difference of outputs of 2^b * 2^(a-2) or more is beyond the table.
    let s = spec(&[1, 2], Loss::SoftmaxCrossEntropy, 1, DEFAULT, true, false);
    let mut ex = Executor::new(&s, vec![1 << 36, 0]).expect("in range");
    assert!(ex.step(&[(1 << 18) - 1], &[0, 1], 1, None).is_ok());
    ex.set_weights(vec![1 << 36, 0]).expect("in range");
    let e = failure(ex.step(&[1 << 18], &[0, 1], 1, None));
    assert_eq!((e.code, e.details["quantity"].as_str()), ("VALUE_RANGE", Some("difference of outputs")));
}

#[test]
fn a_step_beyond_the_weights_range_is_refused_whole() {
    let s = spec(&[2, 1], Loss::MeanSquaredError, 1, DEFAULT, true, false);
    let start = vec![(1 << 55) - 1, 0];
    let mut ex = Executor::new(&s, start.clone()).expect("in range");
    // The first sample's input does not touch the weight at the limit, the second's raises it.
    ex.step(&[0, 1], &[1], 5, None).expect("in range");
    let mut ex = Executor::new(&s, start.clone()).expect("in range");
    let e = failure(ex.step(&[1, -4], &[1 << 22], 1, None));
    assert_eq!((e.code, e.details["index"].as_u64()), ("WEIGHT_RANGE", Some(0)));
    assert_eq!(ex.weights(), start);
}
