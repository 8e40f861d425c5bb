//! Only adapters are trained: docs/lora.md, section 4.
//!
//! A layer's vectors hold both matrices that take the same input: `v = 2^k W^T sigma + gamma A^T sigma` beside u = X^T rho, and
//! `s = 2^k W theta + gamma B' theta` beside d = delta^T rho, k = w - baseBits. gamma is drawn after all tensors are committed.

use super::samples::{units, Samples, Shared, Unit};
use super::{pow2, Acc, Exports, Head, Program, Scalar};
use crate::layout::{Layout, Part};
use crate::spec::{Adapter, SgdSpec};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_halo2::error::PotError;

/// Evaluations of one frozen layer.
struct Frozen {
    /// 2^k W at (sigma, tau) and, where it takes part in a backward product, at (tau, theta).
    kernel: Scalar,
    back: Option<Scalar>,
    /// 2^(k+a) times the bias at sigma.
    bias: Option<Scalar>,
}

/// One adapter: the first A and B', and the sums over the steps taken so far.
struct Trained {
    eta_b: Scalar,
    /// At (sigma, tau): free cells, pinned by the equations with omega.
    a: Scalar,
    b: Scalar,
    /// At (tau, theta): exports. A's only where it takes part in a backward product.
    a_back: Option<Scalar>,
    b_back: Scalar,
    /// delta_h1(sigma) x(tau), delta(sigma) h1(tau), delta_h1(tau) x(theta), delta(tau) h1(theta).
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
    fn new(p: &mut Program, lay: &Layout, e: &Exports<'_>, head: &Head, l: usize, adapter: Adapter) -> Result<Self, PotError> {
        // The quotient in the field is the integer quotient, which the public inputs were checked to have.
        let square = |v: u64| Fr::from(v * v);
        let factor = p.constant(square(adapter.alpha) * square(adapter.rank as u64).invert().expect("a rank is not zero"))?;
        let eta_b = p.mul_add(head.zero, head.eta, factor)?;
        let (a, b) = (p.witness(e.free[0][l])?, p.witness(e.free[1][l])?);
        let of = |part: Part| lay.matrix(l, part).expect("an adapter has A and B'");
        let mut back = |part: Part| {
            let m = of(part);
            m.backward.then(|| p.export(m.end() + 1, (e.at)(Acc::Weight(1), m.end())))
        };
        let (a_back, b_back) = (back(Part::A), back(Part::B).expect("B' always takes part"));
        Ok(Self { eta_b, a, b, a_back, b_back, sums: [head.zero; 4] })
    }
}

pub(super) fn equations(p: &mut Program, spec: &SgdSpec, lay: &Layout, e: &Exports<'_>, head: &Head) -> Result<(), PotError> {
    let (batch, layers) = (spec.batch, spec.layers.len());
    let Head { eta, rho, gamma, omega, zero, .. } = *head;
    let rho_sum = p.geometric(rho, batch)?;
    let shared = Shared::new(p, spec, head)?;
    let frozen: Vec<Option<Frozen>> = (0..layers).map(|l| Frozen::new(p, spec, lay, e, head, l)).collect::<Result<_, _>>()?;
    let mut trained: Vec<Option<Trained>> =
        (0..layers).map(|l| spec.adapter(l).map(|a| Trained::new(p, lay, e, head, l, a)).transpose()).collect::<Result<_, _>>()?;

    for t in 0..spec.steps {
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
                let at = if t == 0 { tr.a } else { p.mul_sub(tr.a, eta, tr.sums[0])? };
                v = p.mul_add(v, gamma, at)?;
            }
            let uv = p.mul_add(u, omega, v)?;
            let (mut products, acc) = p.vectors(lay.forward[l][t].end(), e);
            p.assert_eq(uv, acc);
            if let Some(tr) = tr {
                let u = p.horner(rho, &column(1))?;
                let at = if t == 0 { tr.b } else { p.mul_sub(tr.b, tr.eta_b, tr.sums[1])? };
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
                    let at = if t == 0 { tr.b_back } else { p.mul_sub(tr.b_back, tr.eta_b, tr.sums[3])? };
                    s = p.mul_add(s, gamma, at)?;
                }
                let ds = p.mul_add(d, omega, s)?;
                let (mut products, acc) = p.vectors(lay.backward[l][t].end(), e);
                p.assert_eq(ds, acc);
                if let Some((tr, a_back)) = tr.and_then(|tr| Some((tr, tr.a_back?))) {
                    let d = p.horner(rho, &column(4))?;
                    let at = if t == 0 { a_back } else { p.mul_sub(a_back, eta, tr.sums[2])? };
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
                tr.sums[0] = p.mul_add(tr.sums[0], unit[3], xs[b])?;
                tr.sums[1] = p.mul_add(tr.sums[1], ds[b], unit[1])?;
                if tr.a_back.is_some() {
                    tr.sums[2] = p.mul_add(tr.sums[2], unit[4], samples.hidden[l - 1][b][2])?;
                }
                tr.sums[3] = p.mul_add(tr.sums[3], dt[b], unit[2])?;
            }
        }
    }
    for (l, tr) in trained.iter().enumerate() {
        let Some(tr) = tr else { continue };
        for (part, first, rate, sum) in [(Part::A, tr.a, eta, tr.sums[0]), (Part::B, tr.b, tr.eta_b, tr.sums[1])] {
            let row = lay.matrix(l, part).expect("an adapter has A and B'").end();
            let at = p.export(row, (e.at)(Acc::Weight(0), row));
            p.update(first, rate, sum, omega, at)?;
        }
    }
    Ok(())
}
