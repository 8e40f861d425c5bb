//! Only adapters are trained: docs/operators/lora.md, section 4.
//!
//! A layer's vectors hold both matrices that take the same input: `v = 2^k W^T sigma + gamma A^T sigma` beside u = X^T rho, and
//! `s = 2^k W theta + gamma B' theta` beside d = delta^T rho, k = w - baseBits. gamma is drawn after all tensors are committed.

use super::samples::{units, Samples, Shared, Unit};
use super::{pow2, Acc, Exports, Head, Program, Scalar};
use crate::layout::{Layout, RATE_ROW};
use crate::spec::{Adapter, Part, SgdSpec};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;

/// Evaluations of one frozen layer.
struct Frozen {
    /// 2^k W at (sigma, tau) and, where it takes part in a backward product, at (tau, theta).
    kernel: Scalar,
    back: Option<Scalar>,
    /// 2^(k+a) times the bias at sigma.
    bias: Option<Scalar>,
}

/// Evaluations of an adapter's matrices: A and B' at (sigma, tau), free cells that the equations with omega pin; both at
/// (tau, theta), exports, A's only where it takes part in a backward product.
#[derive(Clone, Copy)]
struct Matrices([Option<Scalar>; 4]);

/// Places in [`Matrices`].
const A: usize = 0;
const B: usize = 1;
const A_BACK: usize = 2;
const B_BACK: usize = 3;

/// One adapter.
struct Trained {
    /// Of A and of B'; where steps have rates of their own, what these are multiplied with.
    rates: [Scalar; 2],
    /// Before the first step; with an optimiser before the present one.
    at: Matrices,
    /// delta_h1(sigma) x(tau), delta(sigma) h1(tau), delta_h1(tau) x(theta), delta(tau) h1(theta): over the steps taken so
    /// far; with an optimiser the first two, of the present step.
    sums: [Scalar; 4],
}

impl Frozen {
    fn new(p: &mut Program, spec: &SgdSpec, lay: &Layout, e: &Exports<'_>, head: &Head, l: usize) -> Result<Option<Self>, PotError> {
        let (Some(m), Some(bits)) = (lay.frozen(l, Part::Kernel), spec.base_bits()) else { return Ok(None) };
        let zero = head.zero;
        let scale = p.constant(pow2(spec.scales.w() - bits))?;
        let scaled = |p: &mut Program, row: usize, v: Fr, scale: Scalar| {
            let v = p.export(row, v);
            p.mul_add(zero, v, scale)
        };
        let kernel = scaled(p, m.end(), (e.at)(Acc::Base(0), m.end()), scale)?;
        let back = if m.backward { Some(scaled(p, m.end() + 1, (e.at)(Acc::Base(1), m.end()), scale)?) } else { None };
        let bias = match lay.frozen(l, Part::Bias) {
            Some(m) => {
                let scale = p.constant(pow2(spec.scales.w() - bits + spec.scales.a))?;
                Some(scaled(p, m.end(), (e.at)(Acc::Base(0), m.end()), scale)?)
            }
            None => None,
        };
        Ok(Some(Self { kernel, back, bias }))
    }
}

impl Trained {
    fn new(p: &mut Program, spec: &SgdSpec, lay: &Layout, e: &Exports<'_>, head: &Head, l: usize, adapter: Adapter) -> Result<Self, PotError> {
        // The quotient in the field is the integer quotient, which the public inputs were checked to have.
        let ratio = Fr::from(adapter.alpha) * Fr::from(adapter.rank as u64).invert().expect("a rank is not zero");
        let rates = if spec.scheduled() {
            // Those of the steps are made with them: the ratio alone.
            [head.one, p.constant(ratio)?]
        } else {
            let factor = p.constant(ratio * ratio)?;
            [head.eta, p.mul_add(head.zero, head.eta, factor)?]
        };
        let at = match lay.updates {
            // Each step makes its own.
            Some(_) => Matrices([None; 4]),
            None => Matrices::new(p, lay, e, 0, 0, l)?,
        };
        Ok(Self { rates, at, sums: [head.zero; 4] })
    }

    /// One of the matrices before step `t`: the first one less what the steps so far took away.
    fn matrix(&self, p: &mut Program, lay: &Layout, t: usize, which: usize) -> Result<Option<Scalar>, PotError> {
        let Some(first) = self.at.0[which] else { return Ok(None) };
        if t == 0 || lay.updates.is_some() {
            return Ok(Some(first));
        }
        Ok(Some(p.mul_sub(first, self.rates[which % 2], self.sums[which])?))
    }

    /// With an optimiser: what the blocks of step `t` export, and the rates that they take.
    fn begin(
        &mut self,
        p: &mut Program,
        lay: &Layout,
        e: &Exports<'_>,
        head: &Head,
        (l, t): (usize, usize),
        rate: Option<Scalar>,
    ) -> Result<(), PotError> {
        let Some(u) = &lay.updates else { return Ok(()) };
        let shift = t * u.stride;
        self.at = Matrices::new(p, lay, e, t, shift, l)?;
        self.sums = [head.zero; 4];
        for (part, own) in [Part::A, Part::B].into_iter().zip(self.rates) {
            let rate = match (rate, part) {
                (Some(rate), Part::B) => p.mul_add(head.zero, rate, own)?,
                (Some(rate), _) => rate,
                (None, _) => own,
            };
            p.copy_to(lay.matrix(l, part).expect("an adapter has A and B'").row0 + RATE_ROW + shift, rate);
        }
        Ok(())
    }

    /// With an optimiser: `W + omega G` of step `t`'s blocks is what the equations say of W and G.
    fn end(&self, p: &mut Program, lay: &Layout, e: &Exports<'_>, head: &Head, (l, t): (usize, usize)) -> Result<(), PotError> {
        let Some(u) = &lay.updates else { return Ok(()) };
        for (which, part) in [Part::A, Part::B].into_iter().enumerate() {
            let row = lay.matrix(l, part).expect("an adapter has A and B'").end() + t * u.stride;
            let at = p.export(row, (e.at)(Acc::Weight(0), row));
            let sum = p.mul_add(self.at.0[which].expect("begun"), head.omega, self.sums[which])?;
            p.assert_eq(sum, at);
        }
        Ok(())
    }
}

impl Matrices {
    /// Of step `t`, whose blocks are moved down by `shift` rows.
    fn new(p: &mut Program, lay: &Layout, e: &Exports<'_>, t: usize, shift: usize, l: usize) -> Result<Self, PotError> {
        let (a, b) = (p.witness(e.free[t][A][l])?, p.witness(e.free[t][B][l])?);
        let mut back = |part: Part| {
            let m = lay.matrix(l, part).expect("an adapter has A and B'");
            let row = m.end() + shift;
            m.backward.then(|| p.export(row + 1, (e.at)(Acc::Weight(1), row)))
        };
        Ok(Self([Some(a), Some(b), back(Part::A), back(Part::B)]))
    }
}

pub(super) fn equations(p: &mut Program, spec: &SgdSpec, lay: &Layout, e: &Exports<'_>, head: &Head) -> Result<(), PotError> {
    let (batch, layers) = (spec.batch, spec.layers.len());
    let Head { rho, gamma, omega, zero, .. } = *head;
    let rho_sum = p.geometric(rho, batch)?;
    let shared = Shared::new(p, spec, head)?;
    let frozen: Vec<Option<Frozen>> = (0..layers).map(|l| Frozen::new(p, spec, lay, e, head, l)).collect::<Result<_, _>>()?;
    let mut trained: Vec<Option<Trained>> =
        (0..layers).map(|l| spec.adapter(l).map(|a| Trained::new(p, spec, lay, e, head, l, a)).transpose()).collect::<Result<_, _>>()?;

    let rates = lay.updates.as_ref().and_then(|u| u.rates);
    for t in 0..spec.steps {
        let rate = rates.map(|row| p.export(row + t, e.rates[t]));
        for (l, tr) in trained.iter_mut().enumerate() {
            tr.as_mut().map_or(Ok(()), |tr| tr.begin(p, lay, e, head, (l, t), rate))?;
        }
        let samples = Samples::new(p, spec, lay, e, head, &shared, t)?;
        for l in 0..layers {
            let between: Vec<Unit> = match lay.adapters[l].is_empty() {
                true => vec![],
                false => (0..batch).map(|b| units(p, e, lay.adapters[l][t * batch + b].end())).collect(),
            };
            let column = |i: usize| between.iter().map(|u| u[i]).collect::<Vec<_>>();
            let (base, tr) = (frozen[l].as_ref(), trained[l].as_ref());
            let xs = samples.xs(l);

            // Forward: the vectors at tau, then the products at (rho, sigma).
            let u = p.horner(rho, &xs)?;
            let mut v = base.map_or(zero, |b| b.kernel);
            if let Some(tr) = tr {
                let at = tr.matrix(p, lay, t, A)?.expect("an adapter has A");
                v = p.mul_add(v, gamma, at)?;
            }
            let uv = p.mul_add(u, omega, v)?;
            let (mut products, acc) = p.vectors(lay.forward[l][t].end(), e);
            p.assert_eq(uv, acc);
            if let Some(tr) = tr {
                let u = p.horner(rho, &column(1))?;
                let at = tr.matrix(p, lay, t, B)?.expect("an adapter has B'");
                let uv = p.mul_add(u, omega, at)?;
                let (inner, acc) = p.vectors(lay.adapter_forward[l][t].end(), e);
                p.assert_eq(uv, acc);
                if base.is_some() {
                    products = p.mul_add(products, inner, head.one)?;
                }
            }
            if let Some(bias) = base.and_then(|b| b.bias) {
                products = p.mul_add(products, rho_sum, bias)?;
            }
            // sum rho^b zraw_b(sigma) + gamma sum rho^b h1raw_b(sigma)
            let mut raw = if base.is_some() { p.horner(rho, &samples.raws(l))? } else { zero };
            if tr.is_some() {
                let between = p.horner(rho, &column(0))?;
                raw = p.mul_add(raw, gamma, between)?;
            }
            p.assert_eq(products, raw);

            if spec.backward(l) {
                // Backward: the vectors at tau, then the products at (rho, theta).
                let dt = samples.deltas(l, 1);
                let d = p.horner(rho, &dt)?;
                let mut s = base.and_then(|b| b.back).unwrap_or(zero);
                if let Some(tr) = tr {
                    let at = tr.matrix(p, lay, t, B_BACK)?.expect("B' always takes part");
                    s = p.mul_add(s, gamma, at)?;
                }
                let ds = p.mul_add(d, omega, s)?;
                let (mut products, acc) = p.vectors(lay.backward[l][t].end(), e);
                p.assert_eq(ds, acc);
                if let Some(tr) = tr.filter(|tr| tr.at.0[A_BACK].is_some()) {
                    let d = p.horner(rho, &column(4))?;
                    let at = tr.matrix(p, lay, t, A_BACK)?.expect("just seen");
                    let ds = p.mul_add(d, omega, at)?;
                    let (inner, acc) = p.vectors(lay.adapter_backward[l][t].end(), e);
                    p.assert_eq(ds, acc);
                    products = p.mul_add(products, inner, head.one)?;
                }
                let mut raw = if l > spec.lowest() { p.horner(rho, &samples.gradients(l))? } else { zero };
                if tr.is_some() {
                    let between = p.horner(rho, &column(5))?;
                    raw = p.mul_add(raw, gamma, between)?;
                }
                p.assert_eq(products, raw);
            }

            let Some(tr) = trained[l].as_mut() else { continue };
            let (ds, dt) = (samples.deltas(l, 0), samples.deltas(l, 1));
            for b in 0..batch {
                let unit = &between[b];
                tr.sums[A] = p.mul_add(tr.sums[A], unit[3], xs[b])?;
                tr.sums[B] = p.mul_add(tr.sums[B], ds[b], unit[1])?;
                if lay.updates.is_some() {
                    continue;
                }
                if tr.at.0[A_BACK].is_some() {
                    tr.sums[A_BACK] = p.mul_add(tr.sums[A_BACK], unit[4], samples.hidden[l - 1][b][2])?;
                }
                tr.sums[B_BACK] = p.mul_add(tr.sums[B_BACK], dt[b], unit[2])?;
            }
            tr.end(p, lay, e, head, (l, t))?;
        }
    }
    for (l, tr) in trained.iter().enumerate().filter(|_| lay.updates.is_none()) {
        let Some(tr) = tr else { continue };
        for (which, part) in [Part::A, Part::B].into_iter().enumerate() {
            let row = lay.matrix(l, part).expect("an adapter has A and B'").end();
            let at = p.export(row, (e.at)(Acc::Weight(0), row));
            p.update(tr.at.0[which].expect("made with the adapter"), tr.rates[which], tr.sums[which], omega, at)?;
        }
    }
    Ok(())
}
