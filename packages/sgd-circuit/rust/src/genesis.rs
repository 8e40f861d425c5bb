//! The genesis circuit: every weight of a run's first checkpoint lies in `[-2^(nb-1), 2^(nb-1))`, n = `genesis_limbs`, n b <= 60.
//!
//! Without it, no identity of the window circuits is safe from wrapping around the field (docs/protocol.md).

use crate::circuit::put;
use crate::gates::{adv, fix, int, log_up, weight_offset};
use crate::layout::{ceil_div, Layout};
use crate::spec::SgdSpec;
use crate::witness::{running_sums, weight_strip};
use ff::{BatchInvert, Field};
use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, Instance, SecondPhase};
use pot_halo2::error::PotError;
use std::cell::Cell as StdCell;
use std::sync::Arc;

/// Limbs of a weight: four bits more than its fraction, rounded up to whole limbs.
pub fn genesis_limbs(spec: &SgdSpec) -> usize {
    ceil_div(spec.scales.w() as usize + 4, spec.scales.b as usize)
}

#[derive(Clone, Debug)]
pub struct GenesisConfig {
    w0: Vec<Column<Advice>>,
    limbs: Vec<Column<Advice>>,
    mult: Column<Advice>,
    sums: Vec<Column<Advice>>,
    active: Column<Fixed>,
    flags: [Column<Fixed>; 4],
    beta: Challenge,
    _instance: Column<Instance>,
}

/// The prover's side: weights and the salt of their columns.
pub struct GenesisWitness {
    pub w0: Vec<i64>,
    pub salt: Vec<Vec<Fr>>,
    limbs: Vec<Vec<u32>>,
    mult: Vec<u32>,
}

impl GenesisWitness {
    /// Errors: `WEIGHT_RANGE` (a weight is too large).
    pub fn new(spec: &SgdSpec, lay: &Layout, w0: Vec<i64>, salt: Vec<Vec<Fr>>) -> Result<Self, PotError> {
        let (n, b, c) = (genesis_limbs(spec), spec.scales.b as usize, lay.shape.weight_columns);
        let half = 1i64 << (n * b - 1);
        if let Some(i) = w0.iter().position(|w| !(-half..half).contains(w)) {
            return Err(PotError::new("WEIGHT_RANGE", format!("weight {i} is beyond +-2^{} (integer units)", n * b - 1)));
        }
        let mut limbs = vec![vec![0u32; lay.limit]; c * n];
        for m in &lay.matrices {
            for i in 0..m.rows {
                for j in 0..m.chunks * c {
                    let w = if j < m.cols { w0[m.offset + i * m.cols + j] } else { 0 };
                    let v = (w + half) as u64;
                    for l in 0..n {
                        limbs[j % c * n + l][m.row(i, j / c)] = (v >> (b * l) & ((1 << b) - 1)) as u32;
                    }
                }
            }
        }
        let mut mult = vec![0u32; 1 << b];
        for col in &limbs {
            for v in &col[1..=lay.look_end] {
                mult[*v as usize] += 1;
            }
        }
        Ok(Self { w0, salt, limbs, mult })
    }

    /// Adds to one limb's cell, for tests that see the proof refused.
    pub fn tamper(&mut self, col: usize, row: usize, add: u32) {
        self.limbs[col][row] += add;
    }
}

/// One range proof; without a witness for key generation.
#[derive(Clone)]
pub struct GenesisCircuit {
    pub params: crate::circuit::Params,
    pub witness: Option<Arc<GenesisWitness>>,
    pub mock: bool,
    done: StdCell<u8>,
}

impl GenesisCircuit {
    pub fn new(params: crate::circuit::Params, witness: Option<Arc<GenesisWitness>>, mock: bool) -> Self {
        Self { params, witness, mock, done: StdCell::new(0) }
    }
}

impl Circuit<Fr> for GenesisCircuit {
    type Config = GenesisConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = crate::circuit::Params;

    fn params(&self) -> Self::Params {
        self.params.clone()
    }
    fn without_witnesses(&self) -> Self {
        Self::new(self.params.clone(), None, false)
    }
    fn configure(_: &mut ConstraintSystem<Fr>) -> Self::Config {
        unreachable!("configured with parameters")
    }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, params: Self::Params) -> Self::Config {
        let (spec, lay) = params.get();
        let (c, n, b) = (lay.shape.weight_columns, genesis_limbs(spec), spec.scales.b);
        let mut first = |n: usize| (0..n).map(|_| cs.advice_column_in(FirstPhase)).collect::<Vec<_>>();
        let (w0, limbs, mult) = (first(c), first(c * n), first(1)[0]);
        let beta = cs.challenge_usable_after(FirstPhase);
        let sums: Vec<_> = (0..=c * n).map(|_| cs.advice_column_in(SecondPhase)).collect();
        let flags = [(); 4].map(|_| cs.fixed_column());
        let active = cs.fixed_column();
        let instance = cs.instance_column();
        log_up(cs, beta, &limbs, &sums, mult, flags, None);
        cs.create_gate("weights from limbs", |v| {
            let q = fix(v, active);
            (0..c)
                .map(|j| {
                    let sum = (0..n).fold(int(0), |acc, l| acc + adv(v, limbs[j * n + l], 0) * int(1u128 << (b as usize * l)));
                    // cell - offset = sum - 2^(nb-1)
                    q.clone() * (adv(v, w0[j], 0) + int(1u128 << (b as usize * n - 1)) - int(weight_offset(spec) as u128) - sum)
                })
                .collect::<Vec<_>>()
        });
        GenesisConfig { w0, limbs, mult, sums, active, flags, beta, _instance: instance }
    }

    fn synthesize(&self, cf: GenesisConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let (spec, lay) = self.params.get();
        let mut beta = None;
        layouter.get_challenge(cf.beta).map(|v| beta = Some(v));
        layouter.assign_region(
            || "genesis",
            |mut region| {
                let r = &mut region;
                if self.done.get() == 0 && (self.witness.is_none() || self.mock) {
                    let [table, look, head, tail] = cf.flags;
                    let mut set = |col: Column<Fixed>, row: usize, v: u64| {
                        r.assign_fixed(col, row, Fr::from(v));
                    };
                    (1..=lay.look_end).for_each(|row| set(look, row, 1));
                    set(head, 0, 1);
                    set(tail, lay.look_end, 1);
                    (0..1usize << spec.scales.b).for_each(|v| set(table, 1 + v, v as u64));
                    for m in &lay.matrices {
                        (m.row0..=m.end()).for_each(|row| set(cf.active, row, 1));
                    }
                }
                let Some(w) = &self.witness else { return Ok(()) };
                if self.done.get() == 0 {
                    weight_strip(spec, lay, &w.w0, &w.salt, &mut |c, row, v| put(r, cf.w0[c], row, v));
                    for (col, cells) in cf.limbs.iter().zip(&w.limbs) {
                        for (row, v) in cells.iter().enumerate() {
                            put(r, *col, row, Fr::from(u64::from(*v)));
                        }
                    }
                    for (v, m) in w.mult.iter().enumerate() {
                        r.assign_advice(cf.mult, 1 + v, Value::known(Fr::from(u64::from(*m))));
                    }
                    self.done.set(1);
                }
                if let (1, Some(beta)) = (self.done.get(), beta) {
                    let mut inv: Vec<Fr> = (0..1u64 << spec.scales.b).map(|v| beta + Fr::from(v)).collect();
                    inv.iter_mut().batch_invert();
                    let cols: Vec<&[u32]> = w.limbs.iter().map(|c| &c[..]).collect();
                    let sums = running_sums(beta, &inv, &w.mult, lay.look_end, &cols, None);
                    for (col, cells) in cf.sums.iter().zip(&sums) {
                        for (row, v) in cells.iter().enumerate().filter(|(_, v)| **v != Fr::ZERO) {
                            put(r, *col, row, *v);
                        }
                    }
                    self.done.set(2);
                }
                Ok(())
            },
        )
    }
}
