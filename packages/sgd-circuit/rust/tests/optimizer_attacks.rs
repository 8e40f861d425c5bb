//! Consistent cheats with optimisers: a lie, everything after it computed from the lie. The circuit must refuse each.
//!
//! `forge` trains with the executor's forward and backward pass, and takes each step itself, with a lie in it; `Mirror` writes
//! its blocks and recomputes what the gates demand of the rest (look-up sums, accumulators, column S).

// Matrix code reads better with indices, which several arrays share.
#![allow(clippy::needless_range_loop)]

use crate::common::held::{Held, Verdict};
use crate::common::mirror::{self, Points};
use crate::common::{layer_local, mock, public, spec, with_adapters, with_optimizer, Case, ETA, FIRST};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem};
use pot_mock::MockProver;
use pot_sgd::circuit::{Params, Tamper, WindowCircuit};
use pot_sgd::config::WindowConfig;
use pot_sgd::executor::Executor;
use pot_sgd::genesis::{GenesisCircuit, GenesisWitness};
use pot_sgd::layout::{s_head, Layout, Matrix, GRADIENT_ROW, HIDDEN_ACCS, INSTANCE, RATE_ROW, RESERVED_ROWS, STATE_ROW, WEIGHT_ROW};
use pot_sgd::offsets::{gradient_offset, state_offset, weight_offset};
use pot_sgd::optimizer::{Entry, Optimizer};
use pot_sgd::prover::{Prover, WindowInput};
use pot_sgd::scalars::{program, Acc, Exports};
use pot_sgd::spec::{Activation::*, Kind, Loss::*, Part, SgdSpec, Shape};
use pot_sgd::statement::{data_layout, field_to_hex, weight_layout, weights_digest, Public};
use pot_sgd::witness::{powers, signed, Salts, Witness};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    Nothing,
    /// A number one up or down, its remainder moved along with it: quotients, the root, the ratio.
    Bent(&'static str, i128),
    /// Step t sees state i as 0, or that of the next weight, while the checkpoint or the step before says otherwise.
    Reset(usize, usize),
    OtherState(usize, usize),
    /// The checkpoint itself has another state, the blocks agree with it, and the weights after are those of the true one.
    ForgottenState,
    /// Weights, states or both stay in step t.
    SkipWeight(usize),
    SkipState(usize),
    SkipStep(usize),
    /// Step t takes the rate of another step, the rates of A and B' change places, all are one more, or 0.
    StepRate(usize, usize),
    SwappedRates(usize),
    Faster(usize),
    NoRate(usize),
    /// Epsilon one more or less; B' with A's.
    Epsilon(i64),
    UnscaledEpsilon,
    NoDecay(usize),
    DoubleDecay(usize),
    /// The decay of the weight after the step's move.
    LateDecay(usize),
    /// G of step t: one more, 0, its negative, that of the step before, of the next weight, of one sample alone.
    MoreG(usize),
    NoG(usize),
    Ascent(usize),
    StaleG(usize),
    OtherG(usize),
    OneSample(usize),
    /// The blocks' W in step t, and what leads to it, is one more than what forward and backward take.
    OtherW(usize),
    /// The checkpoint after is not what the last step leaves: weight, state i.
    LooseWeight,
    LooseState(usize),
    /// Without Nesterov: the direction is `momentum M' + G`; the moments without the factor of G.
    Nesterov,
    Undamped,
}
use Lie::*;

/// One weight's block as a cheating prover fills it in, and what it says of the weight and its states after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Block {
    weight: i64,
    gradient: i64,
    rate: i64,
    states: Vec<i64>,
    numbers: Vec<i128>,
    after: Vec<i128>,
}

fn root(v: i128) -> i128 {
    let mut r = (v.max(0) as f64).sqrt() as i128;
    while r * r > v {
        r -= 1;
    }
    while (r + 1) * (r + 1) <= v {
        r += 1;
    }
    r
}

/// A step of one weight, by docs/operators/optimizers.md, with a lie in it.
fn take(s: &SgdSpec, o: Optimizer, rate: i64, epsilon: u64, e: &Entry, (t, lie): (usize, Lie)) -> Block {
    let sc = &s.scales;
    let b = sc.b;
    let by = |name: &str| match lie {
        Bent(n, by) if n == name && t == 0 => by,
        _ => 0,
    };
    let round = |name: &str, v: i128, bits: u32| {
        let v = v + (1 << (bits - 1));
        (v.div_euclid(1 << bits) + by(name), v.rem_euclid(1 << bits) - (by(name) << bits))
    };
    let (weight, first, second, gradient) = (i128::from(e.weight), i128::from(e.first), i128::from(e.second), i128::from(e.gradient));
    let (mut numbers, mut states) = (vec![], vec![]);
    let direction = match o {
        Optimizer::Sgd { .. } => gradient,
        Optimizer::Momentum { momentum, .. } => {
            let (q, r) = round("kept", i128::from(momentum) * first, b);
            numbers = vec![q, r];
            states = vec![q + gradient];
            if lie == Nesterov {
                round("", i128::from(momentum) * (q + gradient), b).0 + gradient
            } else {
                q + gradient
            }
        }
        Optimizer::Adam { beta1, beta2, .. } => {
            let g = gradient << (24.max(sc.a + sc.d) - sc.a - sc.d);
            let (beta1, beta2, one) = (i128::from(beta1), i128::from(beta2), 1i128 << b);
            let weight_of = |beta: i128| if lie == Undamped { one } else { one - beta };
            let (m, m_rest) = round("first", beta1 * first + weight_of(beta1) * g, b);
            let (v, v_rest) = round("second", beta2 * second + weight_of(beta2) * g * g, b);
            let s = root(v) + by("root");
            let (over, den) = (v - s * s, s + i128::from(epsilon));
            let n = (m << (sc.e + 1)) + den;
            let (mut u, mut rest) = (n.div_euclid(2 * den), n.rem_euclid(2 * den));
            u += by("ratio");
            rest -= by("ratio") * 2 * den;
            numbers = vec![m, m_rest, s, over, 2 * s - over, v_rest, u, rest, 2 * den - 1 - rest];
            states = vec![m, v];
            u
        }
    };
    let mut after = weight - i128::from(rate) * direction;
    if o.decay() > 0 {
        let of = if lie == LateDecay(t) { after } else { weight };
        let (q, r) = round("decayed", i128::from(o.decay()) * of, 2 * b);
        numbers.extend([q, r]);
        after -= match lie {
            NoDecay(k) if k == t => 0,
            DoubleDecay(k) if k == t => 2 * q,
            _ => q,
        };
    }
    let before = [e.first, e.second][..states.len()].to_vec();
    if lie == SkipWeight(t) || lie == SkipStep(t) {
        after = weight;
    }
    if lie == SkipState(t) || lie == SkipStep(t) {
        states = before.iter().map(|v| i128::from(*v)).collect();
    }
    let after = [after].into_iter().chain(states).collect();
    Block { weight: e.weight, gradient: e.gradient, rate, states: before, numbers, after }
}

/// A window with a lie in it.
struct Forged {
    w0: Vec<i64>,
    wk: Vec<i64>,
    traces: Vec<pot_sgd::trace::StepTrace>,
    /// `[step][flat index]`
    blocks: Vec<Vec<Block>>,
    /// What forward took, and the samples gave.
    honest: Vec<Vec<(i64, i64)>>,
}

/// A matrix of each weight: its part, layer and place.
fn matrix_of(lay: &Layout, i: usize) -> &Matrix {
    lay.matrices.iter().find(|m| (m.offset..m.offset + m.rows * m.cols).contains(&i)).unwrap()
}

/// `only`: the weight that the lie is about, else all. None where the numbers leave the executor's range.
fn forge(c: &Case, lie: Lie, only: Option<usize>) -> Option<Forged> {
    let s = &c.spec;
    let (o, n, lay) = (s.optimizer().unwrap(), s.weights(), Layout::new(s).unwrap());
    let states = o.states();
    let mut w0 = c.w0.clone();
    let mut cur = w0.clone();
    let (mut traces, mut blocks, mut honest) = (vec![], vec![], vec![]);
    let (nx, ny) = (s.batch * s.inputs(), s.batch * s.outputs());
    let mut before: Option<Vec<i64>> = None;
    for t in 0..s.steps {
        let mut ex = Executor::on(s, cur.clone(), c.base.clone()).ok()?;
        let mut trace = ex.step_traced(&c.x[t * nx..][..nx], &c.y[t * ny..][..ny], ETA, Some(FIRST + t as u64)).ok()?;
        let update = trace.update.as_mut().unwrap();
        let entries = update.entries.clone();
        honest.push(entries.iter().map(|e| (e.weight, e.gradient)).collect());
        let rates = |number: u64, part: Part, l: usize| s.matrix_rate(s.adapter(l).unwrap(), part, s.step_rate(ETA, number)).unwrap();
        let mut next = cur.clone();
        let mut step = vec![];
        for (i, own) in entries.iter().enumerate() {
            let m = matrix_of(&lay, i);
            let (l, part) = (m.layer, m.part);
            let other = if part == Part::A { Part::B } else { Part::A };
            let lie = if only.is_none_or(|k| k == i) { lie } else { Nothing };
            let neighbour = &entries[if i + 1 < m.offset + m.rows * m.cols { i + 1 } else { m.offset }];
            let mut e = *own;
            let mut rate = rates(FIRST + t as u64, part, l);
            match lie {
                Reset(k, 0) if k == t => e.first = 0,
                Reset(k, _) if k == t => e.second = 0,
                OtherState(k, 0) if k == t => e.first = neighbour.first,
                OtherState(k, _) if k == t => e.second = neighbour.second,
                StepRate(k, from) if k == t => rate.rate = rates(FIRST + from as u64, part, l).rate,
                SwappedRates(k) if k == t => rate.rate = rates(FIRST + t as u64, other, l).rate,
                Faster(k) if k == t => rate.rate += 1,
                NoRate(k) if k == t => rate.rate = 0,
                Epsilon(by) => rate.epsilon = rate.epsilon.checked_add_signed(by).unwrap(),
                UnscaledEpsilon => rate.epsilon = o.epsilon(None),
                MoreG(k) if k == t => e.gradient += 1,
                NoG(k) if k == t => e.gradient = 0,
                Ascent(k) if k == t => e.gradient = -e.gradient,
                StaleG(k) if k == t => e.gradient = before.as_ref().map_or(0, |g| g[i]),
                OtherG(k) if k == t => e.gradient = neighbour.gradient,
                OneSample(k) if k == t => {
                    let (tr, i) = (&trace.layers[l], i - m.offset);
                    let unit = tr.adapter.as_ref().unwrap();
                    let (left, right) = if part == Part::A { (&unit.g, &tr.input) } else { (&tr.delta, &unit.z) };
                    e.gradient = left[i / m.cols] * right[i % m.cols];
                }
                OtherW(k) if k == t => e.weight += 1,
                _ => {}
            }
            let block = take(s, o, rate.rate, rate.epsilon, &e, (t, lie));
            for (which, v) in block.after.iter().enumerate() {
                next[which * n + i] = i64::try_from(*v).ok()?;
            }
            if lie == OtherW(t) {
                if t == 0 {
                    w0[i] += 1;
                } else {
                    // The step before leaves it so.
                    let last: &mut Vec<Block> = blocks.last_mut().unwrap();
                    last[i].after[0] += 1;
                }
            }
            update.entries[i] = e;
            step.push(block);
        }
        before = Some(entries.iter().map(|e| e.gradient).collect());
        traces.push(trace);
        blocks.push(step);
        cur = next;
    }
    for i in (0..n).filter(|i| only.is_none_or(|k| k == *i)) {
        match lie {
            LooseWeight => cur[i] += 1,
            LooseState(which) => cur[(1 + which) * n + i] += 1,
            _ => {}
        }
    }
    if lie == ForgottenState {
        w0[n..(1 + states) * n].fill(0);
        for (i, e) in traces[0].update.as_mut().unwrap().entries.iter_mut().enumerate() {
            (e.first, e.second) = (0, 0);
            blocks[0][i].states.fill(0);
        }
    }
    Some(Forged { w0, wk: cur, traces, blocks, honest })
}

impl Forged {
    fn witness(&self, c: &Case) -> Witness {
        let params = Arc::new((c.spec.clone(), Layout::new(&c.spec).unwrap()));
        let mut traces = self.traces.clone();
        // The vectors are those of what forward took; `Mirror` writes the blocks.
        for (t, trace) in traces.iter_mut().enumerate() {
            for (e, (w, _)) in trace.update.as_mut().unwrap().entries.iter_mut().zip(&self.honest[t]) {
                e.weight = *w;
            }
        }
        Witness::new(params, self.w0.clone(), self.wk.clone(), c.base.clone(), None, traces, &c.y, ETA, Salts::default())
    }
}

/// Every cell of a forged window.
struct Mirror<'a> {
    case: &'a Case,
    forged: &'a Forged,
    lay: Layout,
    cf: WindowConfig,
    ch: Points,
    /// What the circuit is given before the changes.
    given: Vec<Vec<Fr>>,
    cells: Vec<Vec<Fr>>,
    plain: Vec<Column<Advice>>,
}

/// How a cheater chooses what is free: S beside a block says the true rate or the block's, and the free cells are the weights
/// that forward took, or fit the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    rates: bool,
    free: bool,
}

impl<'a> Mirror<'a> {
    fn new(case: &'a Case, forged: &'a Forged) -> Self {
        let w = forged.witness(case);
        let (spec, lay) = (*w.params).clone();
        let cf = WindowConfig::new(&mut ConstraintSystem::<Fr>::default(), &spec, &lay);
        let (ch, cells) = (Points::new(&cf), mirror::cells(&w, &cf));
        let plain = cf.plain.to_vec();
        Self { case, forged, lay, cf, ch, given: cells.clone(), cells, plain }
    }
    fn get(&self, c: Column<Advice>, row: usize) -> Fr {
        self.cells[c.index()][row]
    }
    fn set(&mut self, c: Column<Advice>, row: usize, v: Fr) {
        self.cells[c.index()][row] = v;
    }

    /// Row and lane of a weight in the first step.
    fn place(&self, i: usize) -> (usize, usize) {
        let (m, lanes) = (matrix_of(&self.lay, i), self.plain.len());
        let (r, j) = ((i - m.offset) / m.cols, (i - m.offset) % m.cols);
        (m.row(r, j / lanes), j % lanes)
    }

    /// Writes the forged blocks and the checkpoints that they claim.
    fn blocks(&mut self) {
        let s = &self.case.spec;
        let (u, b) = (self.lay.updates.clone().unwrap(), s.scales.b as usize);
        for (t, step) in self.forged.blocks.iter().enumerate() {
            for (i, block) in step.iter().enumerate() {
                let (row, lane) = self.place(i);
                let row = row + t * u.stride;
                let plain = self.plain[lane];
                self.set(plain, row + WEIGHT_ROW, signed(block.weight + weight_offset(s)));
                self.set(plain, row + GRADIENT_ROW, signed(block.gradient) + signed(gradient_offset()));
                if lane == 0 {
                    self.set(plain, row + RATE_ROW, signed(block.rate));
                }
                for (k, v) in block.states.iter().enumerate() {
                    self.set(plain, row + STATE_ROW + k, signed(*v) + signed(state_offset(s, k)));
                }
                for ((n, slots), v) in u.numbers.iter().zip(&block.numbers) {
                    let v = v + if n.signed { 1i128 << (b * n.limbs - 1) } else { 0 };
                    for (k, slot) in slots.iter().enumerate() {
                        // Whatever is out of range is in the last limb.
                        let limb = if k + 1 < n.limbs { v >> (b * k) & ((1 << b) - 1) } else { v >> (b * k) };
                        let column = self.cf.update[lane * u.columns + slot.col];
                        self.set(column, row + slot.rot, signed(limb as i64));
                    }
                }
            }
        }
    }

    /// Ends of `sum_ij x^i y^j M[i,j]` of step `t`'s blocks, a matrix each.
    fn ends(&self, t: usize, x: Fr, y: Fr, cell: &dyn Fn(usize, usize) -> Fr, put: &mut dyn FnMut(usize, Fr, bool)) -> Vec<Fr> {
        let (lanes, shift) = (self.plain.len(), t * self.lay.updates.as_ref().unwrap().stride);
        let pow = powers(y, lanes + 1);
        let one = |m: &Matrix, put: &mut dyn FnMut(usize, Fr, bool)| {
            let mut rows = Fr::ZERO;
            for i in (0..m.rows).rev() {
                let mut acc = Fr::ZERO;
                for chunk in (0..m.chunks).rev() {
                    let row = m.row(i, chunk) + shift;
                    acc = acc * pow[lanes] + (0..lanes).map(|j| pow[j] * cell(j, row)).sum::<Fr>();
                    if chunk == 0 {
                        acc += rows * x;
                        rows = acc;
                    }
                    put(row, acc, m.backward);
                }
            }
            rows
        };
        self.lay.matrices.iter().map(|m| one(m, put)).collect()
    }

    /// Look-up sums, accumulators of the blocks and S.
    fn rebuild(&mut self, choice: Choice) {
        self.look_ups();
        self.equations(choice);
    }

    fn equations(&mut self, choice: Choice) {
        let (cf, lay, ch, s) = (self.cf.clone(), self.lay.clone(), self.ch, &self.case.spec);
        let cells = self.cells.clone();
        let at = |lane: usize, row: usize| cells[self.plain[lane].index()][row];
        let weight = |lane: usize, row: usize| at(lane, row + WEIGHT_ROW) - signed(weight_offset(s));
        let both = |lane: usize, row: usize| weight(lane, row) + ch.omega * (at(lane, row + GRADIENT_ROW) - signed(gradient_offset()));
        let mut free = vec![];
        let mut out: Vec<(Column<Advice>, usize, Fr)> = vec![];
        for t in 0..s.steps {
            self.ends(t, ch.sigma, ch.tau, &both, &mut |row, v, _| out.push((cf.weight_acc[0], row, v)));
            self.ends(t, ch.tau, ch.theta, &weight, &mut |row, v, back| {
                if back {
                    out.push((cf.weight_acc[1], row, v));
                }
            });
            // What forward took, or what makes `W + omega G = a + omega sum` hold.
            let value = |i: usize| {
                let (block, (w, g)) = (&self.forged.blocks[t][i], self.forged.honest[t][i]);
                if choice.free {
                    signed(block.weight) + ch.omega * (signed(block.gradient) - signed(g))
                } else {
                    signed(w)
                }
            };
            let shift = t * lay.updates.as_ref().unwrap().stride;
            let mut by_place = HashMap::new();
            (0..s.weights()).for_each(|i| {
                let (row, lane) = self.place(i);
                by_place.insert((lane, row + shift), value(i));
            });
            let ends = self.ends(t, ch.sigma, ch.tau, &|lane, row| by_place.get(&(lane, row)).copied().unwrap_or(Fr::ZERO), &mut |_, _, _| {});
            let of = |l: usize, part: Part| lay.matrices.iter().position(|m| m.layer == l && m.part == part).map_or(Fr::ZERO, |i| ends[i]);
            free.push([Part::A, Part::B].map(|p| (0..s.layers.len()).map(|l| of(l, p)).collect::<Vec<_>>()));
        }
        out.into_iter().for_each(|(col, row, v)| self.set(col, row, v));
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
        let rates = (0..s.steps as u64).map(|t| signed(s.step_rate(ETA, FIRST + t))).collect();
        let p = program(s, &lay, &Exports { eta: signed(ETA), sigma, theta, rho, gamma, tau, omega, free, rates, at: &at }).unwrap();
        for (row, v) in p.values {
            self.set(cf.s, row, v);
        }
        if choice.rates {
            for (t, shift) in lay.copies(s).enumerate() {
                for m in &lay.matrices {
                    // The first block of a matrix is its last weights'.
                    let last = m.offset + (m.rows - 1) * m.cols + (m.chunks - 1) * self.plain.len();
                    self.set(cf.s, m.row0 + shift + RATE_ROW, signed(self.forged.blocks[t][last].rate));
                }
            }
        }
    }

    fn look_ups(&mut self) {
        mirror::look_ups(&mut self.cells, &self.cf, self.lay.look_end, self.case.spec.scales.b, self.ch.beta);
    }
}

/// The verdicts on a forged window for each choice; choices that come to the same cells are judged once.
fn judged(held: &mut Held, c: &Case, f: &Forged) -> [Verdict; 3] {
    let mut m = Mirror::new(c, f);
    m.blocks();
    m.look_ups();
    let blocks = m.cells.clone();
    let mut seen: Vec<(Vec<Vec<Fr>>, Verdict)> = vec![];
    CHOICES.map(|choice| {
        m.cells.clone_from(&blocks);
        m.equations(choice);
        let known = seen.iter().find(|(cells, _)| *cells == m.cells).map(|(_, verdict)| *verdict);
        let verdict = known.unwrap_or_else(|| held.verdict(&m.cells));
        seen.push((m.cells.clone(), verdict));
        verdict
    })
}

const HONEST: Choice = Choice { rates: false, free: false };
const CHOICES: [Choice; 3] = [HONEST, Choice { rates: true, free: false }, Choice { rates: true, free: true }];

/// Each lie, in the first of some random windows where it changes anything: about all weights at once, and about one of each
/// matrix; with S and the free cells in each way that they can be chosen.
fn refused(s: SgdSpec, seed: u64, lies: &[Lie]) {
    for lanes in [1, 3] {
        refused_in(s.clone(), seed, lies, lanes);
    }
}

/// A random case whose blocks have this many lanes.
fn in_lanes(s: SgdSpec, seed: u64, lanes: usize) -> Case {
    let mut c = Case::random(s, seed);
    let states = c.spec.optimizer().unwrap().states();
    for k in 9..13 {
        let shape = c.spec.shape.as_mut().unwrap();
        (shape.k, shape.weight_columns, shape.update_height) = (k, lanes * (1 + states), 7);
        let lay = Layout::new(&c.spec);
        if lay.is_ok_and(|lay| program(&c.spec, &lay, &Exports::zero(&c.spec, &|_, _| Fr::ZERO)).is_ok()) {
            return c;
        }
    }
    panic!("no shape");
}

fn refused_in(s: SgdSpec, seed: u64, lies: &[Lie], lanes: usize) {
    let (mut accepted, mut left) = (vec![], lies.to_vec());
    for seed in (seed..).step_by(1000).take(20) {
        let c = in_lanes(s.clone(), seed, lanes);
        let Ok((executor, _)) = Prover::witness(&c.spec, &c.input(), ETA, FIRST) else { continue };
        let Some(honest) = forge(&c, Nothing, None) else { continue };
        assert_eq!((&honest.wk, &honest.traces), (&executor.wk, &executor.traces), "these steps are the executor's");
        let mut m = Mirror::new(&c, &honest);
        m.blocks();
        m.rebuild(HONEST);
        assert!(m.cells == m.given, "the mirror is the prover");
        let mut held = Held::new(c.witness(), ETA);
        assert_eq!(judged(&mut held, &c, &honest), [Verdict::Accepted; 3]);
        let lay = Layout::new(&c.spec).unwrap();
        let one = matrix_of(&lay, c.spec.weights() - 1).offset;
        left.retain(|lie| {
            let mut changed = false;
            for only in [None, Some(one), Some(0)] {
                let Some(f) = forge(&c, *lie, only) else { continue };
                if f.blocks == honest.blocks && f.wk == honest.wk && f.w0 == honest.w0 {
                    continue;
                }
                changed |= only.is_none();
                for (choice, verdict) in CHOICES.into_iter().zip(judged(&mut held, &c, &f)) {
                    if verdict == Verdict::Accepted {
                        accepted.push((*lie, only, choice));
                    }
                    // The harness itself: every gate holds where the lie is one about the equations alone.
                    let alone = match lie {
                        MoreG(_) | NoG(_) | Ascent(_) | StaleG(_) | OtherG(_) | OneSample(_) | OtherW(0) => true,
                        SwappedRates(_) | Faster(_) | NoRate(_) | StepRate(..) => only.is_none() && choice.rates,
                        _ => false,
                    };
                    assert!(!alone || verdict != Verdict::Gates, "{lie:?} {only:?} {choice:?}");
                }
            }
            !changed
        });
        if left.is_empty() {
            break;
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
    assert!(left.is_empty(), "these change nothing: {left:?}");
}

/// Lies about step `t` of any rule.
fn of_step(t: usize) -> Vec<Lie> {
    vec![SkipWeight(t), SkipStep(t), SwappedRates(t), Faster(t), NoRate(t), MoreG(t), NoG(t), Ascent(t), OtherG(t), OneSample(t), OtherW(t)]
}

/// Lies about the weights' decay.
fn of_decay(t: usize) -> Vec<Lie> {
    vec![NoDecay(t), DoubleDecay(t), LateDecay(t), Bent("decayed", 1), Bent("decayed", -1)]
}

/// Lies about states.
fn of_states(t: usize, states: usize) -> Vec<Lie> {
    (0..states).flat_map(|i| [Reset(t, i), OtherState(t, i), LooseState(i)]).chain([SkipState(t), ForgottenState]).collect()
}

const ROUNDED: [Lie; 8] = [
    Bent("first", 1),
    Bent("first", -1),
    Bent("second", 1),
    Bent("second", -1),
    Bent("root", 1),
    Bent("root", -1),
    Bent("ratio", 1),
    Bent("ratio", -1),
];

const DECAY: Optimizer = Optimizer::Sgd { decay: 9 };
const MOMENTUM: Optimizer = Optimizer::Momentum { momentum: 57, decay: 9 };
const ADAM: Optimizer = Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 9 };

fn network(o: Optimizer, steps: usize) -> SgdSpec {
    let s = spec(&[4, 3, 3], &[Relu], SoftmaxCrossEntropy, 2, steps);
    with_optimizer(with_adapters(s, &[Some((2, 4)), Some((1, 2))]), o)
}

#[test]
fn lies_about_plain_decay() {
    let lies = [of_step(0), of_step(1), of_decay(0), of_decay(1), vec![LooseWeight, StaleG(1)]].concat();
    refused(network(DECAY, 2), 1, &lies);
    refused(with_optimizer(layer_local(4, 3, 2, 4, 2, 1), DECAY), 2, &[of_step(0), of_decay(0), vec![LooseWeight]].concat());
}

#[test]
fn lies_about_momentum() {
    let kept = [Bent("kept", 1), Bent("kept", -1), Nesterov, LooseWeight, StaleG(1)];
    let lies = [of_step(0), of_step(1), of_decay(0), of_states(0, 1), of_states(1, 1), kept.to_vec()].concat();
    refused(network(MOMENTUM, 3), 3, &lies);
    let lies = [of_step(0), of_states(0, 1), vec![Bent("kept", 1), Bent("kept", -1), LooseWeight]].concat();
    refused(with_optimizer(layer_local(4, 3, 2, 4, 2, 1), Optimizer::Momentum { momentum: 57, decay: 0 }), 4, &lies);
}

#[test]
fn lies_about_adam() {
    let more = [Epsilon(1), Epsilon(-1), UnscaledEpsilon, Undamped, StepRate(0, 1), StepRate(1, 0), LooseWeight, StaleG(1)];
    let lies = [of_step(0), of_step(1), of_decay(0), of_states(0, 2), of_states(1, 2), ROUNDED.to_vec(), more.to_vec()].concat();
    refused(network(ADAM, 2), 5, &lies);
}

#[test]
fn lies_about_one_step_of_adam() {
    let more = [Epsilon(1), Epsilon(-1), Undamped, StepRate(0, 1), LooseWeight];
    let lies = [of_step(0), of_states(0, 2), ROUNDED.to_vec(), more.to_vec()].concat();
    let adam = Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 0 };
    refused(with_optimizer(layer_local(4, 3, 2, 4, 2, 1), adam), 6, &lies);
}

/// Random adapters and rules in random shapes; None where they do not fit.
fn random_spec(rng: &mut ChaCha20Rng) -> SgdSpec {
    let mut pick = |n: u64| (rng.next_u64() % n) as usize;
    let depth = 1 + pick(3);
    let size = [1, 5, 9, 70][pick(4)];
    let widths: Vec<usize> = (0..=depth).map(|_| 1 + pick(size)).collect();
    let hidden: Vec<_> = (0..depth).map(|_| if pick(2) == 0 { Relu } else { Linear }).collect();
    let loss = if pick(2) == 0 { SoftmaxCrossEntropy } else { MeanSquaredError };
    let (batch, steps) = (1 + pick(3), 1 + pick(4));
    let rank = |l: usize, r: usize| 1 + r % widths[l].min(widths[l + 1]).min(64);
    let mut s = if pick(4) == 0 {
        let rank = rank(0, pick(64));
        layer_local(widths[0], widths[1], rank, rank as u64 * (1 + pick(2) as u64), batch, steps)
    } else {
        let must = pick(depth as u64);
        let adapters: Vec<_> =
            (0..depth).map(|l| (l == must || pick(2) == 0).then(|| rank(l, pick(64))).map(|r| (r, r as u64 * (1 + pick(2) as u64)))).collect();
        let mut s = with_adapters(spec(&widths, &hidden, loss, batch, steps), &adapters);
        s.layers.iter_mut().for_each(|l| l.bias = pick(3) > 0);
        s
    };
    let decay = pick(2) as u64 * (1 + pick(255) as u64);
    let factor = |v: usize| 1 + v as u64;
    let rule = match pick(3) {
        0 => Optimizer::Sgd { decay: decay.max(1) },
        1 => Optimizer::Momentum { momentum: factor(pick(63)), decay },
        _ => Optimizer::Adam { beta1: factor(pick(63)), beta2: factor(pick(63)), epsilon: factor(pick(1000)), decay },
    };
    let local = s.local();
    s = with_optimizer(s, rule);
    s.shape = Some(Shape {
        k: 9 + pick(7) as u32,
        weight_columns: (1 + rule.states()) * [1, 1, 1, 2, 3][pick(5)],
        data_columns: 1 + pick(12),
        lanes: 1 + pick(6),
        hidden_height: 1 + pick(14),
        base_columns: if local { 0 } else { 1 + pick(12) },
        update_height: 3 + rule.states() + pick(30 - rule.states() as u64),
    });
    s
}

/// Where the trained weights and the base lie.
fn places(lay: &Layout) -> Vec<(usize, Part, usize, usize, usize, usize)> {
    lay.matrices.iter().chain(&lay.base).map(|m| (m.layer, m.part, m.chunks, m.height, m.row0, m.offset)).collect()
}

/// No cell of S is written by two gates; public rates meet nothing; blocks lie apart and alike in windows of any length and in
/// the genesis circuit; halo2 blinds no row that is not reserved; look-ups cover all blocks; what has the same layout numbers
/// lies alike.
#[test]
fn random_layouts_keep_apart() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let (mut seen, mut kinds) = (0, [0; 3]);
    for _ in 0..1500 {
        let s = random_spec(&mut rng);
        s.check().unwrap();
        let Ok(lay) = Layout::new(&s) else { continue };
        let Ok(p) = program(&s, &lay, &Exports::zero(&s, &|_, _| Fr::ZERO)) else { continue };
        let u = lay.updates.as_ref().unwrap();
        let mut fixed: HashSet<usize> = (0..s_head(&s)).collect();
        let mut export = |row: usize, n: usize| (row..row + n).for_each(|r| assert!(fixed.insert(r) && r < lay.limit, "S row {r} twice: {s:?}"));
        let mut blocks = HashSet::new();
        for shift in lay.copies(&s) {
            for m in &lay.matrices {
                export(m.end() + shift, if m.backward { 2 } else { 1 });
                export(m.row0 + RATE_ROW + shift, 1);
                for row in m.row0..m.end() + u.height {
                    assert!(blocks.insert(row + shift) && (1..=lay.look_end).contains(&(row + shift)), "block row {row} + {shift}: {s:?}");
                }
                assert_eq!((m.end() - m.row0) / u.height + 1, m.rows * m.chunks);
            }
        }
        assert_eq!(u.rates.is_some(), s.scheduled());
        if let Some(rates) = u.rates {
            export(rates, s.steps);
            assert!(rates >= INSTANCE);
        }
        lay.base.iter().for_each(|m| export(m.end(), if m.backward { 2 } else { 1 }));
        lay.wide_data().for_each(|r| export(r.end(), if s.local() { 2 } else { 1 }));
        lay.labels.iter().for_each(|r| export(r.end(), 2));
        lay.units(&s).for_each(|(r, _)| export(r.end(), HIDDEN_ACCS));
        lay.outputs.iter().for_each(|r| export(r.end(), 3));
        lay.vectors().for_each(|r| export(r.end(), 2));
        assert_eq!(lay.s_used.iter().filter(|u| **u).count(), fixed.len(), "reserved cells of S are exports: {s:?}");
        // Rates in S are copies; what is free is an adapter's two weights a step.
        let copied: HashSet<usize> = p.copies.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for shift in lay.copies(&s) {
            lay.matrices.iter().for_each(|m| assert!(copied.contains(&(m.row0 + RATE_ROW + shift))));
        }
        for (row, _) in &p.constants {
            assert!(fixed.insert(*row), "constant on a fixed row");
        }
        let mut inner = HashSet::new();
        for r in &p.mul_adds {
            for k in 1..4 {
                assert!(!fixed.contains(&(r + k)) && inner.insert(r + k) && r + k < lay.limit, "equation {r} meets another cell: {s:?}");
            }
        }
        let ends: HashSet<usize> = p.mul_adds.iter().map(|r| r + 3).collect();
        for r in &p.mul_adds {
            assert!(fixed.contains(r) || ends.contains(r) || copied.contains(r) || copied.contains(&(r + 3)), "equation {r} begins with a free cell");
            assert!(copied.contains(&(r + 1)) && copied.contains(&(r + 2)));
        }
        let begins: HashSet<usize> = p.mul_adds.iter().copied().collect();
        let written: HashSet<usize> = p.values.iter().map(|(r, _)| *r).collect();
        let free = written.iter().filter(|r| !fixed.contains(*r) && !inner.contains(*r) && !begins.contains(*r)).count();
        let adapters = (0..s.layers.len()).filter(|l| s.adapter(*l).is_some()).count();
        assert!(free <= 2 * adapters * s.steps, "{free} cells of S that no gate writes: {s:?}");
        // Limbs have a slot each, within the block.
        let slots: Vec<_> = u.numbers.iter().flat_map(|(n, slots)| (assert_eq!(n.limbs, slots.len()), slots).1).collect();
        assert!(slots.iter().all(|a| a.col < u.columns && a.rot < u.height));
        assert!((0..slots.len()).all(|i| slots[..i].iter().all(|a| *a != slots[i])));
        let mut cs = ConstraintSystem::<Fr>::default();
        WindowCircuit::configure_with_params(&mut cs, Params(Some(Arc::new((s.clone(), lay.clone())))));
        assert!(cs.blinding_factors() < RESERVED_ROWS && cs.degree() <= 3, "{} blinded rows, degree {}", cs.blinding_factors(), cs.degree());
        // Each column of the checkpoints is opened at one point.
        let cf = WindowConfig::new(&mut ConstraintSystem::<Fr>::default(), &s, &lay);
        for col in cf.w0.iter().chain(&cf.wk) {
            assert_eq!(cs.advice_queries().iter().filter(|(c, _)| c.index() == col.index()).count(), 1);
        }
        // Other windows, the genesis circuit, another rule with as many states.
        for steps in [1, 2, 7] {
            let mut other = s.clone();
            (other.steps, other.batch) = (steps, 1);
            other.kind = if steps == 7 { Kind::Window } else { Kind::Genesis };
            assert_eq!(weight_layout(&other).unwrap(), weight_layout(&s).unwrap());
            if let Ok(l) = Layout::new(&other) {
                assert_eq!(places(&l), places(&lay), "{steps} steps: {s:?}");
            }
        }
        let mut other = s.clone();
        other.lora.as_mut().unwrap().optimizer = Some(match s.optimizer().unwrap() {
            Optimizer::Sgd { .. } => Optimizer::Sgd { decay: 5 },
            Optimizer::Momentum { decay, .. } => Optimizer::Momentum { momentum: 3, decay: 1 - decay.min(1) },
            Optimizer::Adam { decay, .. } => Optimizer::Adam { beta1: 3, beta2: 4, epsilon: 5, decay: 1 - decay.min(1) },
        });
        other.layers.iter_mut().for_each(|l| {
            if l.activation == Relu {
                l.activation = Linear
            }
        });
        let shape = other.shape.as_mut().unwrap();
        (shape.lanes, shape.hidden_height) = (2, 5);
        if let Ok(l) = Layout::new(&other) {
            let data = |l: &Layout| l.wide_data().chain(&l.labels).map(|r| (r.row0, r.len)).collect::<Vec<_>>();
            assert_eq!(data_layout(&other).unwrap(), data_layout(&s).unwrap());
            assert_eq!((places(&l), data(&l)), (places(&lay), data(&lay)));
        }
        for change in 0..4 {
            let mut other = s.clone();
            match change {
                0 => other.shape.as_mut().unwrap().update_height += 1,
                1 => other.shape.as_mut().unwrap().k += 1,
                2 => other.shape.as_mut().unwrap().weight_columns += 1,
                _ => other.lora.as_mut().unwrap().optimizer = None,
            }
            assert_ne!(weight_layout(&other).unwrap(), weight_layout(&s).unwrap(), "change {change}");
        }
        seen += 1;
        kinds[s.optimizer().unwrap().states()] += 1;
    }
    eprintln!("{seen} layouts: {kinds:?}");
    assert!(seen > 300 && kinds.iter().all(|k| *k > 60), "{seen} layouts: {kinds:?}");
}

#[test]
fn random_windows_hold() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let (mut seen, mut kinds) = (0, [0; 3]);
    for seed in 0..400 {
        let mut s = random_spec(&mut rng);
        let shape = s.shape.take().unwrap();
        if shape.k > 12 || seen >= 120 {
            continue;
        }
        // The shape that the planner takes, then the random one.
        let Ok((planned, _)) = pot_sgd::plan::plan(&s, Default::default()) else { continue };
        if planned.shape.unwrap().k > 12 {
            continue;
        }
        let mut c = Case::random(planned, 9000 + seed);
        for shape in [c.spec.shape.unwrap(), shape] {
            c.spec.shape = Some(shape);
            let Ok(lay) = Layout::new(&c.spec) else { continue };
            if program(&c.spec, &lay, &Exports::zero(&c.spec, &|_, _| Fr::ZERO)).is_err() {
                continue;
            }
            let Ok((mut w, _)) = Prover::witness(&c.spec, &c.input(), ETA, FIRST) else { continue };
            w.salts.truncate(20);
            mock(w, ETA).unwrap_or_else(|e| panic!("{e}: {:?}", c.spec));
            seen += 1;
            kinds[c.spec.optimizer().unwrap().states()] += 1;
        }
    }
    eprintln!("{seen} windows: {kinds:?}");
    assert!(seen > 20 && kinds.iter().all(|k| *k > 3), "{seen} windows: {kinds:?}");
}

/// Every cell of S that the program writes, every row of the blocks that a gate reads, one at a time.
#[test]
fn every_scalar_is_pinned() {
    for (o, seed) in [(MOMENTUM, 1), (ADAM, 2)] {
        let small = with_adapters(spec(&[2, 2, 1], &[Linear], MeanSquaredError, 1, 2), &[Some((1, 2)), Some((1, 1))]);
        for s in [with_optimizer(small, o), with_optimizer(layer_local(2, 2, 1, 2, 2, 2), o)] {
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
}

/// The genesis circuit: each state of each weight, over a base too; honest first weights hold.
#[test]
fn a_run_begins_without_state() {
    for o in [MOMENTUM, ADAM] {
        for s in [network(o, 1), with_optimizer(layer_local(4, 3, 2, 4, 2, 1), o)] {
            let mut c = Case::random(s, 11);
            let n = c.spec.weights();
            c.spec.kind = Kind::Genesis;
            c.w0[n..].fill(0);
            let lay = Layout::new(&c.spec).unwrap();
            let params = Params(Some(Arc::new((c.spec.clone(), lay.clone()))));
            let holds = |w0: &[i64]| {
                let mut w = GenesisWitness::new(&c.spec, &lay, c.w0.clone(), c.base.clone(), Default::default()).unwrap();
                w.w0 = w0.to_vec();
                let circuit = GenesisCircuit::new(params.clone(), Some(Arc::new(w)));
                MockProver::run(lay.shape.k, &circuit, vec![vec![Fr::ZERO; 3]]).unwrap().verify().is_ok()
            };
            assert!(holds(&c.w0));
            for at in n..c.w0.len() {
                let mut w = c.w0.clone();
                w[at] = if at % 2 == 0 { 1 } else { -1 };
                assert!(!holds(&w), "state {at}");
            }
        }
    }
}

/// Two windows of a run, proven; what a verifier must refuse.
#[test]
fn proofs_of_two_windows_are_linked_by_state() {
    use halo2_axiom::poly::commitment::ParamsProver;
    for (o, seed) in [(DECAY, 21), (MOMENTUM, 22), (ADAM, 23)] {
        let c = Case::random(network(o, 2), seed);
        let mut p = Prover::new(pot_proof_system::engine::Srs::new(c.spec.shape.unwrap().k));
        let (n, states) = (c.spec.weights(), o.states());
        let wk = c.witness().wk;
        let first = public(&mut p, &c, &wk);
        let proof = p.prove_window(&c.spec, &first, &c.input()).unwrap();
        p.verify(&c.spec, &first, &proof).unwrap();
        // Another first step, other rates: also where the prover took those.
        for claim in [0, FIRST - 1, FIRST + 1, 1 << 52] {
            let other = Public { first_step: claim, ..first.clone() };
            assert_eq!(p.verify(&c.spec, &other, &proof).unwrap_err().code, "VERIFY_FAILED");
        }
        for beyond in [1 << 53, u64::MAX - 1, u64::MAX] {
            let other = Public { first_step: beyond, ..first.clone() };
            assert_eq!(p.verify(&c.spec, &other, &proof).unwrap_err().code, "PUBLIC_INVALID");
            assert_eq!(p.prove_window(&c.spec, &other, &c.input()).unwrap_err().code, "PUBLIC_INVALID");
        }
        // The second window goes on with the state; without it its first digest is another.
        let mut second = Case { w0: wk.clone(), base: c.base.clone(), x: c.x.clone(), y: c.y.clone(), spec: c.spec.clone() };
        let statement = |p: &mut Prover, second: &Case| {
            let step = FIRST + c.spec.steps as u64;
            let w = Prover::witness(&second.spec, &WindowInput { salt0: &[2; 32], ..second.input() }, ETA, step).unwrap().0.wk;
            let mut s = Public { first_step: step, ..public(p, second, &w) };
            let points = p.commit_weights(&second.spec, &second.w0, &[2; 32]).unwrap();
            s.weights_in = field_to_hex(&weights_digest(&second.spec, &points).unwrap());
            s
        };
        let linked = statement(&mut p, &second);
        assert_eq!(linked.weights_in, first.weights_out);
        let proof = p.prove_window(&second.spec, &linked, &WindowInput { salt0: &[2; 32], ..second.input() }).unwrap();
        p.verify(&second.spec, &linked, &proof).unwrap();
        for state in 0..states {
            second.w0.clone_from(&wk);
            second.w0[(1 + state) * n..(2 + state) * n].fill(0);
            let reset = statement(&mut p, &second);
            assert_ne!(reset.weights_in, first.weights_out);
            assert_eq!(p.prove_window(&second.spec, &linked, &WindowInput { salt0: &[2; 32], ..second.input() }).unwrap_err().code, "VERIFY_DIGEST");
        }
        // Another rule, factor or epsilon is another key.
        let mut other = c.spec.clone();
        other.lora.as_mut().unwrap().optimizer = Some(match o {
            Optimizer::Sgd { decay } => Optimizer::Sgd { decay: decay + 1 },
            Optimizer::Momentum { momentum, decay } => Optimizer::Momentum { momentum: momentum + 1, decay },
            Optimizer::Adam { beta1, beta2, epsilon, decay } => Optimizer::Adam { beta1, beta2, epsilon: epsilon + 1, decay },
        });
        assert_ne!(p.vk_digest(&other).unwrap(), p.vk_digest(&c.spec).unwrap());
        assert_eq!(p.verify(&other, &linked, &proof).unwrap_err().code, "VERIFY_FAILED");
    }
}

/// Specifications from strangers: an error, no panic, no endless loop.
#[test]
fn hostile_specifications_are_errors() {
    let huge = [0, 1, 2, 3, 31, 32, 33, 1 << 20, u64::from(u32::MAX), 1 << 32, 1 << 53, i64::MAX as u64, u64::MAX];
    let mut p = Prover::new(pot_proof_system::srs::development(10).unwrap());
    for o in [DECAY, MOMENTUM, ADAM] {
        let c = Case::random(network(o, 2), 31);
        let json = serde_json::to_value(&c.spec).unwrap();
        let digest = field_to_hex(&Fr::ONE);
        let public = Public {
            run_id: digest.clone(),
            first_step: 0,
            epoch: 0,
            eta: ETA.to_string(),
            weights_in: digest.clone(),
            weights_out: digest.clone(),
            data: digest.clone(),
            base: digest,
        };
        let mut tried = 0;
        let mut attempt = |pointer: &str, v: u64, p: &mut Prover| {
            let mut json = json.clone();
            let Some(at) = json.pointer_mut(pointer) else { return };
            *at = v.into();
            let Ok(spec) = SgdSpec::from_json(&json.to_string()) else { return };
            tried += 1;
            let _ = public.instance(&spec);
            let _ = weight_layout(&spec);
            if Layout::new(&spec).is_ok() && spec.shape.unwrap().k <= 10 {
                let _ = p.verify(&spec, &public, &[0; 4096]);
            }
        };
        for v in huge {
            for field in ["decay", "momentum", "beta1", "beta2", "epsilon"] {
                attempt(&format!("/lora/optimizer/{field}"), v, &mut p);
            }
            for field in ["k", "weightColumns", "dataColumns", "baseColumns", "updateHeight", "lanes"] {
                attempt(&format!("/shape/{field}"), v, &mut p);
            }
            for field in ["/steps", "/batch", "/scales/b", "/scales/e", "/lora/adapters/0/alpha", "/lora/adapters/0/rank", "/lora/baseBits"] {
                attempt(field, v, &mut p);
            }
        }
        assert!(tried > 20, "{tried}");
        // As wide as can be, in as many steps.
        let mut wide = c.spec.clone();
        (wide.steps, wide.batch) = (1024, 1);
        (wide.layers[0].inputs, wide.layers[0].outputs, wide.layers[1].inputs, wide.layers[1].outputs) = (65536, 64, 64, 65536);
        wide.lora.as_mut().unwrap().adapters.iter_mut().flatten().for_each(|a| a.rank = 64);
        wide.lora.as_mut().unwrap().adapters.iter_mut().flatten().for_each(|a| a.alpha = 64);
        wide.check().unwrap();
        for height in [5, 32] {
            for k in [8, 20] {
                let shape = wide.shape.as_mut().unwrap();
                (shape.k, shape.update_height) = (k, height);
                assert!(["CIRCUIT_TOO_LARGE", "SPEC_INVALID"].contains(&Layout::new(&wide).unwrap_err().code));
            }
        }
        assert_eq!(pot_sgd::plan::plan(&wide, Default::default()).unwrap_err().code, "CIRCUIT_TOO_LARGE");
    }
}

/// Every accepted pair of factors, in extreme steps: a rate that fits, and of a step's numbers an error or their range.
#[test]
fn the_arithmetic_does_not_overflow() {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    for (a, d, e, b) in
        [(6, 10, 8, 6), (4, 4, 4, 4), (12, 14, 14, 10), (16, 24, 8, 16), (16, 24, 12, 13), (8, 20, 20, 16), (16, 16, 16, 16), (4, 24, 20, 16)]
    {
        let scales = pot_sgd::spec::Scales { a, d, e, b, p: b.min(6) };
        let extremes = |bits: u32| vec![0, 1, -1, (1i64 << bits) - 1, -(1i64 << bits)];
        let top = (1u64 << b) - 1;
        for beta1 in [1, top / 2 + 1, top] {
            for beta2 in [1, top / 2 + 1, top] {
                for epsilon in [1, (1 << 30) - 1] {
                    for decay in [0, 1, (1u64 << (2 * b - 4)) - 1] {
                        let rules = [
                            Optimizer::Adam { beta1, beta2, epsilon, decay },
                            Optimizer::Momentum { momentum: beta1, decay },
                            Optimizer::Sgd { decay },
                        ];
                        for o in rules {
                            for number in [0, 1, 17, 1 << 20, (1 << 53) - 1] {
                                for unit in [1, 64] {
                                    let rate = o.scheduled_rate(b, (1 << 17) - 1, number, unit);
                                    assert!((0..1 << 34).contains(&rate), "{o:?} {number}: {rate}");
                                }
                            }
                            let wide = pot_sgd::optimizer::wide(b) as u32 * b - 1;
                            for _ in 0..20 {
                                let mut of = |v: Vec<i64>| v[(rng.next_u64() % v.len() as u64) as usize];
                                let entry = Entry {
                                    weight: of(extremes(55)),
                                    first: of(extremes(wide)),
                                    second: of(extremes(62)).max(0),
                                    gradient: of([extremes(62), extremes(38), extremes(24)].concat()),
                                };
                                let rate = pot_sgd::optimizer::Rate { rate: of(vec![1, 1 << 17, 1 << 43]), epsilon: of(vec![1, 1 << 36]) as u64 };
                                let Ok(after) = o.step(&scales, rate, entry) else { continue };
                                for (n, v) in o.numbers(b).iter().zip(after.numbers) {
                                    let bits = b * n.limbs as u32;
                                    let v = i128::from(v) + if n.signed { 1i128 << (bits - 1) } else { 0 };
                                    assert!((0..1i128 << bits).contains(&v), "{}: {v} of {entry:?}", n.name);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Lanes beyond the end of a matrix row: W and G are 0 there. A state there enters nothing.
#[test]
fn lanes_beyond_a_matrix_are_zero() {
    let o = Optimizer::Momentum { momentum: 1, decay: 0 };
    let (mut seen, lanes) = (0, 3);
    for (s, seed) in [(network(o, 2), 41), (with_optimizer(layer_local(4, 5, 2, 4, 2, 2), o), 42)] {
        let c = in_lanes(s, seed, lanes);
        let (lay, honest) = (Layout::new(&c.spec).unwrap(), forge(&c, Nothing, None).unwrap());
        let (u, steps) = (lay.updates.clone().unwrap(), c.spec.steps);
        let held = RefCell::new(Held::new(c.witness(), ETA));
        for m in lay.matrices.iter().filter(|m| m.cols % lanes != 0) {
            for (lane, row) in [(m.cols % lanes, m.row(0, m.chunks - 1)), (lanes - 1, m.row(m.rows - 1, m.chunks - 1))] {
                let judge = |change: &dyn Fn(&mut Mirror<'_>)| {
                    let mut x = Mirror::new(&c, &honest);
                    x.blocks();
                    change(&mut x);
                    x.rebuild(HONEST);
                    held.borrow_mut().verdict(&x.cells)
                };
                let add = |x: &mut Mirror<'_>, col: Column<Advice>, row: usize, v: i64| x.cells[col.index()][row] += signed(v);
                let end = row + (steps - 1) * u.stride;
                assert_eq!(judge(&|_| {}), Verdict::Accepted);
                // W all along; in the last step alone is against its gate.
                let weight = |x: &mut Mirror<'_>| {
                    add(x, x.cf.w0[lane], row, 1);
                    add(x, x.cf.wk[lane], row, 1);
                    (0..steps).for_each(|t| add(x, x.plain[lane], row + t * u.stride + WEIGHT_ROW, 1));
                };
                assert_eq!(judge(&weight), Verdict::Equations);
                // G of the last step, and what follows from it.
                let gradient = |x: &mut Mirror<'_>| {
                    let i = m.offset;
                    let rate = x.forged.blocks[steps - 1][i].rate;
                    add(x, x.plain[lane], end + GRADIENT_ROW, 1);
                    add(x, x.cf.wk[lane], row, -rate);
                    add(x, x.cf.wk[lanes + lane], row, 1);
                };
                assert_eq!(judge(&gradient), Verdict::Equations);
                // A state that rounds to 0 in the first step.
                let state = |x: &mut Mirror<'_>| {
                    add(x, x.cf.w0[lanes + lane], row, 1);
                    add(x, x.plain[lane], row + STATE_ROW, 1);
                    let rest = u.numbers.iter().find(|(n, _)| n.name == "kept rest").unwrap().1[0];
                    add(x, x.cf.update[lane * u.columns + rest.col], row + rest.rot, 1);
                };
                assert_eq!(judge(&state), Verdict::Accepted);
                seen += 1;
            }
        }
    }
    assert!(seen > 4, "{seen} places");
}
