//! Networks and adapters trained with momentum, AdamW and weight decay: honest windows satisfy the circuit, and do what the books say.

use crate::common::{holds, layer_local, spec, with_adapters, with_optimizer, Case, ETA};
use pot_sgd::executor::Executor;
use pot_sgd::optimizer::Optimizer;
use pot_sgd::spec::{Activation::*, Loss::*, Scales, SgdSpec};

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

/// Nesterov's momentum, and RMSProp with one and without.
const FURTHER: [Optimizer; 3] = [
    Optimizer::Nesterov { momentum: 57, decay: 0 },
    Optimizer::RmsProp { rho: 57, momentum: 0, epsilon: 1 << 20, decay: 0 },
    Optimizer::RmsProp { rho: 62, momentum: 50, epsilon: 1 << 30, decay: 3 },
];

#[test]
fn further_rules_of_adapters_and_networks() {
    for (i, o) in FURTHER.into_iter().enumerate() {
        let s = || spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1 + i % 2);
        for s in [s(), with_adapters(s(), &[Some((2, 4)), Some((2, 2))])] {
            holds(&Case::in_range(with_optimizer(s, o), 50 + i as u64, ETA), ETA);
        }
    }
}

#[test]
fn each_step_at_a_rate_of_its_own() {
    let rules = [None, Some(DECAY), Some(MOMENTUM), Some(ADAM), Some(FURTHER[2])];
    for (i, o) in rules.into_iter().enumerate() {
        for steps in [1, 3] {
            let s = SgdSpec { optimizer: o, rates_per_step: true, ..spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, steps) };
            holds(&Case::in_range(s, 60 + i as u64, ETA), ETA);
        }
    }
    let s = with_adapters(spec(&[4, 3], &[], SoftmaxCrossEntropy, 2, 3), &[Some((2, 2))]);
    holds(&Case::in_range(SgdSpec { rates_per_step: true, ..s }, 70, ETA), ETA);
}

#[test]
fn windows_of_whole_networks() {
    for (i, o) in ALL.into_iter().enumerate() {
        let s = spec(&[5, 4, 3], &[[Relu, Linear][i % 2]], [SoftmaxCrossEntropy, MeanSquaredError][i % 2], 2, 1 + i % 3);
        holds(&Case::in_range(with_optimizer(s, o), 30 + i as u64, ETA), ETA);
    }
}

/// One hidden layer of ReLUs under the squared error in doubles, and the optimiser's rule as its authors wrote it.
struct Float {
    /// Inputs, units, outputs.
    sizes: [usize; 3],
    w: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Float {
    /// Of the sum over samples and outputs of `(z - y)^2 / 2`.
    fn gradient(&self, x: &[f64], y: &[f64]) -> Vec<f64> {
        let [n, h, m] = self.sizes;
        let mut g = vec![0.0; self.w.len()];
        let (b1, k2) = (h * n, h * n + h);
        let b2 = k2 + m * h;
        for (x, y) in x.chunks(n).zip(y.chunks(m)) {
            let units: Vec<f64> = (0..h).map(|i| (0..n).map(|j| self.w[i * n + j] * x[j]).sum::<f64>() + self.w[b1 + i]).collect();
            let up = |i: usize| units[i].max(0.0);
            let delta: Vec<f64> = (0..m).map(|o| (0..h).map(|i| self.w[k2 + o * h + i] * up(i)).sum::<f64>() + self.w[b2 + o] - y[o]).collect();
            for (o, d) in delta.iter().enumerate() {
                (0..h).for_each(|i| g[k2 + o * h + i] += d * up(i));
                g[b2 + o] += d;
            }
            for i in (0..h).filter(|i| units[*i] > 0.0) {
                let d: f64 = (0..m).map(|o| delta[o] * self.w[k2 + o * h + i]).sum();
                (0..n).for_each(|j| g[i * n + j] += d * x[j]);
                g[b1 + i] += d;
            }
        }
        g
    }

    fn step(&mut self, o: Optimizer, g: &[f64], (rate, t): (f64, i32), s: &Scales) {
        let factor = |v: u64| v as f64 / f64::from(s.b).exp2();
        let decay = o.decay() as f64 / f64::from(2 * s.b).exp2();
        let [n, h, m] = self.sizes;
        let is_bias = |i: usize| (h * n..h * n + h).contains(&i) || i >= h * n + h + m * h;
        for (i, g) in g.iter().enumerate() {
            // Of a moment: epsilon is in units of its last place, and a gradient of a bias has fewer bits.
            let bits = if is_bias(i) { s.d } else { s.a + s.d }.max(24);
            let direction = match o {
                Optimizer::Sgd { .. } => *g,
                Optimizer::Momentum { momentum, .. } => {
                    self.first[i] = factor(momentum) * self.first[i] + g;
                    self.first[i]
                }
                Optimizer::Adam { beta1, beta2, epsilon, .. } => {
                    let (beta1, beta2) = (factor(beta1), factor(beta2));
                    self.first[i] = beta1 * self.first[i] + (1.0 - beta1) * g;
                    self.second[i] = beta2 * self.second[i] + (1.0 - beta2) * g * g;
                    let corrected = (1.0 - beta2.powi(t)).sqrt() / (1.0 - beta1.powi(t));
                    corrected * self.first[i] / (self.second[i].sqrt() + epsilon as f64 / f64::from(bits).exp2())
                }
                Optimizer::Nesterov { momentum, .. } => {
                    self.first[i] = factor(momentum) * self.first[i] + g;
                    g + factor(momentum) * self.first[i]
                }
                Optimizer::RmsProp { rho, momentum, epsilon, .. } => {
                    self.second[i] = factor(rho) * self.second[i] + (1.0 - factor(rho)) * g * g;
                    let u = g / (self.second[i] + epsilon as f64 / f64::from(2 * bits).exp2()).sqrt();
                    self.first[i] = factor(momentum) * self.first[i] + u;
                    self.first[i]
                }
            };
            self.w[i] -= rate * direction + decay * self.w[i];
        }
    }
}

/// The integers of many bits follow the doubles: every weight to a fiftieth of how far the weights move, or, where small gradients are
/// divided by small ones, to a twentieth.
#[test]
fn a_network_moves_as_the_rules_say() {
    const SIZES: [usize; 3] = [4, 6, 2];
    let scales = Scales { a: 11, d: 15, e: 16, b: 14, p: 14 };
    let adam = Optimizer::Adam { beta1: 14746, beta2: 16220, epsilon: 6711, decay: 100_000 };
    let rules = [Optimizer::Sgd { decay: 268_435 }, Optimizer::Momentum { momentum: 14746, decay: 0 }, adam];
    let nesterov = Optimizer::Nesterov { momentum: 14746, decay: 0 };
    let rms = |momentum| Optimizer::RmsProp { rho: 14746, momentum, epsilon: 1 << 46, decay: 0 };
    let further = [(nesterov, 320, 320.0 / 65536.0), (rms(0), 1 << 17, 1.0 / 512.0), (rms(8192), 1 << 16, 1.0 / 1024.0)];
    for (o, eta, rate) in
        further.into_iter().chain([(rules[0], 800, 800.0 / 65536.0), (rules[1], 320, 320.0 / 65536.0), (rules[2], 1 << 17, 1.0 / 512.0)])
    {
        let mut s = spec(&SIZES, &[Relu], MeanSquaredError, 3, 1);
        (s.scales, s.x_offset) = (scales, 1 << 13);
        let s = with_optimizer(s, o);
        let mut state = 0x9e37_79b9u64;
        let mut next = |limit: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as i64 % (2 * limit) - limit
        };
        let unit = f64::from(scales.w()).exp2();
        let start: Vec<i64> = (0..s.weights()).map(|_| next(1 << 30) << 11).collect();
        let mut float = Float {
            sizes: SIZES,
            w: start.iter().map(|v| *v as f64 / unit).collect(),
            first: vec![0.0; s.weights()],
            second: vec![0.0; s.weights()],
        };
        let mut all = start.clone();
        all.resize(s.checkpoint(), 0);
        let mut executor = Executor::new(&s, all).expect("in range");
        for t in 0..12 {
            let (x, y): (Vec<i32>, Vec<i32>) =
                ((0..12).map(|_| next(1 << 10) as i32).collect(), (0..6).map(|_| next(1 << 10).abs() as i32).collect());
            let real = |v: &[i32]| v.iter().map(|v| f64::from(*v) / f64::from(1 << scales.a)).collect::<Vec<_>>();
            let g = float.gradient(&real(&x), &real(&y));
            float.step(o, &g, (rate, t + 1), &scales);
            executor.step(&x, &y, eta, Some(t as u64)).expect("in range");
        }
        let after = executor.weights();
        let moved = float.w.iter().zip(&start).map(|(w, s)| (w - *s as f64 / unit).abs()).fold(0.0, f64::max);
        assert!(moved > 1e-3, "{o:?}: {moved}");
        for (i, (found, wanted)) in after.iter().zip(&float.w).enumerate() {
            let found = *found as f64 / unit;
            assert!((found - wanted).abs() < moved / if s.scheduled() { 20.0 } else { 50.0 }, "{o:?}, weight {i}: {found} for {wanted}, of {moved}");
        }
    }
}
