//! Consistent cheats with adapters: a lie, everything after it computed from the lie. The circuit must refuse each.
//!
//! Two kinds of cheat. `forge` is a trainer of its own with a lie in it: all that follows is arithmetic. `Mirror` writes
//! any cells of phase 1 and 2 and recomputes what the gates demand of the rest (look-up sums, accumulators, column S), so
//! that the equations between evaluations alone stand against the lie.

mod common;
use common::{layer_local, mock, spec, with_adapters, Case, ETA};
use ff::{Field, FromUniformBytes};
use halo2_axiom::dev::{MockProver, VerifyFailure};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem};
use pot_sgd::circuit::{Params, Tamper, WindowCircuit};
use pot_sgd::config::WindowConfig;
use pot_sgd::executor::{exp_tables, Executor};
use pot_sgd::gates::{base_offset, weight_offset};
use pot_sgd::genesis::{genesis_limbs, GenesisCircuit, GenesisWitness};
use pot_sgd::layout::{s_head, Layout, Matrix, Part, Run, Slot, HIDDEN_ACCS};
use pot_sgd::prover::Prover;
use pot_sgd::scalars::{program, Acc, Exports, Program};
use pot_sgd::spec::{Activation::*, Adapter, Kind, Lora, Loss::*, Mode, SgdSpec, Shape};
use pot_sgd::statement::{base_digest, base_layout, data_layout, weight_layout, Public};
use pot_sgd::trace::{AdapterTrace, LayerTrace, SoftmaxTrace, StepTrace};
use pot_sgd::witness::{evaluate, powers, signed, Salts, Witness};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::{HashMap, HashSet};
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
                let (mut z1, mut r1): (Vec<_>, Vec<_>) =
                    product(at.a(s, old(l, StaleA), l), &input, mi).into_iter().map(|v| round(v, w)).unzip();
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
        traces.push(StepTrace { layers, softmax });
    }
    if lie == Unchanged {
        cur = c.w0.clone();
    }
    let params = Arc::new((s.clone(), Layout::new(s).unwrap()));
    let mut w = Witness::new(params, c.w0.clone(), cur, c.base.clone(), None, traces, &c.y, ETA, Salts::default());
    w.mock = true;
    w
}

fn refused(s: SgdSpec, seed: u64, lies: &[Lie]) {
    let c = Case::random(s, seed);
    let (honest, executor) = (forge(&c, Nothing), c.witness());
    assert_eq!((&honest.wk, &honest.traces), (&executor.wk, &executor.traces), "this trainer is the executor");
    mock(forge(&c, Nothing), ETA, &[]).expect("the honest window holds");
    let (mut accepted, mut idle) = (vec![], vec![]);
    for lie in lies {
        let w = forge(&c, *lie);
        if w.wk == honest.wk && w.traces == honest.traces {
            idle.push(*lie);
        } else if mock(w, ETA, &[]).is_ok() {
            accepted.push(*lie);
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
    assert!(idle.is_empty(), "these change nothing here: {idle:?}");
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
