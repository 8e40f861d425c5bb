//! The window circuit's constraints, all of degree at most 3. docs/operators/gadgets.md argues why they suffice.

use crate::config::{WeightFlags, WindowConfig};
use crate::layout::{s_head, Layout, Slot, GRADIENT_ROW, HIDDEN_ACCS, WEIGHT_ROW};
use crate::offsets::{base_offset, gradient_offset, weight_offset};
use crate::spec::SgdSpec;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, Expression, Fixed, VirtualCells};
use halo2_axiom::poly::Rotation;

pub(crate) type E = Expression<Fr>;

pub(crate) fn int(v: u128) -> E {
    E::Constant(Fr::from_u128(v))
}
pub(crate) fn pow2(bits: u32) -> E {
    int(1u128 << bits)
}
pub(crate) fn adv(v: &mut VirtualCells<'_, Fr>, c: Column<Advice>, rot: i32) -> E {
    v.query_advice(c, Rotation(rot))
}
pub(crate) fn fix(v: &mut VirtualCells<'_, Fr>, c: Column<Fixed>) -> E {
    v.query_fixed(c, Rotation::cur())
}
pub(crate) fn flag(v: &mut VirtualCells<'_, Fr>, c: Option<Column<Fixed>>) -> E {
    c.map_or(E::Constant(Fr::ZERO), |c| fix(v, c))
}
fn chal(v: &mut VirtualCells<'_, Fr>, c: Challenge) -> E {
    v.query_challenge(c)
}
/// `x^n` of a challenge, by squaring: the evaluator computes each distinct product once a row.
fn power(x: &E, n: usize) -> E {
    match n {
        0 => int(1),
        1 => x.clone(),
        _ => {
            let half = power(x, n / 2);
            let square = half.clone() * half;
            if n % 2 == 1 {
                square * x.clone()
            } else {
                square
            }
        }
    }
}
/// `sum_j x^j terms[j]`.
fn horner(x: &E, terms: Vec<E>) -> E {
    terms.into_iter().rev().reduce(|acc, t| acc * x.clone() + t).expect("at least one term")
}
/// `sum_i 2^(bits i) limbs[i]`.
pub(crate) fn recompose(bits: u32, limbs: Vec<E>) -> E {
    horner(&pow2(bits), limbs)
}

/// The sum before the present chunk of a strip, chunks of `height` rows: the chunk before it in the row, or the rows before.
fn carried(v: &mut VirtualCells<'_, Fr>, acc: Column<Advice>, group: &WeightFlags, height: usize, step: &E, x: &E) -> E {
    let mut e = flag(v, group.next) * adv(v, acc, -(height as i32)) * step.clone();
    for (stride, col) in &group.fold {
        e = e + fix(v, *col) * adv(v, acc, -((stride * height) as i32)) * x.clone();
    }
    e
}

/// One range look-up a column: `sum_next - sum = 1/(beta + v)`, and the table's `-m/(beta + t)` first.
/// `pair`: (inverse of the looked-up pair, weighted inverse of the table's pair), both already added to the running sum.
pub(crate) fn log_up(
    cs: &mut ConstraintSystem<Fr>,
    beta: Challenge,
    looked: &[Column<Advice>],
    sums: &[Column<Advice>],
    mult: Column<Advice>,
    flags: [Column<Fixed>; 4],
    pair: Option<[Column<Advice>; 2]>,
) {
    let [table, look, head, tail] = flags;
    cs.create_gate("range look-ups", |v| {
        let (q, beta) = (fix(v, look), chal(v, beta));
        let mut prev = adv(v, sums[sums.len() - 1], -1);
        let mut cur = adv(v, sums[0], 0);
        let mut step = cur.clone() - prev;
        if let Some([used, listed]) = pair {
            step = step - adv(v, used, 0) + adv(v, listed, 0);
        }
        let mut out = vec![("the table's entry", q.clone() * (step * (beta.clone() + fix(v, table)) + adv(v, mult, 0)))];
        for (col, sum) in looked.iter().zip(&sums[1..]) {
            prev = cur;
            cur = adv(v, *sum, 0);
            out.push(("a column's value", q.clone() * ((cur.clone() - prev) * (beta.clone() + adv(v, *col, 0)) - int(1))));
        }
        out
    });
    let last = sums[sums.len() - 1];
    cs.create_gate("look-up sum is zero at both ends", |v| {
        let (h, t) = (fix(v, head), fix(v, tail));
        vec![("at the start", h * adv(v, last, 0)), ("at the end", t * adv(v, last, 0))]
    });
}

/// What the accumulators of hidden units and of output units hold.
const HIDDEN_NAMES: [&str; HIDDEN_ACCS] =
    ["rescaled sums at sigma", "values at tau", "values at theta", "deltas at sigma", "deltas at tau", "rescaled gradients at theta"];
const OUTPUT_NAMES: [&str; 3] = ["rescaled sums at sigma", "values at sigma", "values at tau"];

impl WindowConfig {
    /// All gates.
    pub fn gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) {
        let flags = [self.fx.table, self.fx.look, self.fx.head, self.fx.tail];
        log_up(cs, self.ch.beta, &self.looked_up(), &self.sums, self.mult, flags, self.pair_inv);
        if spec.softmax() {
            self.pair_gates(cs);
        }
        self.weight_gates(cs, spec, lay);
        if let (Some(u), Some(o)) = (&lay.updates, spec.optimizer()) {
            self.update_gates(cs, spec, u, o);
        }
        if !lay.base.is_empty() {
            self.base_gates(cs, spec);
        }
        self.data_gates(cs, spec, lay);
        if self.fx.export_hidden.is_some() {
            self.hidden_gates(cs, spec, lay);
        }
        if let Some(active) = self.fx.output {
            self.output_gates(cs, spec, lay, active);
        }
        self.vector_gates(cs);
        self.scalar_gates(cs, spec);
    }

    /// Pairs (index, exponential) against the pair table. The gamma^2 keeps a pair from ever equalling a range-table entry.
    fn pair_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        let ([used, listed], [key, value, q, tag]) = (self.pair_inv.expect("softmax"), self.fx.pair.expect("softmax"));
        let mult = self.pair_mult.expect("softmax");
        cs.create_gate("exponential look-ups", |v| {
            let (beta, gamma) = (chal(v, self.ch.beta), chal(v, self.ch.gamma));
            let base = beta + gamma.clone() * gamma.clone();
            let (q, tag) = (fix(v, q), fix(v, tag));
            let pair = base.clone() + adv(v, self.trace[0], 0) + tag + gamma.clone() * adv(v, self.trace[1], 0);
            let entry = base + fix(v, key) + gamma * fix(v, value);
            let rows = fix(v, self.fx.look);
            vec![
                ("the pair used", rows.clone() * (adv(v, used, 0) * pair - q)),
                ("the pair listed", rows * (adv(v, listed, 0) * entry - adv(v, mult, 0))),
            ]
        });
    }

    fn weight_cell(&self, v: &mut VirtualCells<'_, Fr>, cols: &[Column<Advice>], j: usize, spec: &SgdSpec) -> E {
        adv(v, cols[j], 0) - int(weight_offset(spec) as u128)
    }

    /// W_0 + omega (W_K - deviation) at (sigma, tau); for matrices of backward products also W_0 at (tau, theta).
    /// With an optimiser the same of each step's W and its gradient in place of W_K.
    fn weight_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) {
        let (c, height) = lay.updates.as_ref().map_or((lay.shape.weight_columns, 1), |u| (u.lanes, u.height));
        let b = spec.scales.b;
        let first = |v: &mut VirtualCells<'_, Fr>, j: usize| match self.plain.get(j) {
            Some(plain) => adv(v, *plain, WEIGHT_ROW as i32) - int(weight_offset(spec) as u128),
            None => self.weight_cell(v, &self.w0, j, spec),
        };
        cs.create_gate("weights at (sigma, tau)", |v| {
            let (sigma, tau, omega) = (chal(v, self.ch.sigma), chal(v, self.ch.tau), chal(v, self.ch.omega));
            let terms = (0..c)
                .map(|j| {
                    let mut after = match self.plain.get(j) {
                        Some(plain) => adv(v, *plain, GRADIENT_ROW as i32) - int(gradient_offset() as u128),
                        None => self.weight_cell(v, &self.wk, j, spec),
                    };
                    let n = spec.tolerance_limbs;
                    if n > 0 {
                        let limbs = (0..n).map(|i| adv(v, self.deviation[j * n + i], 0)).collect();
                        after = after - (recompose(b, limbs) - int(1u128 << (b as usize * n - 1)));
                    }
                    first(v, j) + omega.clone() * after
                })
                .collect();
            let chunk = horner(&tau, terms);
            let acc = self.weight_acc[0];
            let mut active = int(0);
            let mut before = int(0);
            for group in &self.fx.weight {
                active = active + fix(v, group.active);
                before = before + carried(v, acc, group, height, &power(&tau, c), &sigma);
            }
            vec![active * (adv(v, acc, 0) - chunk) - before]
        });
        if let (Some(group), Some(acc)) = (self.fx.weight.get(1), self.weight_acc.get(1)) {
            cs.create_gate("weights at (tau, theta)", |v| {
                let (tau, theta) = (chal(v, self.ch.tau), chal(v, self.ch.theta));
                let terms = (0..c).map(|j| first(v, j)).collect();
                let chunk = horner(&theta, terms);
                vec![fix(v, group.active) * (adv(v, *acc, 0) - chunk) - carried(v, *acc, group, height, &power(&theta, c), &tau)]
            });
        }
        cs.create_gate("export weights", |v| {
            let mut out = vec![];
            let q = self.fx.export_weight.iter().map(|c| fix(v, *c)).reduce(|a, b| a + b).expect("one");
            out.push(("at (sigma, tau)", q * (adv(v, self.s, 0) - adv(v, self.weight_acc[0], 0))));
            if let Some(col) = self.fx.export_weight.get(1) {
                out.push(("at (tau, theta)", fix(v, *col) * (adv(v, self.s, 1) - adv(v, self.weight_acc[1], 0))));
            }
            out
        });
    }

    /// The frozen base at (sigma, tau); its kernels that take part in a backward product also at (tau, theta).
    fn base_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec) {
        let c = self.base.len();
        let offset = int(base_offset(spec) as u128);
        for (i, acc) in self.base_acc.iter().enumerate() {
            cs.create_gate(if i == 0 { "base at (sigma, tau)" } else { "base at (tau, theta)" }, |v| {
                let points = [self.ch.sigma, self.ch.tau, self.ch.theta].map(|x| chal(v, x));
                let (x, y) = (&points[i], &points[i + 1]);
                let chunk = horner(y, self.base.iter().map(|col| adv(v, *col, 0) - offset.clone()).collect());
                let (mut active, mut before) = (int(0), int(0));
                for group in &self.fx.base[i..] {
                    active = active + fix(v, group.active);
                    before = before + carried(v, *acc, group, 1, &power(y, c), x);
                }
                vec![active * (adv(v, *acc, 0) - chunk) - before]
            });
        }
        cs.create_gate("export base", |v| {
            let q = self.fx.export_base.iter().map(|c| fix(v, *c)).reduce(|a, b| a + b).expect("one");
            let mut out = vec![("at (sigma, tau)", q * (adv(v, self.s, 0) - adv(v, self.base_acc[0], 0)))];
            if let Some(col) = self.fx.export_base.get(1) {
                out.push(("at (tau, theta)", fix(v, *col) * (adv(v, self.s, 1) - adv(v, self.base_acc[1], 0))));
            }
            out
        });
    }

    /// Inputs at tau; labels at sigma and tau; one-hot labels. Layer-local: inputs and gradient at tau and at sigma.
    fn data_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) {
        let cx = lay.shape.data_columns;
        let acc = self.data_acc;
        cs.create_gate("inputs at tau", |v| {
            let tau = chal(v, self.ch.tau);
            let chunk = horner(&tau, self.data.iter().map(|c| adv(v, *c, 0)).collect());
            let before = flag(v, self.fx.input_next) * adv(v, acc, -1) * power(&tau, cx);
            vec![fix(v, self.fx.input) * (adv(v, acc, 0) - chunk) - before]
        });
        if let Some(given) = self.given_acc {
            cs.create_gate("given data at sigma", |v| {
                let sigma = chal(v, self.ch.sigma);
                let chunk = horner(&sigma, self.data.iter().map(|c| adv(v, *c, 0)).collect());
                let before = flag(v, self.fx.input_next) * adv(v, given, -1) * power(&sigma, cx);
                vec![fix(v, self.fx.input) * (adv(v, given, 0) - chunk) - before]
            });
        }
        if let (Some(label), Some(export)) = (self.fx.label, self.fx.export_label) {
            cs.create_gate("labels at sigma and tau", |v| {
                let (sigma, tau) = (chal(v, self.ch.sigma), chal(v, self.ch.tau));
                let (q, next, y) = (fix(v, label), flag(v, self.fx.label_next), adv(v, self.data[0], 0));
                let mut fold = |rot: i32, x: E| q.clone() * (adv(v, acc, rot) - y.clone()) - next.clone() * adv(v, acc, rot - 3) * x;
                let mut out = vec![("labels at sigma", fold(0, sigma)), ("labels at tau", fold(1, tau))];
                if spec.softmax() {
                    out.push(("sum of a sample's labels", fold(2, int(1))));
                    out.push(("a label is 0 or 1", q * y.clone() * (y - int(1))));
                    out.push(("one label a sample", fix(v, export) * (adv(v, acc, 2) - int(1))));
                }
                out
            });
        }
        cs.create_gate("export data", |v| {
            let x = fix(v, self.fx.export_input);
            let y = flag(v, self.fx.export_label);
            let mut out = vec![("inputs", x.clone() * (adv(v, self.s, 0) - adv(v, acc, 0)))];
            if self.fx.export_label.is_some() {
                out.push(("labels at sigma", y.clone() * (adv(v, self.s, 0) - adv(v, acc, 0))));
                out.push(("labels at tau", y * (adv(v, self.s, 1) - adv(v, acc, 1))));
            }
            if let Some(given) = self.given_acc {
                out.push(("inputs at sigma", x * (adv(v, self.s, 1) - adv(v, given, 0))));
            }
            out
        });
    }

    fn slot(&self, v: &mut VirtualCells<'_, Fr>, s: Slot) -> E {
        adv(v, self.trace[s.col], s.rot as i32)
    }

    /// ReLU or linear units and their deltas: z = m(2u+1) - u, h = m(u+1), delta = m g.
    fn hidden_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) {
        let (s, b, w) = (lay.shape.lanes, spec.scales.b, spec.scales.w());
        let n = lay.limbs;
        cs.create_gate("hidden units", |v| {
            let (relu, linear) = (flag(v, self.fx.relu), flag(v, self.fx.linear));
            let (sigma, tau, theta) = (chal(v, self.ch.sigma), chal(v, self.ch.tau), chal(v, self.ch.theta));
            let active = relu.clone() + linear.clone();
            let mut out = vec![];
            // Values of the six accumulators: for ReLU, for linear units.
            let mut vals: [Vec<(E, E)>; HIDDEN_ACCS] = Default::default();
            for lane in 0..s {
                let mut cell = |q: usize| self.slot(v, lay.hidden_slot(lane, q));
                let r = recompose(b, (0..n).map(&mut cell).collect());
                let u = recompose(b, vec![cell(n), cell(n + 1)]);
                let m = cell(n + 2);
                let g = recompose(b, vec![cell(n + 3), cell(n + 4)]) - pow2(2 * b - 1);
                let rg = recompose(b, (n + 5..2 * n + 5).map(&mut cell).collect());
                let half = pow2(w - 1);
                let z = m.clone() * (int(2) * u.clone() + int(1)) - u.clone();
                let h = m.clone() * (u + int(1));
                let raw = z.clone() * pow2(w) + r - half.clone();
                let graw = g.clone() * pow2(w) + rg - half;
                let delta = m.clone() * g.clone();
                out.push(("the mask is 0 or 1", active.clone() * m.clone() * (m - int(1))));
                vals[0].push((raw.clone(), raw));
                vals[1].push((h.clone(), z.clone()));
                vals[2].push((h, z));
                vals[3].push((delta.clone(), g.clone()));
                vals[4].push((delta, g));
                vals[5].push((graw.clone(), graw));
            }
            let points = [&sigma, &tau, &theta, &sigma, &tau, &theta];
            for (i, (vals, x)) in vals.into_iter().zip(points).enumerate() {
                let at = lay.hidden_acc(i);
                let (col, rot, h) = (self.trace_acc[at.col], at.rot as i32, lay.shape.hidden_height as i32);
                let (r, l): (Vec<E>, Vec<E>) = vals.into_iter().unzip();
                let mut e = active.clone() * adv(v, col, rot);
                if self.fx.hidden_next.is_some() {
                    e = e - flag(v, self.fx.hidden_next) * adv(v, col, rot - h) * power(x, s);
                }
                if self.fx.relu.is_some() {
                    e = e - relu.clone() * horner(x, r);
                }
                if self.fx.linear.is_some() {
                    e = e - linear.clone() * horner(x, l);
                }
                out.push((HIDDEN_NAMES[i], e));
            }
            out
        });
        cs.create_gate("export hidden units", |v| {
            let q = flag(v, self.fx.export_hidden);
            (0..HIDDEN_ACCS)
                .map(|i| {
                    let at = lay.hidden_acc(i);
                    (HIDDEN_NAMES[i], q.clone() * (adv(v, self.s, i as i32) - adv(v, self.trace_acc[at.col], at.rot as i32)))
                })
                .collect::<Vec<_>>()
        });
    }

    /// Output units: the linear z, or the softmax quotient q.
    fn output_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout, active: Column<Fixed>) {
        let (b, w, o) = (spec.scales.b, spec.scales.w(), &lay.out);
        cs.create_gate("output units", |v| {
            let (sigma, tau) = (chal(v, self.ch.sigma), chal(v, self.ch.tau));
            let (q, next) = (fix(v, active), flag(v, self.fx.output_next));
            let h = o.height as i32;
            let limbs = |v: &mut VirtualCells<'_, Fr>, s: &[Slot]| recompose(b, s.iter().map(|s| self.slot(v, *s)).collect());
            let r = limbs(v, &o.r);
            let z = limbs(v, &o.z) - pow2(2 * b - 1);
            let raw = z.clone() * pow2(w) + r - pow2(w - 1);
            let mut out = vec![];
            let mut value = z.clone();
            if let Some(aux) = self.aux {
                let (hi, lo) = (self.slot(v, o.hi), self.slot(v, o.lo));
                let exp = self.slot(v, o.e_hi) * self.slot(v, o.e_lo);
                let quotient = limbs(v, &o.q);
                let (rem, crem, mu) = (limbs(v, &o.rem), limbs(v, &o.crem), self.slot(v, o.mu));
                let t = hi * pow2(spec.scales.exp_low_bits()) + lo;
                let [max, sum, part, count] = [0, 1, 2, 3].map(|i| adv(v, aux, i));
                let [max0, sum0, part0, count0] = [0, 1, 2, 3].map(|i| adv(v, aux, i - h));
                let end = flag(v, self.fx.export_output);
                out.push(("the maximum less the distance", q.clone() * (max.clone() - z - t.clone())));
                out.push(("the maximum's mark is 0 or 1", q.clone() * mu.clone() * (mu.clone() - int(1))));
                out.push(("the marked one is the maximum", q.clone() * mu.clone() * t));
                out.push(("partial sum of exponentials", q.clone() * (part.clone() - exp.clone()) - next.clone() * part0));
                out.push(("count of marks", q.clone() * (count.clone() - mu) - next.clone() * count0));
                out.push(("one maximum a sample", next.clone() * (max - max0)));
                out.push(("one sum a sample", next.clone() * (sum.clone() - sum0)));
                out.push(("the last partial sum is the sum", end.clone() * (part - sum.clone())));
                out.push(("one mark a sample", end * (count - int(1))));
                let divided = exp * pow2(spec.scales.d + 1) + sum.clone() - int(2) * quotient.clone() * sum.clone() - rem.clone();
                out.push(("quotient and remainder", q.clone() * divided));
                out.push(("the remainder is below the divisor", q.clone() * (rem + crem - int(2) * sum + int(1))));
                value = quotient;
            }
            let acc = self.trace_acc[0];
            for (i, (val, x)) in [(raw, sigma.clone()), (value.clone(), sigma), (value, tau)].into_iter().enumerate() {
                let rot = self.output_acc(i).rot as i32;
                out.push((OUTPUT_NAMES[i], q.clone() * (adv(v, acc, rot) - val) - next.clone() * adv(v, acc, rot - h) * x));
            }
            out
        });
        cs.create_gate("export output units", |v| {
            let q = flag(v, self.fx.export_output);
            [0, 1, 2]
                .map(|i| {
                    let at = self.output_acc(i);
                    (OUTPUT_NAMES[i], q.clone() * (adv(v, self.s, i as i32) - adv(v, self.trace_acc[at.col], at.rot as i32)))
                })
                .to_vec()
        });
    }

    /// Accumulator `i` of an output unit: first accumulator column, row `i`.
    pub fn output_acc(&self, i: usize) -> Slot {
        Slot { col: 0, rot: i }
    }

    /// Inner products <u, v> and u + omega v at tau.
    fn vector_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        cs.create_gate("vectors", |v| {
            let (tau, omega) = (chal(v, self.ch.tau), chal(v, self.ch.omega));
            let (q, next) = (fix(v, self.fx.vector), flag(v, self.fx.vector_next));
            let (a, b) = (adv(v, self.vectors[0], 0), adv(v, self.vectors[1], 0));
            let (ip, acc) = (self.inner, self.vector_acc);
            vec![
                ("inner product", q.clone() * (adv(v, ip, 0) - a.clone() * b.clone()) - next.clone() * adv(v, ip, -1)),
                ("u + omega v at tau", q * (adv(v, acc, 0) - a - omega * b) - next * adv(v, acc, -1) * tau),
            ]
        });
        cs.create_gate("export vectors", |v| {
            let q = fix(v, self.fx.export_vector);
            vec![
                ("inner product", q.clone() * (adv(v, self.s, 0) - adv(v, self.inner, 0))),
                ("u + omega v at tau", q * (adv(v, self.s, 1) - adv(v, self.vector_acc, 0))),
            ]
        });
    }

    /// S: head (eta and challenges), constants, and a + b c = d.
    fn scalar_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec) {
        cs.create_gate("scalars", |v| {
            let head = fix(v, self.fx.head);
            let s: Vec<E> = (0..s_head(spec) as i32).map(|i| adv(v, self.s, i)).collect();
            let eta = v.query_instance(self.instance, Rotation::cur());
            let mut known =
                vec![eta, chal(v, self.ch.sigma), chal(v, self.ch.theta), chal(v, self.ch.rho), chal(v, self.ch.tau), chal(v, self.ch.omega)];
            if spec.lora.is_some() {
                known.push(chal(v, self.ch.gamma));
            }
            let names = ["eta", "sigma", "theta", "rho", "tau", "omega", "gamma"];
            let heads = names.into_iter().zip(s.iter().cloned().zip(known));
            let mut out: Vec<_> = heads.map(|(name, (s, k))| (name, head.clone() * (s - k))).collect();
            out.push(("a constant", fix(v, self.fx.is_const) * (s[0].clone() - fix(v, self.fx.constant))));
            out.push(("a + b c = d", fix(v, self.fx.mul_add) * (s[0].clone() + s[1].clone() * s[2].clone() - s[3].clone())));
            out
        });
    }
}
