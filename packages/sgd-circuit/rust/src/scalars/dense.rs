//! All kernels and biases are trained: docs/operators/gadgets.md, section 4.

use super::samples::{Samples, Shared};
use super::{Acc, Exports, Head, Program, Scalar};
use crate::layout::Layout;
use crate::spec::{Part, SgdSpec};
use pot_proof_system::error::PotError;

pub(super) fn equations(p: &mut Program, spec: &SgdSpec, lay: &Layout, e: &Exports<'_>, head: &Head) -> Result<(), PotError> {
    let (batch, layers) = (spec.batch, spec.layers.len());
    let Head { eta, rho, omega, zero, one, act, .. } = *head;
    let eta_bias = p.mul_add(zero, eta, act)?;
    let rho_sum = p.geometric(rho, batch)?;
    let rho_bias = p.mul_add(zero, rho_sum, act)?;
    let shared = Shared::new(p, spec, head)?;

    let [v0, bias0] = &e.free[0];
    let v0: Vec<Scalar> = v0.iter().map(|v| p.witness(*v)).collect::<Result<_, _>>()?;
    let bias0: Vec<Scalar> = bias0.iter().map(|v| p.witness(*v)).collect::<Result<_, _>>()?;
    let kernel_end: Vec<usize> = (0..layers).map(|l| lay.matrix(l, Part::Kernel).expect("every layer has a kernel").end()).collect();
    let weights_at: Vec<Scalar> = kernel_end.iter().map(|r| p.export(*r, (e.at)(Acc::Weight(0), *r))).collect();
    let s0: Vec<Scalar> = (1..layers).map(|l| p.export(kernel_end[l] + 1, (e.at)(Acc::Weight(1), kernel_end[l]))).collect();
    // Running sums over the steps taken so far: delta(sigma) x(tau), delta(tau) x(theta), delta(sigma).
    let (mut grad, mut grad_t, mut grad_bias) = (vec![zero; layers], vec![zero; layers], vec![zero; layers]);

    for t in 0..spec.steps {
        let samples = Samples::new(p, spec, lay, e, head, &shared, t)?;
        for l in 0..layers {
            let (xs, ds) = (samples.xs(l), samples.deltas(l, 0));
            // Forward: u(tau) + omega v(tau), and the product at (rho, sigma).
            let u = p.horner(rho, &xs)?;
            let vt = if t == 0 { v0[l] } else { p.mul_sub(v0[l], eta, grad[l])? };
            let uv = p.mul_add(u, omega, vt)?;
            let (inner, acc) = p.vectors(lay.forward[l][t].end(), e);
            p.assert_eq(uv, acc);
            let mut raw = inner;
            if spec.layers[l].bias {
                let bias = if t == 0 { bias0[l] } else { p.mul_sub(bias0[l], eta_bias, grad_bias[l])? };
                raw = p.mul_add(inner, rho_bias, bias)?;
            }
            let z = p.horner(rho, &samples.raws(l))?;
            p.assert_eq(raw, z);
            if l > 0 {
                // Backward: d(tau) + omega s(tau), and the product at (rho, theta).
                let dt = samples.deltas(l, 1);
                let d = p.horner(rho, &dt)?;
                let st = if t == 0 { s0[l - 1] } else { p.mul_sub(s0[l - 1], eta, grad_t[l])? };
                let ds_at = p.mul_add(d, omega, st)?;
                let (inner, acc) = p.vectors(lay.backward[l][t].end(), e);
                p.assert_eq(ds_at, acc);
                let graw = p.horner(rho, &samples.gradients(l))?;
                p.assert_eq(graw, inner);
                for b in 0..batch {
                    grad_t[l] = p.mul_add(grad_t[l], dt[b], samples.hidden[l - 1][b][2])?;
                }
            }
            for b in 0..batch {
                grad[l] = p.mul_add(grad[l], ds[b], xs[b])?;
            }
            if spec.layers[l].bias {
                for d in &ds {
                    grad_bias[l] = p.mul_add(grad_bias[l], *d, one)?;
                }
            }
        }
    }
    // The window's update: W_0 + omega W_K = v_0 + omega (v_0 - eta sum).
    for l in 0..layers {
        p.update(v0[l], eta, grad[l], omega, weights_at[l])?;
        if let Some(m) = lay.matrix(l, Part::Bias) {
            let at = p.export(m.end(), (e.at)(Acc::Weight(0), m.end()));
            p.update(bias0[l], eta_bias, grad_bias[l], omega, at)?;
        }
    }
    Ok(())
}
