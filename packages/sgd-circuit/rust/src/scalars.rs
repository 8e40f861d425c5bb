//! The scalar program: the equations between evaluations (docs/protocol.md, section 5), laid out in column S.
//!
//! One builder serves key generation (no values: rows, constants and copies) and proving (values).

use crate::layout::{Layout, S_HEAD};
use crate::spec::SgdSpec;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_halo2::error::PotError;
use std::collections::HashMap;

/// A cell of S and its value (zero during key generation).
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    pub row: usize,
    pub v: Fr,
}

/// What column S holds and how its rows are wired.
#[derive(Default)]
pub struct Program {
    pub values: Vec<(usize, Fr)>,
    pub mul_adds: Vec<usize>,
    pub constants: Vec<(usize, Fr)>,
    pub copies: Vec<(usize, usize)>,
    used: Vec<bool>,
    cursor: usize,
    limit: usize,
    known: HashMap<[u8; 32], Scalar>,
}

impl Program {
    fn new(lay: &Layout) -> Self {
        Self { used: lay.s_used.clone(), cursor: S_HEAD, limit: lay.limit, ..Self::default() }
    }
    fn free(&self, row: usize, n: usize) -> bool {
        row + n <= self.limit && self.used[row..row + n].iter().all(|u| !u)
    }
    fn alloc(&mut self, n: usize) -> Result<usize, PotError> {
        while !self.free(self.cursor, n) {
            self.cursor += 1;
            if self.cursor + n > self.limit {
                return Err(PotError::new("CIRCUIT_TOO_LARGE", "the scalar equations need more rows than this shape has".to_string()));
            }
        }
        let r = self.cursor;
        self.used[r..r + n].fill(true);
        self.cursor += n;
        Ok(r)
    }
    fn put(&mut self, row: usize, v: Fr) -> Scalar {
        self.values.push((row, v));
        Scalar { row, v }
    }
    fn copy_to(&mut self, row: usize, s: Scalar) {
        self.put(row, s.v);
        self.copies.push((s.row, row));
    }
    /// A cell that an export gate already fixes.
    pub fn export(&mut self, row: usize, v: Fr) -> Scalar {
        self.put(row, v)
    }
    /// A free cell: pinned by the equations it enters.
    pub fn witness(&mut self, v: Fr) -> Result<Scalar, PotError> {
        let r = self.alloc(1)?;
        Ok(self.put(r, v))
    }
    pub fn constant(&mut self, v: Fr) -> Result<Scalar, PotError> {
        if let Some(s) = self.known.get(&v.to_bytes()) {
            return Ok(*s);
        }
        let r = self.alloc(1)?;
        self.constants.push((r, v));
        let s = self.put(r, v);
        self.known.insert(v.to_bytes(), s);
        Ok(s)
    }
    /// The four cells of `a + b c = d`; `None` is a fresh cell with the value that satisfies the equation.
    fn row4(&mut self, a: Scalar, b: Scalar, c: Scalar) -> Result<Scalar, PotError> {
        let continues = a.row + 1 == self.cursor && self.free(self.cursor, 3);
        let r = if continues {
            self.used[self.cursor..self.cursor + 3].fill(true);
            self.cursor += 3;
            a.row
        } else {
            let r = self.alloc(4)?;
            self.copy_to(r, a);
            r
        };
        self.copy_to(r + 1, b);
        self.copy_to(r + 2, c);
        self.mul_adds.push(r);
        Ok(self.put(r + 3, a.v + b.v * c.v))
    }
    /// `a + b c`.
    pub fn mul_add(&mut self, a: Scalar, b: Scalar, c: Scalar) -> Result<Scalar, PotError> {
        self.row4(a, b, c)
    }
    /// `a - b c`.
    pub fn mul_sub(&mut self, a: Scalar, b: Scalar, c: Scalar) -> Result<Scalar, PotError> {
        let r = self.alloc(4)?;
        let d = self.put(r, a.v - b.v * c.v);
        self.copy_to(r + 1, b);
        self.copy_to(r + 2, c);
        self.copy_to(r + 3, a);
        self.mul_adds.push(r);
        Ok(d)
    }
    pub fn assert_eq(&mut self, a: Scalar, b: Scalar) {
        self.copies.push((a.row, b.row));
    }
    /// `sum_b x^b terms[b]`.
    pub fn horner(&mut self, x: Scalar, terms: &[Scalar]) -> Result<Scalar, PotError> {
        let mut acc = terms[terms.len() - 1];
        for t in terms[..terms.len() - 1].iter().rev() {
            acc = self.mul_add(*t, acc, x)?;
        }
        Ok(acc)
    }
    /// `1 + x + .. + x^(n-1)`.
    pub fn geometric(&mut self, x: Scalar, n: usize) -> Result<Scalar, PotError> {
        // Horner by bits: g(2m) = g(m) (1 + x^m), g(m+1) = g(m) x + 1.
        let (zero, one) = (self.constant(Fr::ZERO)?, self.constant(Fr::ONE)?);
        let (mut g, mut p) = (one, x);
        for i in (0..n.ilog2()).rev() {
            g = self.mul_add(g, g, p)?;
            p = self.mul_add(zero, p, p)?;
            if n >> i & 1 == 1 {
                g = self.mul_add(one, g, x)?;
                p = self.mul_add(zero, p, x)?;
            }
        }
        Ok(g)
    }
}

/// Evaluations that accumulators end with; zeros during key generation.
pub struct Exports<'a> {
    pub eta: Fr,
    pub sigma: Fr,
    pub theta: Fr,
    pub rho: Fr,
    pub tau: Fr,
    pub omega: Fr,
    /// v_0(tau) of each layer's first step, bias_0(sigma) of each layer.
    pub v0: Vec<Fr>,
    pub bias0: Vec<Fr>,
    /// Value of an accumulator column at a row.
    pub at: &'a dyn Fn(Acc, usize) -> Fr,
}

impl<'a> Exports<'a> {
    /// For key generation: every value is zero.
    pub fn zero(spec: &SgdSpec, at: &'a dyn Fn(Acc, usize) -> Fr) -> Self {
        let (z, none) = (Fr::ZERO, vec![Fr::ZERO; spec.layers.len()]);
        Self { eta: z, sigma: z, theta: z, rho: z, tau: z, omega: z, v0: none.clone(), bias0: none, at }
    }
}

/// Which accumulator an export reads.
#[derive(Clone, Copy, Debug)]
pub enum Acc {
    Weight(usize),
    Data(usize),
    Hidden(usize),
    Output(usize),
    Inner,
    Vector,
}

/// Builds the program.
pub fn program(spec: &SgdSpec, lay: &Layout, e: &Exports<'_>) -> Result<Program, PotError> {
    let mut p = Program::new(lay);
    let (k, batch, layers, s) = (spec.steps, spec.batch, spec.layers.len(), &spec.scales);
    let head: Vec<Scalar> = [e.eta, e.sigma, e.theta, e.rho, e.tau, e.omega].iter().enumerate().map(|(i, v)| p.put(i, *v)).collect();
    let [eta, sigma, _theta, rho, tau, omega] = head[..] else { unreachable!() };
    let pow = |n: u32| Fr::from(2).pow([u64::from(n)]);
    let (zero, one) = (p.constant(Fr::ZERO)?, p.constant(Fr::ONE)?);
    let act = p.constant(pow(s.a))?;
    let eta_bias = p.mul_add(zero, eta, act)?;
    let rho_sum = p.geometric(rho, batch)?;
    let rho_bias = p.mul_add(zero, rho_sum, act)?;
    // Offsets of stored data and labels.
    let x_shift = if spec.x_offset != 0 { Some((p.geometric(tau, spec.inputs())?, p.constant(Fr::from(spec.x_offset as u64))?)) } else { None };
    let label_scale = p.constant(if spec.softmax() { pow(s.d) } else { pow(s.d - s.a) })?;
    let y_shift = if spec.y_offset != 0 {
        let c = p.constant(Fr::from(spec.y_offset as u64))?;
        let (gs, gt) = (p.geometric(sigma, spec.outputs())?, p.geometric(tau, spec.outputs())?);
        Some((p.mul_add(zero, c, gs)?, p.mul_add(zero, c, gt)?))
    } else {
        None
    };

    let v0: Vec<Scalar> = e.v0.iter().map(|v| p.witness(*v)).collect::<Result<_, _>>()?;
    let bias0: Vec<Scalar> = e.bias0.iter().map(|v| p.witness(*v)).collect::<Result<_, _>>()?;
    let kernel = |l: usize| lay.matrices.iter().find(|m| m.layer == l && !m.bias).expect("every layer has a kernel");
    let kernel_end: Vec<usize> = (0..layers).map(|l| kernel(l).end()).collect();
    let weights_at: Vec<Scalar> = kernel_end.iter().map(|r| p.export(*r, (e.at)(Acc::Weight(0), *r))).collect();
    let s0: Vec<Scalar> = (1..layers).map(|l| p.export(kernel_end[l] + 1, (e.at)(Acc::Weight(1), kernel_end[l]))).collect();
    // Running sums over the steps taken so far: delta(sigma) x(tau), delta(tau) x(theta), delta(sigma).
    let (mut grad, mut grad_t, mut grad_bias) = (vec![zero; layers], vec![zero; layers], vec![zero; layers]);

    for t in 0..k {
        let sample = |b: usize| t * batch + b;
        // Per layer and sample: input at tau and theta, delta at sigma and tau, pre-activation at sigma.
        let mut hid: Vec<Vec<[Scalar; 6]>> = vec![];
        for runs in &lay.hidden {
            hid.push(
                (0..batch)
                    .map(|b| {
                        let r = runs[sample(b)].end();
                        std::array::from_fn(|i| p.export(r + i, (e.at)(Acc::Hidden(i), r)))
                    })
                    .collect(),
            );
        }
        let mut input = vec![];
        let mut last = vec![];
        for b in 0..batch {
            let r = lay.inputs[sample(b)].end();
            let mut x = p.export(r, (e.at)(Acc::Data(0), r));
            if let Some((geo, off)) = x_shift {
                x = p.mul_sub(x, geo, off)?;
            }
            input.push(x);
            let r = lay.labels[sample(b)].end();
            let mut y: [Scalar; 2] = std::array::from_fn(|i| p.export(r + i, (e.at)(Acc::Data(i), r)));
            let r = lay.outputs[sample(b)].end();
            let o: [Scalar; 3] = std::array::from_fn(|i| p.export(r + i, (e.at)(Acc::Output(i), r)));
            let mut delta = [o[1], o[2]];
            for i in 0..2 {
                if spec.softmax() {
                    // delta = q - 2^d y
                    delta[i] = p.mul_sub(o[i + 1], y[i], label_scale)?;
                } else {
                    // delta = 2^(d-a) (z - y)
                    if let Some((a, b)) = y_shift {
                        y[i] = p.mul_sub(y[i], [a, b][i], one)?;
                    }
                    let diff = p.mul_sub(o[i + 1], y[i], one)?;
                    delta[i] = p.mul_add(zero, diff, label_scale)?;
                }
            }
            last.push((o[0], delta));
        }
        for l in 0..layers {
            let top = l + 1 == layers;
            let xs: Vec<Scalar> = if l == 0 { input.clone() } else { hid[l - 1].iter().map(|h| h[1]).collect() };
            let raws: Vec<Scalar> = if top { last.iter().map(|o| o.0).collect() } else { hid[l].iter().map(|h| h[0]).collect() };
            let ds: Vec<Scalar> = if top { last.iter().map(|o| o.1[0]).collect() } else { hid[l].iter().map(|h| h[3]).collect() };
            // Forward: u(tau) + omega v(tau), and the product at (rho, sigma).
            let u = p.horner(rho, &xs)?;
            let vt = if t == 0 { v0[l] } else { p.mul_sub(v0[l], eta, grad[l])? };
            let uv = p.mul_add(u, omega, vt)?;
            let r = lay.forward[l][t].end();
            let inner = p.export(r, (e.at)(Acc::Inner, r));
            let acc = p.export(r + 1, (e.at)(Acc::Vector, r));
            p.assert_eq(uv, acc);
            let mut raw = inner;
            if spec.layers[l].bias {
                let bias = if t == 0 { bias0[l] } else { p.mul_sub(bias0[l], eta_bias, grad_bias[l])? };
                raw = p.mul_add(inner, rho_bias, bias)?;
            }
            let z = p.horner(rho, &raws)?;
            p.assert_eq(raw, z);
            if l > 0 {
                // Backward: d(tau) + omega s(tau), and the product at (rho, theta).
                let dt: Vec<Scalar> = if top { last.iter().map(|o| o.1[1]).collect() } else { hid[l].iter().map(|h| h[4]).collect() };
                let d = p.horner(rho, &dt)?;
                let st = if t == 0 { s0[l - 1] } else { p.mul_sub(s0[l - 1], eta, grad_t[l])? };
                let ds_at = p.mul_add(d, omega, st)?;
                let r = lay.backward[l][t].end();
                let inner = p.export(r, (e.at)(Acc::Inner, r));
                let acc = p.export(r + 1, (e.at)(Acc::Vector, r));
                p.assert_eq(ds_at, acc);
                let graw = p.horner(rho, &hid[l - 1].iter().map(|h| h[5]).collect::<Vec<_>>())?;
                p.assert_eq(graw, inner);
                for b in 0..batch {
                    grad_t[l] = p.mul_add(grad_t[l], dt[b], hid[l - 1][b][2])?;
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
        let after = p.mul_sub(v0[l], eta, grad[l])?;
        let both = p.mul_add(v0[l], omega, after)?;
        p.assert_eq(both, weights_at[l]);
        if let Some(m) = lay.matrices.iter().find(|m| m.layer == l && m.bias) {
            let at = p.export(m.end(), (e.at)(Acc::Weight(0), m.end()));
            let after = p.mul_sub(bias0[l], eta_bias, grad_bias[l])?;
            let both = p.mul_add(bias0[l], omega, after)?;
            p.assert_eq(both, at);
        }
    }
    Ok(p)
}
