//! The scalar program: the equations between evaluations (docs/operators/gadgets.md, section 4), laid out in column S.
//!
//! One builder serves key generation (no values: rows, constants and copies) and proving (values).

mod adapters;
mod dense;
mod samples;

use crate::layout::{s_head, Layout};
use crate::spec::SgdSpec;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
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
    fn new(spec: &SgdSpec, lay: &Layout) -> Self {
        Self { used: lay.s_used.clone(), cursor: s_head(spec), limit: lay.limit, ..Self::default() }
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
    /// Exports of a run of vectors: their inner product, and their sum with omega at tau.
    fn vectors(&mut self, r: usize, e: &Exports<'_>) -> (Scalar, Scalar) {
        (self.export(r, (e.at)(Acc::Inner, r)), self.export(r + 1, (e.at)(Acc::Vector, r)))
    }
    /// The window's update of one matrix: `W_0 + omega W_K = w + omega (w - rate sum)`, at (sigma, tau).
    fn update(&mut self, w: Scalar, rate: Scalar, sum: Scalar, omega: Scalar, both: Scalar) -> Result<(), PotError> {
        let after = self.mul_sub(w, rate, sum)?;
        let sum = self.mul_add(w, omega, after)?;
        self.assert_eq(sum, both);
        Ok(())
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
    pub gamma: Fr,
    pub tau: Fr,
    pub omega: Fr,
    /// First weights at (sigma, tau), one a layer: of the kernels and of the biases, or of A and of B'. With an optimiser
    /// the weights before each step, else those before the first.
    pub free: Vec<[Vec<Fr>; 2]>,
    /// With an optimiser: the public rate of each step.
    pub rates: Vec<Fr>,
    /// Value of an accumulator column at a row.
    pub at: &'a dyn Fn(Acc, usize) -> Fr,
}

impl<'a> Exports<'a> {
    /// For key generation: every value is zero.
    pub fn zero(spec: &SgdSpec, at: &'a dyn Fn(Acc, usize) -> Fr) -> Self {
        let (z, none) = (Fr::ZERO, vec![Fr::ZERO; spec.layers.len()]);
        let (free, rates) = (vec![[none.clone(), none]; spec.steps], vec![z; spec.steps]);
        Self { eta: z, sigma: z, theta: z, rho: z, gamma: z, tau: z, omega: z, free, rates, at }
    }
}

/// Which accumulator an export reads.
#[derive(Clone, Copy, Debug)]
pub enum Acc {
    Weight(usize),
    Base(usize),
    Data(usize),
    /// Layer-local mode: the data at sigma.
    Given,
    Hidden(usize),
    Output(usize),
    Inner,
    Vector,
}

/// What the equations of all layers share.
struct Head {
    eta: Scalar,
    sigma: Scalar,
    rho: Scalar,
    /// Zero where there are no adapters.
    gamma: Scalar,
    tau: Scalar,
    omega: Scalar,
    zero: Scalar,
    one: Scalar,
    /// 2^a
    act: Scalar,
}

fn pow2(bits: u32) -> Fr {
    Fr::from(2).pow([u64::from(bits)])
}

/// Builds the program.
pub fn program(spec: &SgdSpec, lay: &Layout, e: &Exports<'_>) -> Result<Program, PotError> {
    let mut p = Program::new(spec, lay);
    let cells: Vec<Scalar> = [e.eta, e.sigma, e.theta, e.rho, e.tau, e.omega].iter().enumerate().map(|(i, v)| p.put(i, *v)).collect();
    let [eta, sigma, _theta, rho, tau, omega] = cells[..] else { unreachable!() };
    let gamma = spec.lora.is_some().then(|| p.put(cells.len(), e.gamma));
    let (zero, one) = (p.constant(Fr::ZERO)?, p.constant(Fr::ONE)?);
    let act = p.constant(pow2(spec.scales.a))?;
    let head = Head { eta, sigma, rho, gamma: gamma.unwrap_or(zero), tau, omega, zero, one, act };
    match spec.lora {
        None => dense::equations(&mut p, spec, lay, e, &head)?,
        Some(_) => adapters::equations(&mut p, spec, lay, e, &head)?,
    }
    Ok(p)
}
