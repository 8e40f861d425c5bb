//! Consistent cheats: a lie early in the step, everything after it computed from the lie. The circuit must refuse each.

use crate::common::held::{Held, Verdict};
use crate::common::{mock, spec, Case, ETA, FIRST};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use pot_sgd::circuit::Tamper;
use pot_sgd::config::WindowConfig;
use pot_sgd::executor::exp_tables;
use pot_sgd::layout::{Layout, HIDDEN_ACCS, S_HEAD};
use pot_sgd::scalars::{program, Exports};
use pot_sgd::spec::{Activation::*, Loss::*, Mode, SgdSpec, Shape};
use pot_sgd::trace::{LayerTrace, SoftmaxTrace, StepTrace};
use pot_sgd::witness::{Salts, Witness};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::HashSet;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    Nothing,
    /// W_K = W_0, or the update of the last step, of a bias or of one weight left out.
    Unchanged,
    SkipLastStep,
    SkipBias(usize),
    SkipWeight,
    FirstGradientTwice,
    /// The update with another rate, the other sign, or the biases' scale forgotten.
    Eta,
    Ascent,
    BiasScale,
    /// Step 2 forward with W_0, or backward with the weights after the step.
    StaleForward,
    BackwardAfterUpdate,
    /// A rounding one up, down, or with its remainder (mod 2^w) moved along.
    Z(usize, i64),
    ZShifted(usize),
    G(usize, i64),
    /// The next layer sees h + 1; the remainder of z moved instead.
    Hidden,
    Remainder(usize),
    /// A delta dropped, doubled or without the ReLU's mask.
    DropDelta(usize),
    DoubleDelta(usize),
    Unmasked,
    /// Another sample's output delta: two samples' swapped.
    SwappedDeltas,
    /// Softmax.
    MaxTooLarge,
    MaxTooLargeNoMu,
    MuElsewhere,
    LowCarry,
    ExpHigh,
    ExpLow,
    Sum,
    Quotient(i64),
    /// Labels.
    TwoHot,
    NoneHot,
    Weighted,
}
use Lie::*;

fn round(raw: i128, w: u32) -> (i64, u64) {
    let t = raw + (1i128 << (w - 1));
    ((t >> w) as i64, (t & ((1i128 << w) - 1)) as u64)
}

/// A trainer of its own, with a lie in it.
fn forge(c: &Case, lie: Lie) -> Witness {
    let s = &c.spec;
    let (w, a, d) = (s.scales.w(), s.scales.a, s.scales.d);
    let n = s.layers.len();
    let tables = exp_tables(&s.scales);
    let mut labels = c.y.clone();
    match lie {
        TwoHot => labels[..s.outputs()].fill(1),
        NoneHot => labels[..s.outputs()].fill(0),
        Weighted => {
            // Sums to one, but is not boolean: (2, -1) is out of range, so the cell is p - 1 only in 64 bits; use 2 alone.
            labels[..s.outputs()].fill(0);
            labels[0] = 2;
        }
        _ => {}
    }
    let offsets: Vec<usize> =
        s.layers.iter().scan(0, |at, l| Some(std::mem::replace(at, *at + l.outputs * (l.inputs + usize::from(l.bias))))).collect();
    let mut cur = c.w0.clone();
    let mut traces = vec![];
    let mut first_change: Option<Vec<i64>> = None;
    for t in 0..s.steps {
        let x: Vec<i64> = c.x[t * s.batch * s.inputs()..][..s.batch * s.inputs()].iter().map(|v| i64::from(*v)).collect();
        let y = &labels[t * s.batch * s.outputs()..][..s.batch * s.outputs()];
        let used = if lie == StaleForward && t == 1 { c.w0.clone() } else { cur.clone() };
        let mut layers: Vec<LayerTrace> = vec![];
        let mut h = x;
        for (l, layer) in s.layers.iter().enumerate() {
            let (mi, mo) = (layer.inputs, layer.outputs);
            let mut tr = LayerTrace { input: h.clone(), ..Default::default() };
            for b in 0..s.batch {
                for i in 0..mo {
                    let row = &used[offsets[l] + i * mi..][..mi];
                    let mut raw: i128 = row.iter().zip(&h[b * mi..][..mi]).map(|(w, x)| i128::from(*w) * i128::from(*x)).sum();
                    if layer.bias {
                        raw += i128::from(used[offsets[l] + mo * mi + i]) << a;
                    }
                    let (mut z, mut r) = round(raw, w);
                    if t == 0 && b == 0 && i == 0 {
                        match lie {
                            Z(at, by) if at == l => z += by,
                            ZShifted(at) if at == l => (z, r) = (z + 1, r ^ (1 << (w - 1))),
                            Remainder(at) if at == l => r ^= 1,
                            _ => {}
                        }
                    }
                    tr.z.push(z);
                    tr.r.push(r);
                }
            }
            h = tr.z.iter().map(|z| if layer.activation == Relu { (*z).max(0) } else { *z }).collect();
            if lie == Hidden && l + 1 < n && t == 0 {
                h[0] += 1;
            }
            layers.push(tr);
        }
        let m = s.outputs();
        let mut softmax = None;
        let mut delta = vec![];
        let z = layers[n - 1].z.clone();
        if s.softmax() {
            let mut sm = SoftmaxTrace::default();
            let low = s.scales.exp_low_bits();
            for b in 0..s.batch {
                let z = &z[b * m..][..m];
                let here = t == 0 && b == 0;
                let mut max = *z.iter().max().unwrap();
                let mut at = z.iter().position(|v| *v == max).unwrap();
                if here && matches!(lie, MaxTooLarge | MaxTooLargeNoMu) {
                    max += 1;
                }
                if here && lie == MaxTooLargeNoMu {
                    at = usize::MAX;
                }
                if here && lie == MuElsewhere {
                    at = (at + 1) % m;
                }
                sm.max.push(max);
                sm.arg_max.push(at);
                let mut exps = vec![];
                for (i, z) in z.iter().enumerate() {
                    let t = (max - z) as u64;
                    let (mut hi, mut lo) = (t >> low, t & ((1 << low) - 1));
                    if here && lie == LowCarry && hi > 0 {
                        (hi, lo) = (hi - 1, lo + (1 << low));
                    }
                    let e_lo = tables.1.get(lo as usize).copied().unwrap_or(1);
                    let (mut eh, mut el) = (u64::from(tables.0[hi as usize]), u64::from(e_lo));
                    if here && i == 0 {
                        eh += u64::from(lie == ExpHigh);
                        el += u64::from(lie == ExpLow);
                    }
                    exps.push(eh * el);
                    sm.hi.push(hi);
                    sm.lo.push(lo);
                    sm.e_hi.push(eh);
                    sm.e_lo.push(el);
                }
                let sum = exps.iter().sum::<u64>() + u64::from(here && lie == Sum);
                sm.sum.push(sum);
                for (i, e) in exps.iter().enumerate() {
                    let num = (u128::from(*e) << (d + 1)) + u128::from(sum);
                    let mut q = (num / (2 * u128::from(sum))) as i64;
                    if let (Quotient(by), true, 0) = (lie, here, i) {
                        q += by;
                    }
                    sm.q.push(q as u64);
                    sm.rem.push((num as i128 - i128::from(q) * 2 * i128::from(sum)) as u64);
                    delta.push(q - (i64::from(y[b * m + i]) << d));
                }
            }
            softmax = Some(sm);
        } else {
            delta = z.iter().zip(y).map(|(z, y)| (z - i64::from(*y)) << (d - a)).collect();
        }
        if lie == SwappedDeltas && t == 0 {
            delta.rotate_left(m);
        }
        let mut after = None;
        for l in (0..n).rev() {
            let (mi, mo) = (s.layers[l].inputs, s.layers[l].outputs);
            if t == 0 {
                // A delta that is not zero, so that the lie is one.
                let at = delta.iter().position(|v| *v != 0).unwrap_or(0);
                match lie {
                    DropDelta(k) if k == l => delta[at] = 0,
                    DoubleDelta(k) if k == l => delta[at] *= 2,
                    _ => {}
                }
            }
            layers[l].delta = delta.clone();
            if l == 0 {
                break;
            }
            if lie == BackwardAfterUpdate && l + 1 == n {
                let mut w1 = used.clone();
                for i in 0..mo {
                    for j in 0..mi {
                        let g: i64 = (0..s.batch).map(|b| delta[b * mo + i] * layers[l].input[b * mi + j]).sum();
                        w1[offsets[l] + i * mi + j] -= ETA * g;
                    }
                }
                after = Some(w1);
            }
            let with = if l + 1 == n { after.as_ref().unwrap_or(&used) } else { &used };
            let mut below = vec![];
            for b in 0..s.batch {
                for j in 0..mi {
                    let raw: i128 = (0..mo).map(|i| i128::from(with[offsets[l] + i * mi + j]) * i128::from(delta[b * mo + i])).sum();
                    let (mut g, rg) = round(raw, w);
                    let zb = layers[l - 1].z[b * mi + j];
                    let dead = s.layers[l - 1].activation == Relu && zb <= 0;
                    if let (G(at, by), true, 0, 0) = (lie, t == 0, b, j) {
                        g += if at == l { by } else { 0 };
                    }
                    layers[l].g.push(g);
                    layers[l].rg.push(rg);
                    below.push(if dead && lie != Unmasked { 0 } else { g });
                }
            }
            delta = below;
        }
        let mut next = cur.clone();
        let eta = match lie {
            Eta => ETA + 1,
            Ascent => -ETA,
            _ => ETA,
        };
        for (l, layer) in s.layers.iter().enumerate() {
            let (mi, mo, tr) = (layer.inputs, layer.outputs, &layers[l]);
            for i in 0..mo {
                for j in 0..mi {
                    let g: i64 = (0..s.batch).map(|b| tr.delta[b * mo + i] * tr.input[b * mi + j]).sum();
                    next[offsets[l] + i * mi + j] -= eta * g;
                }
                if layer.bias && lie != SkipBias(l) {
                    let g: i64 = (0..s.batch).map(|b| tr.delta[b * mo + i]).sum();
                    next[offsets[l] + mo * mi + i] -= (eta * g) << if lie == BiasScale { 0 } else { a };
                }
            }
        }
        let change: Vec<i64> = next.iter().zip(&cur).map(|(a, b)| a - b).collect();
        if lie == FirstGradientTwice && t == 1 {
            next = cur.iter().zip(first_change.as_ref().unwrap()).map(|(a, b)| a + b).collect();
        }
        first_change.get_or_insert(change.clone());
        if lie == SkipWeight && t == 0 {
            let at = change.iter().position(|v| *v != 0).expect("something moves");
            next[at] = cur[at];
        }
        if !(lie == SkipLastStep && t + 1 == s.steps) {
            cur = next;
        }
        traces.push(StepTrace { layers, softmax, update: None });
    }
    if lie == Unchanged {
        cur = c.w0.clone();
    }
    let params = Arc::new((s.clone(), Layout::new(s).unwrap()));
    Witness::new(params, c.w0.clone(), cur, vec![], None, traces, &labels, ETA, Salts::default())
}

/// The witness in numbers, to see that a lie is one.
fn differs(a: &Witness, b: &Witness) -> bool {
    a.wk != b.wk || a.traces != b.traces
}

fn refused(s: SgdSpec, seed: u64, lies: &[Lie]) {
    refused_case(Case::random(s, seed), lies);
}

fn refused_case(c: Case, lies: &[Lie]) {
    let honest = forge(&c, Nothing);
    assert_eq!(honest.wk, c.witness().wk, "this trainer is the executor");
    assert_eq!(honest.traces, c.witness().traces);
    let mut held = Held::new(forge(&c, Nothing), ETA);
    let mut accepted = vec![];
    for lie in lies {
        let w = forge(&c, *lie);
        assert!(differs(&w, &honest), "{lie:?} changes nothing here");
        // A witness that cannot even be written down counts as refused only by the circuit, so no panic may hide here.
        if held.witness(&w) == Verdict::Accepted {
            accepted.push(*lie);
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
}

const UPDATES: [Lie; 9] = [Unchanged, SkipLastStep, SkipBias(0), SkipBias(1), SkipWeight, FirstGradientTwice, Eta, Ascent, BiasScale];

#[test]
fn updates_softmax() {
    refused(spec(&[5, 7, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), 41, &UPDATES);
}

#[test]
fn updates_regression() {
    refused(spec(&[3, 5, 2], &[Linear], MeanSquaredError, 3, 2), 42, &UPDATES);
}

#[test]
fn forward_and_backward() {
    let lies = [
        StaleForward,
        BackwardAfterUpdate,
        Z(0, 1),
        Z(0, -1),
        Z(1, 1),
        Z(2, -1),
        ZShifted(0),
        ZShifted(1),
        ZShifted(2),
        G(1, 1),
        G(2, -1),
        Hidden,
        Remainder(0),
        Remainder(2),
        DropDelta(0),
        DropDelta(1),
        DropDelta(2),
        DoubleDelta(0),
        DoubleDelta(2),
        Unmasked,
        SwappedDeltas,
    ];
    refused(spec(&[4, 7, 5, 3], &[Relu, Linear], SoftmaxCrossEntropy, 2, 2), 43, &lies);
    refused(spec(&[4, 7, 5, 2], &[Relu, Relu], MeanSquaredError, 2, 2), 44, &lies);
}

#[test]
fn softmax() {
    let lies = [MaxTooLarge, MaxTooLargeNoMu, MuElsewhere, LowCarry, ExpHigh, ExpLow, Sum, Quotient(1), Quotient(-1), TwoHot, NoneHot, Weighted];
    refused(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), 45, &lies);
    refused(spec(&[5, 4], &[], SoftmaxCrossEntropy, 1, 1), 46, &lies);
}

#[test]
fn one_layer_without_bias() {
    let mut s = spec(&[5, 3], &[], MeanSquaredError, 1, 2);
    s.layers[0].bias = false;
    refused(s, 47, &[Unchanged, SkipLastStep, SkipWeight, FirstGradientTwice, Eta, StaleForward, Z(0, 1), ZShifted(0), Remainder(0), DropDelta(0)]);
}

#[test]
fn one_unit_everywhere() {
    refused(
        spec(&[1, 1, 1], &[Linear], MeanSquaredError, 1, 2),
        48,
        &[Unchanged, SkipLastStep, SkipBias(0), Eta, StaleForward, Z(0, 1), Z(1, 1), G(1, 1), DropDelta(1)],
    );
}

/// Deviations in tolerance mode stay within their limbs: one beyond the bound does not fit, and a lying limb is refused.
#[test]
fn a_deviation_beyond_the_bound_is_refused() {
    let mut s = spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1);
    (s.mode, s.tolerance_limbs) = (Mode::Tolerance, 2);
    let c = Case::random(s, 49);
    let bound = 1i64 << (2 * c.spec.scales.b - 1);
    for (dev, ok) in [(0, true), (bound - 1, true), (-bound, true), (bound, false), (-bound - 1, false)] {
        let honest = forge(&c, Nothing);
        let mut wk = honest.wk.clone();
        wk[0] += dev;
        let mut e = vec![0; wk.len()];
        e[0] = dev;
        let w = Witness::new(honest.params.clone(), c.w0.clone(), wk, vec![], Some(&e), honest.traces.clone(), &c.y, ETA, Salts::default());
        assert_eq!(mock(w, ETA).is_ok(), ok, "deviation {dev}");
    }
}

/// Random networks in random shapes: more lanes than units, columns that do not divide rows, heights of every kind.
fn random_case(rng: &mut ChaCha20Rng, seed: u64) -> Option<Case> {
    let mut pick = |n: u64| (rng.next_u64() % n) as usize;
    let depth = 1 + pick(3);
    let widths: Vec<usize> = (0..=depth).map(|_| 1 + pick(9)).collect();
    let hidden: Vec<_> = (0..depth).map(|_| if pick(2) == 0 { Relu } else { Linear }).collect();
    let loss = if pick(2) == 0 { SoftmaxCrossEntropy } else { MeanSquaredError };
    let mut s = spec(&widths, &hidden, loss, 1 + pick(3), 1 + pick(3));
    for l in &mut s.layers {
        l.bias = pick(3) > 0;
    }
    s.x_offset = if pick(2) == 0 { 32 } else { 0 };
    s.y_offset = if pick(2) == 0 && loss == MeanSquaredError { 32 } else { 0 };
    let mut c = Case::random(s, seed);
    c.spec.shape = Some(Shape {
        k: 11,
        weight_columns: 1 + pick(12),
        data_columns: 1 + pick(12),
        lanes: 1 + pick(6),
        hidden_height: 1 + pick(14),
        base_columns: 0,
        update_height: 0,
    });
    Layout::new(&c.spec).ok()?;
    Some(c)
}

#[test]
fn random_shapes() {
    let mut rng = ChaCha20Rng::seed_from_u64(50);
    let mut seen = 0;
    for seed in 0..60 {
        let Some(c) = random_case(&mut rng, 1000 + seed) else { continue };
        // A random network may leave the tiny ranges: the executor says so.
        if pot_sgd::prover::Prover::witness(&c.spec, &c.input(), ETA, FIRST).is_err() {
            continue;
        }
        eprintln!("{:?}", c.spec);
        let mut lies = vec![Eta, Ascent, Z(0, 1), ZShifted(0), Remainder(c.spec.layers.len() - 1)];
        if c.spec.layers.len() > 1 {
            lies.push(G(1, 1));
        }
        let honest = forge(&c, Nothing);
        lies.retain(|l| differs(&forge(&c, *l), &honest));
        refused_case(c, &lies);
        seen += 1;
    }
    assert!(seen > 25, "only {seen} random networks");
}

/// No cell of S is written by two gates, other than the end of one equation that begins the next.
#[test]
fn exports_and_equations_do_not_meet() {
    let mut rng = ChaCha20Rng::seed_from_u64(51);
    let mut seen = 0;
    for seed in 0..400 {
        let Some(c) = random_case(&mut rng, 2000 + seed) else { continue };
        let (spec, lay) = (&c.spec, Layout::new(&c.spec).unwrap());
        let mut fixed: HashSet<usize> = (0..S_HEAD).collect();
        let mut export = |row: usize, n: usize| (row..row + n).for_each(|r| assert!(fixed.insert(r) && r < lay.limit, "S row {r} twice: {spec:?}"));
        lay.matrices.iter().for_each(|m| export(m.end(), if m.backward { 2 } else { 1 }));
        lay.inputs.iter().for_each(|r| export(r.end(), 1));
        lay.labels.iter().for_each(|r| export(r.end(), 2));
        lay.hidden.iter().flatten().for_each(|r| export(r.end(), HIDDEN_ACCS));
        lay.outputs.iter().for_each(|r| export(r.end(), 3));
        lay.forward.iter().chain(&lay.backward).flatten().for_each(|r| export(r.end(), 2));
        let zero = |_, _| Fr::ZERO;
        let Ok(p) = program(spec, &lay, &Exports::zero(spec, &zero)) else { continue };
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
        // one (a subtraction), which determines the first.
        let ends: HashSet<usize> = p.mul_adds.iter().map(|r| r + 3).collect();
        let copied: HashSet<usize> = p.copies.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for r in &p.mul_adds {
            assert!(fixed.contains(r) || ends.contains(r) || copied.contains(r) || copied.contains(&(r + 3)), "equation {r} begins with a free cell");
            assert!(copied.contains(&(r + 1)) && copied.contains(&(r + 2)));
        }
        seen += 1;
    }
    assert!(seen > 300);
}

/// Every cell of S that the program writes, one at a time.
#[test]
fn every_scalar_is_pinned() {
    for (s, seed) in [(spec(&[3, 2, 2], &[Relu], SoftmaxCrossEntropy, 2, 2), 52), (spec(&[2, 2], &[], MeanSquaredError, 1, 2), 53)] {
        let mut s = s;
        s.x_offset = 16;
        s.y_offset = if s.softmax() { 0 } else { 16 };
        let c = Case::random(s, seed);
        let lay = Layout::new(&c.spec).unwrap();
        let zero = |_, _| Fr::ZERO;
        let p = program(&c.spec, &lay, &Exports::zero(&c.spec, &zero)).unwrap();
        let cf = WindowConfig::new(&mut ConstraintSystem::<Fr>::default(), &c.spec, &lay);
        let rows: HashSet<usize> = p.values.iter().map(|(r, _)| *r).collect();
        let mut held = Held::new(c.witness(), ETA);
        for row in rows {
            let tamper = Tamper { column: cf.s.index(), row, add: Fr::ONE };
            assert_ne!(held.changed(&[tamper]), Verdict::Accepted, "S row {row} is free");
        }
    }
}
