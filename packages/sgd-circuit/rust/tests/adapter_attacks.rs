//! Consistent cheats with adapters: a lie, everything after it computed from the lie. The circuit must refuse each.
//!
//! Two kinds of cheat. `forge` is a trainer of its own with a lie in it: all that follows is arithmetic. `Mirror` writes
//! any cells of phase 1 and 2 and recomputes what the gates demand of the rest (look-up sums, accumulators, column S), so
//! that the equations between evaluations alone stand against the lie.

// Matrix code reads better with indices, which several arrays share.
#![allow(clippy::needless_range_loop)]

use crate::common::held::{Held, Verdict};
use crate::common::mirror::{self, Points};
use crate::common::{layer_local, spec, with_adapters, Case, ETA, FIRST};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem};
use pot_mock::MockProver;
use pot_sgd::circuit::{Params, Tamper, WindowCircuit};
use pot_sgd::config::WindowConfig;
use pot_sgd::executor::{exp_tables, Executor};
use pot_sgd::genesis::{GenesisCircuit, GenesisWitness};
use pot_sgd::layout::{s_head, Layout, Matrix, Run, Slot, HIDDEN_ACCS, RESERVED_ROWS};
use pot_sgd::offsets::{base_offset, weight_offset};
use pot_sgd::prover::Prover;
use pot_sgd::scalars::{program, Acc, Exports, Program};
use pot_sgd::spec::{genesis_limbs, Activation::*, Adapter, Kind, Lora, Loss::*, Mode, Part, SgdSpec, Shape};
use pot_sgd::statement::{base_description, base_digest, base_layout, data_layout, weight_description, weight_layout, weights_digest, Public};
use pot_sgd::trace::{AdapterTrace, LayerTrace, SoftmaxTrace, StepTrace};
use pot_sgd::witness::{powers, signed, Salts, Witness};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

/// The layer that a lie is about comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    Nothing,
    /// A rounding of h1 or g1 one up or down, its remainder moved by half the modulus along with it, or alone.
    H1(usize, i64),
    H1Shifted(usize),
    H1Remainder(usize),
    G1(usize, i64),
    G1Shifted(usize),
    G1Remainder(usize),
    /// The same of the layer's own z and g.
    Z(usize, i64),
    ZShifted(usize),
    G(usize, i64),
    /// Forward without the adapter, without the base, with the adapter's factor once more, on another sample's input.
    NoAdapter(usize),
    NoBase(usize),
    TwiceScaled(usize),
    OtherInput(usize),
    /// B' takes another sample's h1.
    OtherH1(usize),
    /// The two layers' kernels exchanged; the base without its factor 2^k; a base that moves in step 2.
    SwappedKernels(usize, usize),
    UnscaledBase,
    UnscaledBias(usize),
    BaseMoves,
    /// Step 2 with A or B' of the window's beginning, forward or backward.
    StaleA(usize),
    StaleB(usize),
    StaleBackA(usize),
    StaleBackB(usize),
    /// The gradient does not take the adapter's path, or not the base's; or takes the weights after the step.
    SkipAdapterPath(usize),
    SkipBasePath(usize),
    BackB(usize),
    /// g1 of the other sample; a delta dropped; the ReLU's mask forgotten.
    SwappedG1(usize),
    DropDelta(usize),
    Unmasked,
    /// Rates: eta + 1 for A, etaB + 1 for B', eta for B', etaB for A, the wrong sign.
    RateA(usize),
    RateB(usize),
    UnscaledB(usize),
    ScaledA(usize),
    AscentA(usize),
    AscentB(usize),
    /// Updates left out.
    SkipA(usize),
    SkipB(usize),
    SkipEntry,
    SkipLastStep,
    Unchanged,
    /// Step 2's update from step 1's samples; step 2 repeats the change of step 1; A is updated with the layer's delta of
    /// another sample's; B' is updated with h1 from A after its own update.
    OtherBatch(usize),
    FirstTwice,
    OtherSample(usize),
    Sequential(usize),
    /// Layer-local: trained on another gradient than the committed one.
    OtherGiven,
}
use Lie::*;

fn round(raw: i128, w: u32) -> (i64, u64) {
    let t = raw + (1i128 << (w - 1));
    ((t >> w) as i64, (t & ((1i128 << w) - 1)) as u64)
}

/// `out[sample][i] = sum_j m[i][j] x[sample][j]`.
fn product(m: &[i64], x: &[i64], columns: usize) -> Vec<i128> {
    let dot = |row: &[i64], x: &[i64]| row.iter().zip(x).map(|(w, x)| i128::from(*w) * i128::from(*x)).sum();
    x.chunks(columns).flat_map(|x| m.chunks(columns).map(move |row| dot(row, x)).collect::<Vec<_>>()).collect()
}

/// `out[sample][j] = sum_i m[i][j] x[sample][i]`.
fn transposed(m: &[i64], x: &[i64], columns: usize) -> Vec<i128> {
    let rows = m.len() / columns;
    let at = |x: &[i64], j: usize| (0..rows).map(|i| i128::from(m[i * columns + j]) * i128::from(x[i])).sum();
    x.chunks(rows).flat_map(|x| (0..columns).map(|j| at(x, j)).collect::<Vec<_>>()).collect()
}

/// Adds to the first entry.
fn bend(z: &mut [i64], r: &mut [u64], w: u32, by: Option<i64>, shifted: bool, remainder: bool) {
    z[0] += by.unwrap_or(0) + i64::from(shifted);
    if shifted {
        r[0] ^= 1 << (w - 1);
    }
    if remainder {
        r[0] ^= 1;
    }
}

fn starts(sizes: impl Iterator<Item = usize>) -> Vec<usize> {
    sizes.scan(0, |at, n| Some(std::mem::replace(at, *at + n))).collect()
}

/// Places of the matrices among the flat weights.
struct Places {
    kernels: Vec<usize>,
    adapters: Vec<usize>,
}

impl Places {
    fn new(s: &SgdSpec) -> Self {
        let rank = |l: usize| s.adapter(l).map_or(0, |a| a.rank);
        Self {
            kernels: starts(s.layers.iter().map(|l| l.outputs * (l.inputs + usize::from(l.bias)))),
            adapters: starts((0..s.layers.len()).map(|l| rank(l) * (s.layers[l].inputs + s.layers[l].outputs))),
        }
    }
    fn a<'a>(&self, s: &SgdSpec, w: &'a [i64], l: usize) -> &'a [i64] {
        let rank = s.adapter(l).unwrap().rank;
        &w[self.adapters[l]..][..rank * s.layers[l].inputs]
    }
    fn b<'a>(&self, s: &SgdSpec, w: &'a [i64], l: usize) -> &'a [i64] {
        let rank = s.adapter(l).unwrap().rank;
        &w[self.adapters[l] + rank * s.layers[l].inputs..][..rank * s.layers[l].outputs]
    }
}

fn softmax_gradient(s: &SgdSpec, z: &[i64], y: &[i32]) -> (Vec<i64>, SoftmaxTrace) {
    let (tables, low, m) = (exp_tables(&s.scales), s.scales.exp_low_bits(), s.outputs());
    let (mut sm, mut delta) = (SoftmaxTrace::default(), vec![]);
    for (z, y) in z.chunks(m).zip(y.chunks(m)) {
        let max = *z.iter().max().unwrap();
        sm.max.push(max);
        sm.arg_max.push(z.iter().position(|v| *v == max).unwrap());
        let mut exps = vec![];
        for z in z {
            let t = (max - z) as u64;
            let (hi, lo) = (t >> low, t & ((1 << low) - 1));
            let (eh, el) = (u64::from(tables.0[hi as usize]), u64::from(tables.1[lo as usize]));
            exps.push(eh * el);
            sm.hi.push(hi);
            sm.lo.push(lo);
            sm.e_hi.push(eh);
            sm.e_lo.push(el);
        }
        let sum: u64 = exps.iter().sum();
        sm.sum.push(sum);
        for (e, y) in exps.iter().zip(y) {
            let num = (u128::from(*e) << (s.scales.d + 1)) + u128::from(sum);
            let q = (num / (2 * u128::from(sum))) as i64;
            sm.q.push(q as u64);
            sm.rem.push((num - q as u128 * 2 * u128::from(sum)) as u64);
            delta.push(q - (i64::from(*y) << s.scales.d));
        }
    }
    (delta, sm)
}

/// A trainer of its own, with a lie in it.
fn forge(c: &Case, lie: Lie) -> Witness {
    let s = &c.spec;
    let (w, n, bs) = (s.scales.w(), s.layers.len(), s.batch);
    let shift = s.base_bits().map_or(0, |bits| w - bits);
    let at = Places::new(s);
    let by = |l: usize, this: fn(usize, i64) -> Lie| [-2, -1, 1, 2].into_iter().find(|v| this(l, *v) == lie);
    let mut cur = c.w0.clone();
    let mut traces: Vec<StepTrace> = vec![];
    let mut first: Option<Vec<i64>> = None;
    for t in 0..s.steps {
        let mut h: Vec<i64> = c.x[t * bs * s.inputs()..][..bs * s.inputs()].iter().map(|v| i64::from(*v)).collect();
        let y = &c.y[t * bs * s.outputs()..][..bs * s.outputs()];
        let mut base = c.base.clone();
        match lie {
            SwappedKernels(p, q) => {
                let n = s.layers[p].inputs * s.layers[p].outputs;
                assert_eq!((s.layers[p].inputs, s.layers[p].outputs), (s.layers[q].inputs, s.layers[q].outputs));
                (0..n).for_each(|i| base.swap(at.kernels[p] + i, at.kernels[q] + i));
            }
            BaseMoves if t == 1 => base.iter_mut().for_each(|v| *v += 1),
            _ => {}
        }
        let kernel = |l: usize| &base[at.kernels[l]..][..s.layers[l].outputs * s.layers[l].inputs];
        let used = cur.clone();
        let old = |l: usize, this: fn(usize) -> Lie| if t == 1 && this(l) == lie { &c.w0 } else { &used };
        let shift = if lie == UnscaledBase { 0 } else { shift };
        let mut layers: Vec<LayerTrace> = vec![];
        for l in 0..n {
            let (mi, mo) = (s.layers[l].inputs, s.layers[l].outputs);
            let mut tr = LayerTrace { input: h.clone(), ..Default::default() };
            let mut raw = vec![];
            if !s.local() {
                raw = product(kernel(l), &h, mi);
                if lie == NoBase(l) {
                    raw.fill(0);
                }
                if s.layers[l].bias {
                    let bias = &base[at.kernels[l] + mo * mi..][..mo];
                    let a = if lie == UnscaledBias(l) { 0 } else { s.scales.a };
                    raw.iter_mut().enumerate().for_each(|(i, v)| *v += i128::from(bias[i % mo]) << a);
                }
                raw.iter_mut().for_each(|v| *v <<= shift);
            }
            if let Some(ad) = s.adapter(l) {
                let mut input = h.clone();
                if lie == OtherInput(l) {
                    input.rotate_left(mi);
                }
                let (mut z1, mut r1): (Vec<_>, Vec<_>) = product(at.a(s, old(l, StaleA), l), &input, mi).into_iter().map(|v| round(v, w)).unzip();
                if t == 0 {
                    bend(&mut z1, &mut r1, w, by(l, H1), lie == H1Shifted(l), lie == H1Remainder(l));
                }
                let mut seen = z1.clone();
                if lie == OtherH1(l) {
                    seen.rotate_left(ad.rank);
                }
                let mut through = product(at.b(s, old(l, StaleB), l), &seen, ad.rank);
                if lie == TwiceScaled(l) {
                    through.iter_mut().for_each(|v| *v = *v * ad.alpha as i128 / ad.rank as i128);
                }
                if lie != NoAdapter(l) {
                    raw.iter_mut().zip(through).for_each(|(v, p)| *v += p);
                }
                tr.adapter = Some(AdapterTrace { z: z1, r: r1, ..Default::default() });
            }
            (tr.z, tr.r) = raw.into_iter().map(|v| round(v, w)).unzip();
            if t == 0 && !s.local() {
                bend(&mut tr.z, &mut tr.r, w, by(l, Z), lie == ZShifted(l), false);
            }
            h = tr.z.iter().map(|z| if s.layers[l].activation == Relu { (*z).max(0) } else { *z }).collect();
            layers.push(tr);
        }
        let z = &layers[n - 1].z;
        let mut softmax = None;
        let mut delta: Vec<i64> = if s.local() {
            let mut given: Vec<i64> = y.iter().map(|v| i64::from(*v)).collect();
            given[0] += i64::from(lie == OtherGiven && t == 0);
            given
        } else if s.softmax() {
            let (delta, sm) = softmax_gradient(s, z, y);
            softmax = Some(sm);
            delta
        } else {
            z.iter().zip(y).map(|(z, y)| (z - i64::from(*y)) << (s.scales.d - s.scales.a)).collect()
        };
        for l in (0..n).rev() {
            let (mi, mo) = (s.layers[l].inputs, s.layers[l].outputs);
            if lie == DropDelta(l) && t == 0 {
                if let Some(v) = delta.iter_mut().find(|v| **v != 0) {
                    *v = 0;
                }
            }
            layers[l].delta = delta.clone();
            if let Some(ad) = s.adapter(l) {
                let mut with = at.b(s, old(l, StaleBackB), l).to_vec();
                if lie == BackB(l) {
                    let h1 = &layers[l].adapter.as_ref().unwrap().z;
                    let rate = ad.eta(ETA).unwrap();
                    for (i, v) in with.iter_mut().enumerate() {
                        *v -= rate * (0..bs).map(|b| delta[b * mo + i / ad.rank] * h1[b * ad.rank + i % ad.rank]).sum::<i64>();
                    }
                }
                let (mut g1, mut rg1): (Vec<_>, Vec<_>) = transposed(&with, &delta, ad.rank).into_iter().map(|v| round(v, w)).unzip();
                if lie == SwappedG1(l) {
                    g1.rotate_left(ad.rank);
                    rg1.rotate_left(ad.rank);
                }
                if t == 0 {
                    bend(&mut g1, &mut rg1, w, by(l, G1), lie == G1Shifted(l), lie == G1Remainder(l));
                }
                let adapter = layers[l].adapter.as_mut().unwrap();
                (adapter.g, adapter.rg) = (g1, rg1);
            }
            if l == s.lowest() {
                break;
            }
            let mut raw = transposed(kernel(l), &delta, mi);
            raw.iter_mut().for_each(|v| *v = if lie == SkipBasePath(l) { 0 } else { *v << shift });
            if let Some(adapter) = layers[l].adapter.as_ref().filter(|_| lie != SkipAdapterPath(l)) {
                let through = transposed(at.a(s, old(l, StaleBackA), l), &adapter.g, mi);
                raw.iter_mut().zip(through).for_each(|(v, p)| *v += p);
            }
            let (mut g, mut rg): (Vec<_>, Vec<_>) = raw.into_iter().map(|v| round(v, w)).unzip();
            if t == 0 {
                bend(&mut g, &mut rg, w, by(l, G), false, false);
            }
            let relu = s.layers[l - 1].activation == Relu && lie != Unmasked;
            delta = g.iter().zip(&layers[l - 1].z).map(|(g, z)| if relu && *z <= 0 { 0 } else { *g }).collect();
            (layers[l].g, layers[l].rg) = (g, rg);
        }
        let mut next = cur.clone();
        for l in 0..n {
            let Some(ad) = s.adapter(l) else { continue };
            let (mi, mo) = (s.layers[l].inputs, s.layers[l].outputs);
            let now = if lie == OtherBatch(l) && t == 1 { &traces[0].layers[l] } else { &layers[l] };
            let unit = now.adapter.as_ref().unwrap();
            let (mut input, delta, mut h1) = (now.input.clone(), &now.delta, unit.z.clone());
            if lie == OtherSample(l) {
                input.rotate_left(mi);
            }
            let eta_b = ad.eta(ETA).unwrap();
            let rate_a = match lie {
                RateA(k) if k == l => ETA + 1,
                ScaledA(k) if k == l => eta_b,
                AscentA(k) if k == l => -ETA,
                SkipA(k) if k == l => 0,
                _ => ETA,
            };
            let rate_b = match lie {
                RateB(k) if k == l => eta_b + 1,
                UnscaledB(k) if k == l => ETA,
                AscentB(k) if k == l => -eta_b,
                SkipB(k) if k == l => 0,
                _ => eta_b,
            };
            let (a0, b0) = (at.adapters[l], at.adapters[l] + ad.rank * mi);
            for i in 0..ad.rank {
                for j in 0..mi {
                    next[a0 + i * mi + j] -= rate_a * (0..bs).map(|b| unit.g[b * ad.rank + i] * input[b * mi + j]).sum::<i64>();
                }
            }
            if lie == Sequential(l) {
                h1 = product(&next[a0..b0], &input, mi).into_iter().map(|v| round(v, w).0).collect();
            }
            for i in 0..mo {
                for j in 0..ad.rank {
                    next[b0 + i * ad.rank + j] -= rate_b * (0..bs).map(|b| delta[b * mo + i] * h1[b * ad.rank + j]).sum::<i64>();
                }
            }
        }
        let change: Vec<i64> = next.iter().zip(&cur).map(|(a, b)| a - b).collect();
        if lie == FirstTwice && t == 1 {
            next = cur.iter().zip(first.as_ref().unwrap()).map(|(a, b)| a + b).collect();
        }
        if lie == SkipEntry && t == 0 {
            let i = change.iter().position(|v| *v != 0).expect("something moves");
            next[i] = cur[i];
        }
        first.get_or_insert(change);
        if !(lie == SkipLastStep && t + 1 == s.steps) {
            cur = next;
        }
        traces.push(StepTrace { layers, softmax, update: None });
    }
    if lie == Unchanged {
        cur = c.w0.clone();
    }
    let params = Arc::new((s.clone(), Layout::new(s).unwrap()));
    Witness::new(params, c.w0.clone(), cur, c.base.clone(), None, traces, &c.y, ETA, Salts::default())
}

/// Each lie, in the first of some random windows where it changes anything.
fn refused(s: SgdSpec, seed: u64, lies: &[Lie]) {
    let (mut accepted, mut left) = (vec![], lies.to_vec());
    for seed in (seed..).step_by(1000).take(12) {
        let c = Case::random(s.clone(), seed);
        let Ok((executor, _)) = Prover::witness(&c.spec, &c.input(), ETA, FIRST) else { continue };
        let honest = forge(&c, Nothing);
        assert_eq!((&honest.wk, &honest.traces), (&executor.wk, &executor.traces), "this trainer is the executor");
        let mut held = Held::new(forge(&c, Nothing), ETA);
        left.retain(|lie| {
            let w = forge(&c, *lie);
            let idle = w.wk == honest.wk && w.traces == honest.traces;
            if !idle && held.witness(&w) == Verdict::Accepted {
                accepted.push(*lie);
            }
            idle
        });
        if left.is_empty() {
            break;
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
    assert!(left.is_empty(), "these change nothing: {left:?}");
}

/// Layer 1 and 2 of the same shape, an adapter on both, and none or one on those around.
fn deep(loss: pot_sgd::spec::Loss, first: bool, last: bool) -> SgdSpec {
    let s = spec(&[4, 5, 5, 5, 3], &[Relu, Linear, Relu], loss, 2, 2);
    with_adapters(s, &[first.then_some((2, 4)), Some((2, 4)), Some((3, 6)), last.then_some((2, 6))])
}

fn forward(l: usize) -> Vec<Lie> {
    let mut lies = vec![H1(l, 1), H1(l, -1), H1Shifted(l), H1Remainder(l), Z(l, 1), Z(l, -1), ZShifted(l), NoAdapter(l), NoBase(l)];
    lies.extend([TwiceScaled(l), OtherInput(l), OtherH1(l), StaleA(l), StaleB(l), UnscaledBias(l)]);
    lies
}

fn backward(l: usize) -> Vec<Lie> {
    vec![G1(l, 1), G1(l, -1), G1Shifted(l), G1Remainder(l), StaleBackB(l), BackB(l), SwappedG1(l), DropDelta(l)]
}

fn path(l: usize) -> Vec<Lie> {
    vec![G(l, 1), G(l, -1), SkipAdapterPath(l), SkipBasePath(l), StaleBackA(l)]
}

fn update(l: usize) -> Vec<Lie> {
    let mut lies = vec![RateA(l), RateB(l), UnscaledB(l), ScaledA(l), AscentA(l), AscentB(l), SkipA(l), SkipB(l)];
    lies.extend([OtherBatch(l), OtherSample(l), Sequential(l)]);
    lies
}

const WHOLE: [Lie; 4] = [Unchanged, SkipLastStep, SkipEntry, FirstTwice];

#[test]
fn lies_of_the_forward_pass() {
    for (seed, loss) in [(61, SoftmaxCrossEntropy), (62, MeanSquaredError)] {
        let mut lies = vec![SwappedKernels(1, 2), UnscaledBase, BaseMoves, Z(0, 1), NoBase(0), UnscaledBias(0)];
        lies.extend((1..3).flat_map(forward));
        refused(deep(loss, false, false), seed, &lies);
    }
    refused(deep(SoftmaxCrossEntropy, true, true), 63, &[0, 3].map(forward).concat());
}

#[test]
fn lies_of_the_backward_pass() {
    for (seed, loss) in [(64, SoftmaxCrossEntropy), (65, MeanSquaredError)] {
        let mut lies = [backward(1), backward(2), path(2)].concat();
        lies.extend([G(3, 1), SkipBasePath(3), Unmasked]);
        refused(deep(loss, false, false), seed, &lies);
    }
    refused(deep(MeanSquaredError, true, true), 66, &[backward(0), backward(3), path(1), path(3)].concat());
}

#[test]
fn lies_of_the_update() {
    for (seed, loss, ends) in [(67, SoftmaxCrossEntropy, false), (68, MeanSquaredError, true)] {
        let layers = if ends { 0..4 } else { 1..3 };
        let lies: Vec<Lie> = layers.flat_map(update).chain(WHOLE).collect();
        refused(deep(loss, ends, ends), seed, &lies);
    }
}

#[test]
fn lies_of_a_layer_without_base() {
    let mut lies = vec![H1(0, 1), H1(0, -1), H1Shifted(0), H1Remainder(0), OtherInput(0), StaleA(0), OtherGiven];
    lies.extend(backward(0).into_iter().filter(|l| *l != DropDelta(0)));
    lies.extend(update(0));
    lies.extend(WHOLE);
    refused(layer_local(5, 7, 2, 4, 2, 2), 69, &lies);
    refused(layer_local(7, 3, 3, 6, 3, 2), 70, &lies);
    // A delta of the trained layer that is not the given one.
    refused(layer_local(7, 3, 3, 6, 3, 1), 71, &[DropDelta(0)]);
}

#[test]
fn lies_with_one_unit_everywhere() {
    let s = with_adapters(spec(&[1, 1, 1], &[Linear], MeanSquaredError, 1, 2), &[Some((1, 2)), Some((1, 2))]);
    let mut lies = vec![H1(0, 1), H1Shifted(1), NoAdapter(0), NoBase(1), StaleA(0), StaleB(1), StaleBackB(0), StaleBackA(1), SkipAdapterPath(1)];
    lies.extend([RateA(0), RateB(1), UnscaledB(0), SkipA(1), SkipB(0), G1(0, 1), G1(1, -1), SwappedKernels(0, 1)]);
    refused(s, 72, &lies);
    refused(layer_local(1, 1, 1, 2, 1, 2), 73, &[H1(0, 1), G1(0, 1), RateA(0), RateB(0), UnscaledB(0), StaleA(0), StaleBackB(0), OtherGiven]);
}

/// Every cell of a window, and what follows from those of the first two phases.
#[derive(Clone)]
struct Mirror {
    held: Rc<RefCell<Held>>,
    spec: SgdSpec,
    lay: Layout,
    cf: WindowConfig,
    ch: Points,
    honest: Vec<Vec<Fr>>,
    cells: Vec<Vec<Fr>>,
    /// Added to the free cells of S.
    free: [Vec<Fr>; 2],
}

impl Mirror {
    fn new(w: Witness) -> Self {
        let (spec, lay) = (*w.params).clone();
        let cf = WindowConfig::new(&mut ConstraintSystem::<Fr>::default(), &spec, &lay);
        let (ch, cells) = (Points::new(&cf), mirror::cells(&w, &cf));
        let held = Rc::new(RefCell::new(Held::new(w, ETA)));
        let none = vec![Fr::ZERO; spec.layers.len()];
        Self { held, spec, lay, cf, ch, honest: cells.clone(), cells, free: [none.clone(), none] }
    }
    fn get(&self, c: Column<Advice>, row: usize) -> Fr {
        self.cells[c.index()][row]
    }
    fn set(&mut self, c: Column<Advice>, row: usize, v: Fr) {
        self.cells[c.index()][row] = v;
    }
    fn add(&mut self, c: Column<Advice>, row: usize, v: i64) {
        self.cells[c.index()][row] += signed(v);
    }

    /// Ends of `sum_ij x^i y^j M[i,j]` in a strip of matrices, cells beyond the shape included.
    fn strip(matrices: &[Matrix], columns: usize, x: Fr, y: Fr, cell: &dyn Fn(usize, usize) -> Fr, put: &mut dyn FnMut(usize, Fr)) -> Vec<Fr> {
        let pow = powers(y, columns + 1);
        let mut ends = vec![];
        for m in matrices {
            let mut rows = Fr::ZERO;
            for i in (0..m.rows).rev() {
                let mut acc = Fr::ZERO;
                for chunk in (0..m.chunks).rev() {
                    let row = m.row(i, chunk);
                    acc = acc * pow[columns] + (0..columns).map(|j| pow[j] * cell(j, row)).sum::<Fr>();
                    if chunk == 0 {
                        acc += rows * x;
                        rows = acc;
                    }
                    put(row, acc);
                }
            }
            ends.push(rows);
        }
        ends
    }

    /// Look-up sums, accumulators and S, from the tensors and the vectors.
    fn rebuild(&mut self) {
        self.look_ups();
        let (cf, lay, ch) = (self.cf.clone(), self.lay.clone(), self.ch);
        let s = self.spec.scales;
        // Vectors.
        for run in lay.vectors() {
            let (mut ip, mut acc) = (Fr::ZERO, Fr::ZERO);
            for i in (0..run.len).rev() {
                let row = run.row(i);
                let (a, b) = (self.get(cf.vectors[0], row), self.get(cf.vectors[1], row));
                ip += a * b;
                acc = acc * ch.tau + a + ch.omega * b;
                self.set(cf.inner, row, ip);
                self.set(cf.vector_acc, row, acc);
            }
        }
        // Weights and base.
        let (c, n) = (lay.shape.weight_columns, self.spec.tolerance_limbs);
        let off = signed(weight_offset(&self.spec));
        let before = self.cells.clone();
        let at = |col: Column<Advice>, row: usize| before[col.index()][row];
        let w0 = |j: usize, row: usize| at(cf.w0[j], row) - off;
        let both = |j: usize, row: usize| {
            let limbs = (0..n).map(|i| at(cf.deviation[j * n + i], row) * Fr::from(1u64 << (s.b as usize * i))).sum::<Fr>();
            let dev = if n > 0 { limbs - Fr::from(1u64 << (s.b as usize * n - 1)) } else { Fr::ZERO };
            w0(j, row) + ch.omega * (at(cf.wk[j], row) - off - dev)
        };
        Self::strip(&lay.matrices, c, ch.sigma, ch.tau, &both, &mut |row, v| self.cells[cf.weight_acc[0].index()][row] = v);
        let back: Vec<Matrix> = lay.matrices.iter().filter(|m| m.backward).cloned().collect();
        Self::strip(&back, c, ch.tau, ch.theta, &w0, &mut |row, v| self.cells[cf.weight_acc[1].index()][row] = v);
        let free = Self::strip(&lay.matrices, c, ch.sigma, ch.tau, &w0, &mut |_, _| {});
        let off = signed(base_offset(&self.spec));
        let base = |j: usize, row: usize| at(cf.base[j], row) - off;
        if !lay.base.is_empty() {
            let c = lay.shape.base_columns;
            Self::strip(&lay.base, c, ch.sigma, ch.tau, &base, &mut |row, v| self.cells[cf.base_acc[0].index()][row] = v);
            let back: Vec<Matrix> = lay.base.iter().filter(|m| m.backward).cloned().collect();
            Self::strip(&back, c, ch.tau, ch.theta, &base, &mut |row, v| self.cells[cf.base_acc[1].index()][row] = v);
        }
        // Data.
        let data = |run: &Run, x: Fr| {
            let (mut acc, pow) = (Fr::ZERO, powers(x, cf.data.len() + 1));
            let row = |i: usize| cf.data.iter().zip(&pow).map(|(c, p)| at(*c, run.row(i)) * p).sum::<Fr>();
            let mut ends: Vec<_> = (0..run.len).rev().map(|i| (run.row(i), (acc = acc * pow[cf.data.len()] + row(i), acc).1)).collect();
            ends.reverse();
            ends
        };
        for run in lay.wide_data() {
            data(run, ch.tau).into_iter().for_each(|(row, v)| self.set(cf.data_acc, row, v));
            if let Some(given) = cf.given_acc {
                data(run, ch.sigma).into_iter().for_each(|(row, v)| self.set(given, row, v));
            }
        }
        for run in &lay.labels {
            let mut acc = [Fr::ZERO; 3];
            for i in (0..run.len).rev() {
                for (k, x) in [ch.sigma, ch.tau, Fr::ONE].into_iter().enumerate() {
                    acc[k] = acc[k] * x + at(cf.data[0], run.row(i));
                    if k < 2 || self.spec.softmax() {
                        self.set(cf.data_acc, run.row(i) + k, acc[k]);
                    }
                }
            }
        }
        // Units.
        let units: Vec<(Run, bool)> = lay.units(&self.spec).map(|(r, a)| (*r, a == Relu)).collect();
        let limbs = |slots: &[Slot], row: usize| {
            slots.iter().enumerate().map(|(i, slot)| at(cf.trace[slot.col], row + slot.rot) * Fr::from(1u64 << (s.b as usize * i))).sum::<Fr>()
        };
        let two = |bits: u32| Fr::from(1u64 << bits);
        let (n, w) = (lay.limbs, s.w());
        for (run, relu) in units {
            let mut acc = [Fr::ZERO; HIDDEN_ACCS];
            for i in (0..run.len).rev() {
                let row = run.row(i);
                let mut vals = [Fr::ZERO; HIDDEN_ACCS];
                let points = [ch.sigma, ch.tau, ch.theta, ch.sigma, ch.tau, ch.theta];
                for lane in 0..lay.shape.lanes {
                    let of = |from: usize, to: usize| limbs(&(from..to).map(|q| lay.hidden_slot(lane, q)).collect::<Vec<_>>(), row);
                    let (r, u, m) = (of(0, n), of(n, n + 2), of(n + 2, n + 3));
                    let (g, rg) = (of(n + 3, n + 5) - two(2 * s.b - 1), of(n + 5, 2 * n + 5));
                    let z = m * (u.double() + Fr::ONE) - u;
                    let (h, delta) = if relu { (m * (u + Fr::ONE), m * g) } else { (z, g) };
                    let cells = [z * two(w) + r - two(w - 1), h, h, delta, delta, g * two(w) + rg - two(w - 1)];
                    for (k, x) in points.iter().enumerate() {
                        vals[k] += cells[k] * x.pow([lane as u64]);
                    }
                }
                for (k, x) in points.iter().enumerate() {
                    acc[k] = acc[k] * x.pow([lay.shape.lanes as u64]) + vals[k];
                    let slot = lay.hidden_acc(k);
                    self.set(cf.trace_acc[slot.col], row + slot.rot, acc[k]);
                }
            }
        }
        for run in &lay.outputs {
            let mut acc = [Fr::ZERO; 3];
            for i in (0..run.len).rev() {
                let row = run.row(i);
                let z = limbs(&lay.out.z, row) - two(2 * s.b - 1);
                let value = if self.spec.softmax() { limbs(&lay.out.q, row) } else { z };
                let raw = z * two(w) + limbs(&lay.out.r, row) - two(w - 1);
                for (k, (v, x)) in [(raw, ch.sigma), (value, ch.sigma), (value, ch.tau)].into_iter().enumerate() {
                    acc[k] = acc[k] * x + v;
                    self.set(cf.trace_acc[0], row + k, acc[k]);
                }
            }
        }
        // S.
        let of = |l: usize, part: Part| lay.matrices.iter().position(|m| m.layer == l && m.part == part).map_or(Fr::ZERO, |i| free[i]);
        let parts = [Part::A, Part::B];
        let free = [0, 1].map(|i| (0..self.spec.layers.len()).map(|l| of(l, parts[i]) + self.free[i][l]).collect());
        let p = self.program(free);
        for (row, v) in p.values {
            self.set(cf.s, row, v);
        }
    }

    fn program(&self, free: [Vec<Fr>; 2]) -> Program {
        let (cf, lay, ch) = (&self.cf, &self.lay, self.ch);
        let at = |acc: Acc, row: usize| match acc {
            Acc::Weight(i) => self.get(cf.weight_acc[i], row),
            Acc::Base(i) => self.get(cf.base_acc[i], row),
            Acc::Data(i) => self.get(cf.data_acc, row + i),
            Acc::Given => self.get(cf.given_acc.unwrap(), row),
            Acc::Hidden(i) => self.get(cf.trace_acc[lay.hidden_acc(i).col], row + lay.hidden_acc(i).rot),
            Acc::Output(i) => self.get(cf.trace_acc[0], row + i),
            Acc::Inner => self.get(cf.inner, row),
            Acc::Vector => self.get(cf.vector_acc, row),
        };
        let Points { sigma, theta, rho, gamma, tau, omega, .. } = ch;
        program(&self.spec, lay, &Exports { eta: signed(ETA), sigma, theta, rho, gamma, tau, omega, free: vec![free], rates: vec![], at: &at })
            .unwrap()
    }

    fn look_ups(&mut self) {
        mirror::look_ups(&mut self.cells, &self.cf, self.lay.look_end, self.spec.scales.b, self.ch.beta);
    }

    fn verdict(&self) -> Verdict {
        self.held.borrow_mut().verdict(&self.cells)
    }

    /// The verdict with a change in the first two phases and the rest made to fit.
    fn changed(&self, change: impl FnOnce(&mut Self)) -> Verdict {
        let mut m = self.clone();
        change(&mut m);
        assert!(m.cells != m.honest || m.free.iter().flatten().any(|v| *v != Fr::ZERO), "nothing is changed");
        m.rebuild();
        m.verdict()
    }
}

/// Columns, lanes and heights that leave cells beyond every shape.
fn wide(mut s: SgdSpec, seed: u64) -> Arc<Case> {
    let local = s.local();
    s.x_offset = 16;
    for k in 9..12 {
        let mut c = Case::random(s.clone(), seed);
        let base_columns = if local { 0 } else { 4 };
        c.spec.shape = Some(Shape { k, weight_columns: 3, data_columns: 4, lanes: 4, hidden_height: 3, base_columns, update_height: 0 });
        let ok = Layout::new(&c.spec).is_ok_and(|lay| program(&c.spec, &lay, &Exports::zero(&c.spec, &|_, _| Fr::ZERO)).is_ok());
        if ok {
            return Arc::new(c);
        }
    }
    panic!("no shape");
}

fn cases() -> Vec<Arc<Case>> {
    let on = |loss, widths: &[usize], adapters: &[Option<(usize, u64)>]| with_adapters(spec(widths, &[Relu, Linear], loss, 2, 2), adapters);
    vec![
        wide(on(SoftmaxCrossEntropy, &[5, 6, 7, 3], &[Some((2, 2)), Some((3, 6)), Some((1, 2))]), 81),
        wide(on(MeanSquaredError, &[5, 6, 7, 2], &[None, Some((3, 3)), None]), 82),
        wide(on(MeanSquaredError, &[6, 7, 5, 2], &[None, None, Some((2, 4))]), 83),
        wide(layer_local(5, 7, 2, 4, 2, 2), 84),
    ]
}

#[test]
fn the_mirror_is_the_prover() {
    for c in cases() {
        let mut m = Mirror::new(c.witness());
        m.rebuild();
        for (i, (a, b)) in m.cells.iter().zip(&m.honest).enumerate() {
            let rows: Vec<_> = (0..a.len()).filter(|r| a[*r] != b[*r]).collect();
            assert!(rows.is_empty(), "column {i}, rows {rows:?}: {:?}", m.cf.phases());
        }
        assert_eq!(m.verdict(), Verdict::Accepted);
    }
}

/// First and last cells beyond the columns of a matrix: (column, row).
fn beyond(m: &Matrix, columns: usize) -> Vec<(usize, usize)> {
    let from = m.cols % columns;
    if from == 0 {
        return vec![];
    }
    [(from, 0), (columns - 1, m.rows - 1)].map(|(c, i)| (c, m.row(i, m.chunks - 1))).to_vec()
}

/// Runs of units beyond whose width there are lanes: name, run, width, whether gradients are needed.
fn narrow_units(spec: &SgdSpec, lay: &Layout) -> Vec<(String, Run, usize, bool)> {
    let hidden = lay.hidden.iter().enumerate().map(|(l, runs)| (format!("hidden {l}"), runs, spec.layers[l].outputs, l >= spec.lowest()));
    let between = lay.adapters.iter().enumerate().map(|(l, runs)| (format!("adapter {l}"), runs, spec.adapter(l).map_or(0, |a| a.rank), true));
    // The first and the last sample of each layer.
    let ends = |runs: &[Run]| [runs[0], runs[runs.len() - 1]];
    let all = hidden.chain(between).filter(|(_, runs, _, _)| !runs.is_empty());
    let all = all.flat_map(|(name, runs, m, used)| ends(runs).map(move |r| (name.clone(), r, m, used)));
    all.filter(|(_, run, m, _)| run.len * lay.shape.lanes > *m).collect()
}

/// Whatever lies beyond a shape, with all accumulators and look-ups recomputed: only zeros fit the equations.
#[test]
fn cells_beyond_shapes_are_zero() {
    let mut seen = HashSet::new();
    for c in cases() {
        let (lay, honest) = (Layout::new(&c.spec).unwrap(), Mirror::new(c.witness()));
        let mut attack = |name: String, change: &dyn Fn(&mut Mirror)| {
            assert_eq!(honest.changed(|m| change(m)), Verdict::Equations, "{name}: {:?}", c.spec);
            seen.insert(name.split(' ').next().unwrap().to_string());
        };
        for m in &lay.base {
            for (col, row) in beyond(m, lay.shape.base_columns) {
                attack(format!("base:{:?} {}", m.part, m.layer), &|x| x.add(x.cf.base[col], row, 1));
            }
        }
        for m in &lay.matrices {
            for (col, row) in beyond(m, lay.shape.weight_columns) {
                for (before, after) in [(1, 1), (1, 0), (0, 1)] {
                    attack(format!("{:?}:{before}{after} {}", m.part, m.layer), &|x| {
                        x.add(x.cf.w0[col], row, before);
                        x.add(x.cf.wk[col], row, after);
                    });
                }
            }
        }
        let cx = lay.shape.data_columns;
        for (run, width, name) in lay
            .inputs
            .iter()
            .map(|r| (r, c.spec.inputs(), "input"))
            .chain(lay.given.iter().flat_map(|[low, high]| [(low, c.spec.outputs(), "low"), (high, c.spec.outputs(), "high")]))
        {
            for col in width % cx..if width % cx == 0 { 0 } else { cx } {
                attack(format!("{name} {run:?}"), &|x| x.add(x.cf.data[col], run.row(run.len - 1), 1));
            }
        }
        // Low and high limbs beyond the width, so that one cancels 2^b of the other: out of range for one of them.
        for [low, high] in lay.given.iter().take(1) {
            let verdict = honest.changed(|x| {
                x.add(x.cf.data[cx - 1], high.row(high.len - 1), 1);
                x.add(x.cf.data[cx - 1], low.row(low.len - 1), -(1 << x.spec.scales.b));
            });
            assert_eq!(verdict, Verdict::Gates);
        }
        let n = lay.limbs;
        for (name, run, m, used) in narrow_units(&c.spec, &lay) {
            let kind = name.split(' ').next().unwrap().to_string();
            let lane = (m - 1) % lay.shape.lanes + 1;
            for lane in [lane, lay.shape.lanes - 1] {
                let add = |x: &mut Mirror, q: usize, by: i64| {
                    let slot = lay.hidden_slot(lane, q);
                    x.add(x.cf.trace[slot.col], run.row(run.len - 1) + slot.rot, by);
                };
                attack(format!("{kind}:r {name}"), &|x| add(x, 0, 1));
                // z = 1, z = -1, and z = 1 with a remainder that makes zraw 2^(w-1).
                attack(format!("{kind}:z+ {name}"), &|x| add(x, n + 2, 1));
                attack(format!("{kind}:z- {name}"), &|x| add(x, n, 1));
                attack(format!("{kind}:zr {name}"), &|x| {
                    add(x, n + 2, 1);
                    (0..n).for_each(|q| {
                        if q + 1 == n {
                            add(x, q, -(1 << (x.spec.scales.b - 1)))
                        }
                    });
                });
                if used {
                    attack(format!("{kind}:g {name}"), &|x| add(x, n + 3, 1));
                    attack(format!("{kind}:rg {name}"), &|x| add(x, n + 5, 1));
                }
            }
        }
    }
    for kind in [
        "base:Kernel",
        "base:Bias",
        "A:11",
        "A:10",
        "A:01",
        "B:11",
        "B:10",
        "B:01",
        "input",
        "low",
        "high",
        "adapter:z+",
        "adapter:g",
        "hidden:z+",
        "hidden:g",
    ] {
        assert!(seen.contains(kind), "{kind} has no cell beyond its shape here: {seen:?}");
    }
}

/// A limb of a remainder that can move by one either way: (column, row, factor that one unit is worth in it).
fn movable(m: &Mirror, run: &Run, unit: usize, from: usize) -> (Column<Advice>, usize, usize) {
    let lanes = m.lay.shape.lanes;
    let top = Fr::from((1u64 << m.spec.scales.b) - 1);
    for q in 0..m.lay.limbs {
        let slot = m.lay.hidden_slot(unit % lanes, from + q);
        let (col, row) = (m.cf.trace[slot.col], run.row(unit / lanes) + slot.rot);
        if m.get(col, row) != Fr::ZERO && m.get(col, row) != top {
            return (col, row, q);
        }
    }
    panic!("a remainder of all zeros or ones");
}

/// Two errors that cancel unless a challenge keeps them apart: gamma the base's and the adapter's products, rho the samples,
/// sigma and theta the units.
#[test]
fn errors_do_not_cancel() {
    let c = cases().remove(0);
    let (lay, honest) = (Layout::new(&c.spec).unwrap(), Mirror::new(c.witness()));
    let rg = lay.limbs + 5;
    let (hidden, units) = (&lay.hidden, &lay.adapters);
    let pairs = [
        ("z of layer 0 and its h1", (&hidden[0][0], 0, 0), (&units[0][0], 0, 0)),
        ("z of layer 1 and its h1", (&hidden[1][1], 1, 0), (&units[1][1], 1, 0)),
        ("h1 of two samples", (&units[1][0], 0, 0), (&units[1][1], 0, 0)),
        ("h1 of two units", (&units[1][0], 0, 0), (&units[1][0], 1, 0)),
        ("h1 of two layers", (&units[0][0], 0, 0), (&units[1][0], 0, 0)),
        ("h1 of two steps", (&units[1][0], 0, 0), (&units[1][2], 0, 0)),
        ("g of layer 1 and g1 of layer 2", (&hidden[1][0], 0, rg), (&units[2][0], 0, rg)),
        ("g of layer 0 and g1 of layer 1", (&hidden[0][0], 1, rg), (&units[1][0], 1, rg)),
        ("g1 of two samples", (&units[1][0], 0, rg), (&units[1][1], 0, rg)),
        ("g1 of two units", (&units[1][0], 0, rg), (&units[1][0], 1, rg)),
    ];
    for (name, first, second) in pairs {
        let verdict = honest.changed(|m| {
            let (a, b) = (movable(m, first.0, first.1, first.2), movable(m, second.0, second.1, second.2));
            assert_eq!(a.2, b.2, "{name}: limbs of the same weight");
            m.add(a.0, a.1, 1);
            m.add(b.0, b.1, -1);
        });
        assert_eq!(verdict, Verdict::Equations, "{name}");
    }
    // W + 1 and A - 2^k before and after, at the same place: 2^k W + A is the same.
    let k = c.spec.scales.w() - c.spec.base_bits().unwrap();
    for (frozen, trained) in [(Part::Kernel, Part::A), (Part::Kernel, Part::B)] {
        let verdict = honest.changed(|m| {
            let (w, a) = (m.lay.frozen(1, frozen).unwrap().clone(), m.lay.matrix(1, trained).unwrap().clone());
            m.add(m.cf.base[0], w.row(0, 0), 1);
            m.add(m.cf.w0[0], a.row(0, 0), -(1 << k));
            m.add(m.cf.wk[0], a.row(0, 0), -(1 << k));
        });
        assert_eq!(verdict, Verdict::Equations, "{trained:?}");
    }
}

/// Vectors and free cells that are chosen to fit a false tensor satisfy one equation, and then not the next.
#[test]
fn vectors_and_free_cells_do_not_help() {
    for c in cases() {
        let (s, l) = (&c.spec, c.spec.lowest());
        let (lay, honest) = (Layout::new(s).unwrap(), Mirror::new(c.witness()));
        let unit = lay.adapters[l][0];
        // h1raw + 2^(b q) at rho^0 sigma^0, and a vector that makes (3) hold: u_0 dv_0 = gamma 2^(b q).
        let forward = lay.forward[l][0];
        let bent = |free: bool| {
            honest.changed(|m| {
                let (col, row, q) = movable(m, &unit, 0, 0);
                m.add(col, row, 1);
                let amount = Fr::from(1u64 << (s.scales.b as usize * q)) * m.ch.gamma;
                // Some entry of u that is not zero.
                let at = (0..forward.len).find(|i| m.get(m.cf.vectors[0], forward.row(*i)) != Fr::ZERO).unwrap();
                let dv = amount * m.get(m.cf.vectors[0], forward.row(at)).invert().unwrap();
                let (col, row) = (m.cf.vectors[1], forward.row(at));
                m.set(col, row, m.get(col, row) + dv);
                if free {
                    // (1) holds with another A_0(sigma, tau), (7) then does not.
                    m.free[0][l] = dv * m.ch.tau.pow([at as u64]) * m.ch.gamma.invert().unwrap();
                }
            })
        };
        assert_eq!(bent(false), Verdict::Equations);
        assert_eq!(bent(true), Verdict::Equations);
        // g1raw, and d or s that make (6) hold.
        let backward = lay.backward[l][0];
        for side in [0, 1] {
            let verdict = honest.changed(|m| {
                let (col, row, q) = movable(m, &unit, 0, lay.limbs + 5);
                m.add(col, row, 1);
                let amount = Fr::from(1u64 << (s.scales.b as usize * q)) * m.ch.gamma;
                let at = (0..backward.len).find(|i| m.get(m.cf.vectors[1 - side], backward.row(*i)) != Fr::ZERO).unwrap();
                let by = amount * m.get(m.cf.vectors[1 - side], backward.row(at)).invert().unwrap();
                let (col, row) = (m.cf.vectors[side], backward.row(at));
                m.set(col, row, m.get(col, row) + by);
            });
            assert_eq!(verdict, Verdict::Equations);
        }
        // One entry of A_K or B'_K off by one: the free cell as it is, and the one that makes (7) hold.
        for (i, part) in [Part::A, Part::B].into_iter().enumerate() {
            let m = lay.matrix(l, part).unwrap();
            for fit in [false, true] {
                let verdict = honest.changed(|x| {
                    x.add(x.cf.wk[0], m.row(0, 0), 1);
                    if fit {
                        x.free[i][l] = x.ch.omega * (Fr::ONE + x.ch.omega).invert().unwrap();
                    }
                });
                assert_eq!(verdict, Verdict::Equations, "{part:?}, {fit}");
            }
            // The free cell alone.
            assert_eq!(honest.changed(|x| x.free[i][l] = Fr::ONE), Verdict::Equations);
        }
    }
}

/// What enters nothing may be anything: gradients of hidden layers below the lowest adapter, and rows of no tensor. The
/// window's statement is the same; a change of the first needed gradient is refused by the same means.
#[test]
fn gradients_below_the_lowest_adapter_enter_nothing() {
    let c = cases().remove(2);
    let (lay, honest) = (Layout::new(&c.spec).unwrap(), Mirror::new(c.witness()));
    assert_eq!(c.spec.lowest(), 2);
    let n = lay.limbs;
    for (l, want) in [(0, Verdict::Accepted), (1, Verdict::Accepted)] {
        for q in [n + 3, n + 4, n + 5, 2 * n + 4] {
            let verdict = honest.changed(|m| {
                let slot = lay.hidden_slot(0, q);
                let (col, row) = (m.cf.trace[slot.col], lay.hidden[l][0].row(0) + slot.rot);
                let by = if m.get(col, row) == Fr::ZERO { 1 } else { -1 };
                m.add(col, row, by);
            });
            assert_eq!(verdict, want, "hidden {l} cell {q}");
        }
    }
    let c = cases().remove(1);
    let (lay, honest) = (Layout::new(&c.spec).unwrap(), Mirror::new(c.witness()));
    assert_eq!(c.spec.lowest(), 1);
    for (l, want) in [(0, Verdict::Accepted), (1, Verdict::Equations)] {
        let verdict = honest.changed(|m| {
            let slot = lay.hidden_slot(0, n + 3);
            let (col, row) = (m.cf.trace[slot.col], lay.hidden[l][0].row(0) + slot.rot);
            let by = if m.get(col, row) == Fr::ZERO { 1 } else { -1 };
            m.add(col, row, by);
        });
        assert_eq!(verdict, want, "hidden {l}");
    }
}

/// The upstream gradient has one encoding: no limb beyond the table, no other split.
#[test]
fn the_given_gradient_has_one_encoding() {
    let c = cases().remove(3);
    let (lay, honest) = (Layout::new(&c.spec).unwrap(), Mirror::new(c.witness()));
    let [low, high] = lay.given[0];
    let cell = 1i64 << c.spec.scales.b;
    for (a, b, want) in [(1, 0, Verdict::Equations), (cell, -1, Verdict::Gates), (-cell, 1, Verdict::Gates)] {
        let verdict = honest.changed(|m| {
            m.add(m.cf.data[0], low.row(0), a);
            m.add(m.cf.data[0], high.row(0), b);
        });
        // A cell of 63 leaves the table where one is added: a gate says so.
        assert!(verdict == want || (verdict == Verdict::Gates && a == 1), "{a} {b}: {verdict:?}");
    }
}

/// The cell of a deviation's limb, for entry (i, j) of a matrix.
fn deviation(m: &Mirror, of: &Matrix, i: usize, j: usize, limb: usize) -> (Column<Advice>, usize) {
    let c = m.lay.shape.weight_columns;
    (m.cf.deviation[j % c * m.spec.tolerance_limbs + limb], of.row(i, j / c))
}

#[test]
fn a_tolerance_is_a_bound_on_each_entry_and_no_more() {
    let on = |widths: &[usize], adapters: &[Option<(usize, u64)>]| with_adapters(spec(widths, &[Relu], MeanSquaredError, 2, 1), adapters);
    for (mut s, seed) in [(on(&[5, 4, 2], &[Some((2, 2)), Some((1, 2))]), 91), (layer_local(5, 4, 2, 4, 2, 1), 92)] {
        (s.mode, s.tolerance_limbs) = (Mode::Tolerance, 2);
        let c = wide(s, seed);
        let b = c.spec.scales.b;
        let mut exact = c.spec.clone();
        (exact.mode, exact.tolerance_limbs) = (Mode::Exact, 0);
        let wk = Prover::witness(&exact, &c.input(), ETA, FIRST).unwrap().0.wk;
        let input = pot_sgd::prover::WindowInput { wk: Some(&wk), ..c.input() };
        let mut w = Prover::witness(&c.spec, &input, ETA, FIRST).unwrap().0;
        w.salts.truncate(30);
        let honest = Mirror::new(w);
        let changed = |change: &dyn Fn(&mut Mirror)| {
            let mut m = honest.clone();
            change(&mut m);
            m.rebuild();
            m.verdict()
        };
        let lay = Layout::new(&c.spec).unwrap();
        assert_eq!(changed(&|_| {}), Verdict::Accepted);
        for m in &lay.matrices {
            let weight = |x: &mut Mirror, j: usize, by: i64| x.add(x.cf.wk[j % lay.shape.weight_columns], m.row(0, j / lay.shape.weight_columns), by);
            let limb = |x: &mut Mirror, j: usize, limb: usize, by: i64| {
                let (col, row) = deviation(x, m, 0, j, limb);
                x.add(col, row, by);
            };
            // Another result within the tolerance; a result or a deviation alone.
            let high = 1i64 << (b - 2);
            assert_eq!(changed(&|x| (weight(x, 0, high << b), limb(x, 0, 1, high)).0), Verdict::Accepted);
            assert_eq!(changed(&|x| weight(x, 0, 1)), Verdict::Equations);
            assert_eq!(changed(&|x| limb(x, 0, 1, 1)), Verdict::Equations);
            // As far as the limbs go, and one further.
            let top = 1i64 << (b - 1);
            assert_eq!(changed(&|x| (weight(x, 0, -(top << b)), limb(x, 0, 1, -top)).0), Verdict::Accepted);
            assert_eq!(changed(&|x| (weight(x, 0, -((top + 1) << b)), limb(x, 0, 1, -top - 1)).0), Verdict::Gates);
            // Beyond the shape: W_K within the tolerance, which the next window's W_0 refuses.
            if m.cols % lay.shape.weight_columns != 0 {
                assert_eq!(changed(&|x| (weight(x, m.cols, 1), limb(x, m.cols, 0, 1)).0), Verdict::Accepted);
                let (c, row) = (m.cols % lay.shape.weight_columns, m.row(0, m.chunks - 1));
                assert_eq!(changed(&|x| (x.add(x.cf.w0[c], row, 1), weight(x, m.cols, 1)).0), Verdict::Equations);
            }
        }
    }
}

/// Random adapters on random networks in random shapes; some of one unit everywhere, some of 64 ranks.
fn random_case(rng: &mut ChaCha20Rng, seed: u64, large: bool) -> Option<Case> {
    let mut pick = |n: u64| (rng.next_u64() % n) as usize;
    let depth = 1 + pick(4);
    let size = [1, 9, 9, 9][pick(4)];
    let mut widths: Vec<usize> = (0..=depth).map(|_| 1 + pick(size)).collect();
    let huge = large && pick(8) == 0;
    if huge {
        widths = (0..=depth).map(|_| 64 + pick(9)).collect();
    }
    let hidden: Vec<_> = (0..depth).map(|_| if pick(2) == 0 { Relu } else { Linear }).collect();
    let loss = if pick(2) == 0 { SoftmaxCrossEntropy } else { MeanSquaredError };
    let most = if huge { 1 } else { 3 };
    let local = pick(4) == 0;
    let mut s = if local {
        let (i, o) = (widths[0], widths[1]);
        let rank = if huge { 64 } else { 1 + pick(i.min(o) as u64) };
        layer_local(i, o, rank, rank as u64 * (1 + pick(2) as u64), 1 + pick(most), 1 + pick(most))
    } else {
        let mut s = spec(&widths, &hidden, loss, 1 + pick(most), 1 + pick(most));
        s.layers.iter_mut().for_each(|l| l.bias = pick(3) > 0);
        let must = pick(depth as u64);
        let ranks: Vec<Option<usize>> = (0..depth)
            .map(|l| {
                let most = widths[l].min(widths[l + 1]).min(64);
                (l == must || pick(2) == 0).then(|| if huge && pick(2) == 0 { 64 } else { 1 + pick(most as u64) })
            })
            .collect();
        let adapters: Vec<_> = ranks.iter().map(|r| r.map(|r| (r, r as u64 * (1 + pick(2) as u64)))).collect();
        let mut s = with_adapters(s, &adapters);
        s.lora.as_mut().unwrap().base_bits = 8 + pick(17) as u32;
        s
    };
    s.x_offset = if pick(2) == 0 { 32 } else { 0 };
    s.y_offset = if pick(2) == 0 && loss == MeanSquaredError && !local { 32 } else { 0 };
    let base_columns = if local { 0 } else { 1 + pick(12) };
    let shape = Shape {
        update_height: 0,
        k: if large { 9 + pick(6) as u32 } else { 10 + pick(2) as u32 },
        weight_columns: 1 + pick(12),
        data_columns: 1 + pick(12),
        lanes: 1 + pick(6),
        hidden_height: 1 + pick(14),
        base_columns,
    };
    s.shape = Some(shape);
    let lay = Layout::new(&s).ok()?;
    program(&s, &lay, &Exports::zero(&s, &|_, _| Fr::ZERO)).ok()?;
    s.shape = None;
    let mut c = Case::random(s, seed);
    c.spec.shape = Some(shape);
    // Data of small sizes, so that few networks leave the tiny ranges.
    if !local {
        c.base.iter_mut().for_each(|w| *w /= 2);
    }
    Some(c)
}

#[test]
fn random_adapters_in_random_shapes() {
    let mut rng = ChaCha20Rng::seed_from_u64(93);
    let (mut seen, mut local) = (0, 0);
    for seed in 0..90 {
        let Some(c) = random_case(&mut rng, 3000 + seed, false) else { continue };
        // A random network may leave the tiny ranges: the executor says so.
        let Ok((w, _)) = Prover::witness(&c.spec, &c.input(), ETA, FIRST) else { continue };
        let honest = forge(&c, Nothing);
        assert_eq!((&honest.wk, &honest.traces), (&w.wk, &w.traces));
        let mut held = Held::new(forge(&c, Nothing), ETA);
        let l = (0..c.spec.layers.len()).rev().find(|l| c.spec.adapter(*l).is_some()).unwrap();
        let mut lies = vec![H1(l, 1), H1Shifted(l), H1Remainder(l), G1(l, -1), G1Remainder(l), RateA(l), RateB(l), SkipA(l), NoAdapter(l), StaleB(l)];
        if l > c.spec.lowest() {
            lies.extend([SkipAdapterPath(l), G(l, 1)]);
        }
        for lie in lies {
            let w = forge(&c, lie);
            if w.wk != honest.wk || w.traces != honest.traces {
                assert_ne!(held.witness(&w), Verdict::Accepted, "{lie:?}: {:?}", c.spec);
            }
        }
        seen += 1;
        local += usize::from(c.spec.local());
    }
    eprintln!("{seen} windows, {local} layer-local");
    assert!(seen > 30 && local > 5, "only {seen} random windows, {local} of them layer-local");
}

/// Blocks of rows that a strip's tensors take: none shares a row with another, none leaves its limits.
fn disjoint(what: &str, blocks: impl Iterator<Item = (usize, usize)>, limit: usize, spec: &SgdSpec) {
    let mut taken = HashSet::new();
    for (from, rows) in blocks {
        assert!(from >= 1 && from + rows <= limit, "{what}: rows {from} and {rows} more: {spec:?}");
        (from..from + rows).for_each(|r| assert!(taken.insert(r), "{what}: row {r} twice: {spec:?}"));
    }
}

/// No cell of S is written by two gates, other than the end of one equation that begins the next; and no tensors overlap.
#[test]
fn exports_and_equations_do_not_meet() {
    let mut rng = ChaCha20Rng::seed_from_u64(94);
    let (mut seen, mut ranks, mut single, mut local) = (0, 0, 0, 0);
    for seed in 0..1500 {
        let Some(c) = random_case(&mut rng, 4000 + seed, true) else { continue };
        let (spec, lay) = (&c.spec, Layout::new(&c.spec).unwrap());
        let mut fixed: HashSet<usize> = (0..s_head(spec)).collect();
        let mut export = |row: usize, n: usize| (row..row + n).for_each(|r| assert!(fixed.insert(r) && r < lay.limit, "S row {r} twice: {spec:?}"));
        lay.matrices.iter().chain(&lay.base).for_each(|m| export(m.end(), if m.backward { 2 } else { 1 }));
        lay.wide_data().for_each(|r| export(r.end(), if spec.local() { 2 } else { 1 }));
        lay.labels.iter().for_each(|r| export(r.end(), 2));
        lay.units(spec).for_each(|(r, _)| export(r.end(), HIDDEN_ACCS));
        lay.outputs.iter().for_each(|r| export(r.end(), 3));
        lay.vectors().for_each(|r| export(r.end(), 2));
        assert_eq!(lay.s_used.iter().filter(|u| **u).count(), fixed.len(), "reserved cells of S are exports");
        let p = program(spec, &lay, &Exports::zero(spec, &|_, _| Fr::ZERO)).unwrap();
        for (row, _) in &p.constants {
            assert!(fixed.insert(*row), "constant on a fixed row");
        }
        let mut inner = HashSet::new();
        for r in &p.mul_adds {
            for k in 1..4 {
                assert!(!fixed.contains(&(r + k)) && inner.insert(r + k) && r + k < lay.limit, "equation {r} meets another cell: {spec:?}");
            }
        }
        // An equation begins with a cell that is fixed, copied or the end of the one before; or it ends with a copied
        // one (a subtraction), which determines the first. The free cells are two an adapter.
        let ends: HashSet<usize> = p.mul_adds.iter().map(|r| r + 3).collect();
        let copied: HashSet<usize> = p.copies.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for r in &p.mul_adds {
            assert!(fixed.contains(r) || ends.contains(r) || copied.contains(r) || copied.contains(&(r + 3)), "equation {r} begins with a free cell");
            assert!(copied.contains(&(r + 1)) && copied.contains(&(r + 2)));
        }
        let written: HashSet<usize> = p.values.iter().map(|(r, _)| *r).collect();
        let begins: HashSet<usize> = p.mul_adds.iter().copied().collect();
        let free = written.iter().filter(|r| !fixed.contains(*r) && !inner.contains(*r) && !begins.contains(*r)).count();
        let adapters = (0..spec.layers.len()).filter(|l| spec.adapter(*l).is_some()).count();
        assert!(free <= 2 * adapters, "{free} cells of S that no gate writes, {adapters} adapters: {spec:?}");
        // Tensors.
        let h = lay.shape.hidden_height;
        disjoint("weights", lay.matrices.iter().map(|m| (m.row0, m.rows * m.chunks)), lay.limit, spec);
        disjoint("base", lay.base.iter().map(|m| (m.row0, m.rows * m.chunks)), lay.base_limit, spec);
        let data = lay.wide_data().chain(&lay.labels).map(|r| (r.row0, r.len * r.height));
        disjoint("data", data, lay.look_end + 1, spec);
        let units = lay.units(spec).map(|(r, _)| (r.row0, r.len * h)).chain(lay.outputs.iter().map(|r| (r.row0, r.len * lay.out.height)));
        disjoint("trace", units, lay.look_end + 1, spec);
        disjoint("vectors", lay.vectors().map(|r| (r.row0, r.len)), lay.limit, spec);
        seen += 1;
        ranks += usize::from((0..spec.layers.len()).any(|l| spec.adapter(l).is_some_and(|a| a.rank == 64)));
        single += usize::from(spec.layers.iter().all(|l| l.inputs == 1 && l.outputs == 1));
        local += usize::from(spec.local());
    }
    eprintln!("{seen} layouts, {ranks} with rank 64, {single} of one unit, {local} layer-local");
    assert!(
        seen > 700 && ranks > 20 && single > 50 && local > 100,
        "{seen} layouts, {ranks} with rank 64, {single} of one unit, {local} layer-local"
    );
}

/// Every cell of S that the program writes, one at a time.
#[test]
fn every_scalar_is_pinned() {
    let network = with_adapters(spec(&[3, 2, 2], &[Relu], SoftmaxCrossEntropy, 2, 2), &[Some((1, 2)), Some((2, 2))]);
    let above = with_adapters(spec(&[2, 2, 1], &[Linear], MeanSquaredError, 1, 2), &[None, Some((1, 1))]);
    for (mut s, seed) in [(network, 95), (above, 96), (layer_local(2, 2, 1, 2, 2, 2), 97)] {
        s.x_offset = 16;
        let c = Case::random(s, seed);
        let lay = Layout::new(&c.spec).unwrap();
        let p = program(&c.spec, &lay, &Exports::zero(&c.spec, &|_, _| Fr::ZERO)).unwrap();
        let cf = WindowConfig::new(&mut ConstraintSystem::<Fr>::default(), &c.spec, &lay);
        let rows: HashSet<usize> = p.values.iter().map(|(r, _)| *r).collect();
        let mut held = Held::new(c.witness(), ETA);
        for row in rows {
            let tamper = Tamper { column: cf.s.index(), row, add: Fr::ONE };
            assert_ne!(held.changed(&[tamper]), Verdict::Accepted, "S row {row} is free");
        }
    }
}

/// Two fine-tunings of one base place it alike and show it alike, whatever they train; nothing else is alike.
#[test]
fn a_base_lies_alike_in_every_run_and_weights_do_not() {
    let mut rng = ChaCha20Rng::seed_from_u64(98);
    let points = vec![0u8; 0];
    let places = |l: &Layout| l.base.iter().map(|m| (m.layer, m.part, m.rows, m.cols, m.chunks, m.row0, m.offset)).collect::<Vec<_>>();
    let mut seen = 0;
    for seed in 0..200 {
        let Some(a) = random_case(&mut rng, 6000 + seed, false).filter(|c| !c.spec.local()) else { continue };
        let mut b = a.spec.clone();
        (b.batch, b.steps) = (1, 1);
        let lora = b.lora.as_mut().unwrap();
        lora.adapters.iter_mut().for_each(|a| *a = if a.is_some() { None } else { Some(Adapter { rank: 1, alpha: 3 }) });
        if lora.adapters.iter().all(Option::is_none) {
            lora.adapters[0] = Some(Adapter { rank: 1, alpha: 5 });
        }
        let shape = b.shape.as_mut().unwrap();
        (shape.weight_columns, shape.data_columns, shape.lanes, shape.hidden_height) = (7, 3, 2, 5);
        let Ok(lay) = Layout::new(&b) else { continue };
        assert_eq!(places(&lay), places(&Layout::new(&a.spec).unwrap()), "{:?}", a.spec);
        assert_eq!(base_layout(&b).unwrap(), base_layout(&a.spec).unwrap());
        assert_eq!(base_digest(&b, &points).unwrap(), base_digest(&a.spec, &points).unwrap());
        assert_ne!(weight_layout(&b).unwrap(), weight_layout(&a.spec).unwrap());
        // In the genesis circuit and in windows of other lengths, both strips lie as in the first window.
        let mut genesis = a.spec.clone();
        (genesis.kind, genesis.steps, genesis.batch) = (Kind::Genesis, 1, 1);
        let (g, l) = (Layout::new(&genesis).unwrap(), Layout::new(&a.spec).unwrap());
        let all = |l: &Layout| l.matrices.iter().map(|m| (m.layer, m.part, m.chunks, m.row0, m.offset)).collect::<Vec<_>>();
        assert_eq!((places(&g), all(&g)), (places(&l), all(&l)));
        assert_eq!(
            (weight_description(&genesis).unwrap(), base_description(&genesis).unwrap()),
            (weight_description(&a.spec).unwrap(), base_description(&a.spec).unwrap())
        );
        // What a layer computes moves nothing, and is in both digests.
        let mut other = a.spec.clone();
        other.layers[0].activation = if other.layers[0].activation == Linear { Relu } else { Linear };
        assert_eq!(base_layout(&other).unwrap(), base_layout(&a.spec).unwrap());
        assert_ne!(base_digest(&other, &points).unwrap(), base_digest(&a.spec, &points).unwrap());
        assert_ne!(weights_digest(&other, &points).unwrap(), weights_digest(&a.spec, &points).unwrap());
        // What places the base, or says what its integers are worth, is in its digest.
        for change in 0..5 {
            let mut other = a.spec.clone();
            let shape = other.shape.as_mut().unwrap();
            match change {
                0 => shape.base_columns += 1,
                1 => shape.k += 1,
                2 => other.lora.as_mut().unwrap().base_bits -= 1,
                3 => other.layers[0].bias = !other.layers[0].bias,
                _ => other.layers[0].inputs += 1,
            }
            assert_ne!(base_digest(&other, &points).unwrap(), base_digest(&a.spec, &points).unwrap(), "change {change}");
            assert_ne!(weight_layout(&other).unwrap(), weight_layout(&a.spec).unwrap(), "change {change}");
            assert_ne!(data_layout(&other).unwrap(), data_layout(&a.spec).unwrap(), "change {change}");
        }
        seen += 1;
    }
    assert!(seen > 60, "only {seen} pairs");
}

/// Whatever has the same layout numbers has its trained weights and its data at the same places.
#[test]
fn layout_numbers_fix_the_places() {
    let mut rng = ChaCha20Rng::seed_from_u64(99);
    let mut seen = 0;
    for seed in 0..200 {
        let Some(a) = random_case(&mut rng, 7000 + seed, false) else { continue };
        let mut b = a.spec.clone();
        b.layers.iter_mut().for_each(|l| {
            l.activation = match l.activation {
                Relu => Linear,
                Linear if a.spec.layers.len() > 1 && !a.spec.local() => Relu,
                other => other,
            }
        });
        let last = b.layers.len() - 1;
        b.layers[last].activation = a.spec.layers[last].activation;
        let shape = b.shape.as_mut().unwrap();
        (shape.lanes, shape.hidden_height) = (3, 4);
        let (Ok(x), Ok(y)) = (Layout::new(&a.spec), Layout::new(&b)) else { continue };
        assert_eq!(data_layout(&a.spec).unwrap(), data_layout(&b).unwrap());
        let rows = |l: &Layout| {
            let weights = l.matrices.iter().map(|m| (m.row0, m.chunks)).collect::<Vec<_>>();
            (weights, l.wide_data().chain(&l.labels).map(|r| (r.row0, r.len)).collect::<Vec<_>>())
        };
        assert_eq!(rows(&x), rows(&y), "{:?}", a.spec);
        seen += 1;
    }
    assert!(seen > 60, "only {seen} pairs");
}

#[test]
fn statements_with_rates_or_bases_that_do_not_fit_are_refused() {
    let digest = || format!("0x{}", "0".repeat(64));
    let public = |eta: i64, base: bool| Public {
        run_id: digest(),
        first_step: 0,
        epoch: 0,
        eta: eta.to_string(),
        weights_in: digest(),
        weights_out: digest(),
        data: digest(),
        base: if base { digest() } else { String::new() },
    };
    let two = |alpha: [u64; 2]| with_adapters(spec(&[4, 4, 4], &[Relu], MeanSquaredError, 1, 1), &[Some((1, alpha[0])), Some((4, alpha[1]))]);
    let code = |s: &SgdSpec, p: Public| p.instance(s).map(|v| v.len()).map_err(|e| e.code.to_string());
    let range = Err("ETA_RANGE".to_string());
    assert_eq!(code(&two([1, 4]), public(37, true)), Ok(9));
    // 37 / 16 and 37 * 9 / 16 are no integers, on the second layer too; 48 / 16 is.
    assert_eq!(code(&two([1, 1]), public(37, true)), range);
    assert_eq!(code(&two([1, 3]), public(37, true)), range);
    assert_eq!(code(&two([1, 1]), public(48, true)), Ok(9));
    // 2^17 - 1 at most.
    assert_eq!(code(&two([1024, 4]), public(1, true)), range);
    assert_eq!(code(&two([256, 4]), public(1, true)), Ok(9));
    assert_eq!(code(&two([256, 4]), public(2, true)), range);
    let invalid = Err("PUBLIC_INVALID".to_string());
    assert_eq!(code(&two([1, 4]), public(37, false)), invalid);
    assert_eq!(code(&layer_local(4, 4, 2, 2, 1, 1), public(37, true)), invalid);
    assert_eq!(code(&layer_local(4, 4, 2, 2, 1, 1), public(37, false)), Ok(8));
    let mut genesis = two([1, 4]);
    genesis.kind = Kind::Genesis;
    assert_eq!(code(&genesis, public(37, true)), Ok(3));
    assert_eq!(code(&genesis, public(37, false)), invalid);
}

#[test]
fn a_genesis_proof_bounds_adapters_and_base() {
    let c = cases().remove(0);
    let mut spec = c.spec.clone();
    spec.kind = Kind::Genesis;
    let lay = Layout::new(&spec).unwrap();
    let holds = |w: GenesisWitness| {
        let params = Params(Some(Arc::new((spec.clone(), lay.clone()))));
        let circuit = GenesisCircuit::new(params, Some(Arc::new(w)));
        MockProver::run(lay.shape.k, &circuit, vec![vec![Fr::ZERO; 3]]).unwrap().verify().is_ok()
    };
    let witness = |w0: &[i64], base: &[i64]| GenesisWitness::new(&spec, &lay, w0.to_vec(), base.to_vec(), Default::default());
    assert!(holds(witness(&c.w0, &c.base).unwrap()));
    // Other weights than the limbs say, in either strip.
    for at in [0, c.w0.len() - 1] {
        let mut w = witness(&c.w0, &c.base).unwrap();
        w.w0[at] += 1;
        assert!(!holds(w));
    }
    for at in [0, c.base.len() - 1] {
        let mut w = witness(&c.w0, &c.base).unwrap();
        w.base[at] -= 1;
        assert!(!holds(w));
    }
    // Every column of limbs, at every matrix.
    let of = |bits: u32| genesis_limbs(&spec, bits);
    let (first, second) = (of(spec.scales.w()) * lay.shape.weight_columns, of(spec.base_bits().unwrap()) * lay.shape.base_columns);
    for col in 0..first + second {
        for m in if col < first { &lay.matrices } else { &lay.base } {
            let mut w = witness(&c.w0, &c.base).unwrap();
            w.tamper(col, m.row0, 1);
            assert!(!holds(w), "column {col}, {:?} {}", m.part, m.layer);
        }
    }
    // The bounds are the number of limbs of each strip.
    for (base, bits) in [(false, spec.scales.w()), (true, spec.base_bits().unwrap())] {
        let half = 1i64 << (of(bits) as u32 * spec.scales.b - 1);
        for (v, ok) in [(half - 1, true), (-half, true), (half, false), (-half - 1, false)] {
            let (mut w0, mut b) = (c.w0.clone(), c.base.clone());
            if base {
                b[1] = v;
            } else {
                w0[1] = v;
            }
            assert_eq!(witness(&w0, &b).is_ok_and(&holds), ok, "{v}");
        }
    }
}

/// Products with the base that leave 128 bits once they are at the adapters' scale: an error, not another number.
#[test]
fn the_executor_does_not_wrap_around() {
    let mut s = spec(&[1, 256, 1], &[Linear], MeanSquaredError, 1, 1);
    s.scales = pot_sgd::spec::Scales { a: 12, d: 18, e: 20, b: 10, p: 10 };
    s.lora = Some(Lora { adapters: vec![None, Some(Adapter { rank: 1, alpha: 1 })], base_bits: 4, local: false, optimizer: None });
    s.check().unwrap();
    // h = 2^20 in every hidden unit, then 256 2^54 2^20 2^46 = 2^128.
    let mut base = vec![0i64; s.base_weights()];
    base[256..512].fill(1 << 12);
    base[512..768].fill(1 << 54);
    let outcome = Executor::on(&s, vec![0; s.weights()], base).and_then(|mut e| e.step(&[0], &[0], ETA, None));
    assert!(outcome.is_err(), "{outcome:?}");
}

/// halo2 blinds as many rows as some column has queries, and three more: the reserved rows must suffice in every
/// specification that is accepted. A weight accumulator is queried once for each distinct number of circuit rows that a
/// matrix row takes, and adapters bring two matrices a layer.
#[test]
fn reserved_rows_suffice_for_every_layout() {
    // Each layer brings two more numbers of rows a unit, at most: up to 24 layers are accepted.
    let mut accepted = 0;
    for layers in [1, 8, 23, 24, 26, 32] {
        let widths: Vec<usize> = (0..=layers).map(|l| 65 + l).collect();
        let adapters: Vec<_> = (0..layers).map(|l| Some((l + 1, l as u64 + 1))).collect();
        let mut s = with_adapters(spec(&widths, &vec![Linear; layers], MeanSquaredError, 1, 1), &adapters);
        s.shape = Some(Shape { k: 17, weight_columns: 1, data_columns: 2, lanes: 2, hidden_height: 4, base_columns: 8, update_height: 0 });
        s.check().unwrap();
        let lay = match Layout::new(&s) {
            Ok(lay) => lay,
            Err(e) => {
                assert!(layers > 24 && e.code == "CIRCUIT_TOO_LARGE", "{layers} layers: {e}");
                continue;
            }
        };
        accepted += 1;
        let mut cs = ConstraintSystem::<Fr>::default();
        WindowCircuit::configure_with_params(&mut cs, Params(Some(Arc::new((s, lay)))));
        let unusable = cs.blinding_factors() + 1;
        assert!(unusable <= RESERVED_ROWS, "{layers} layers: halo2 blinds {unusable} rows, {RESERVED_ROWS} are reserved");
    }
    assert_eq!(accepted, 4);
}
