//! The genesis circuit: every weight of a run's first checkpoint lies in `[-2^(nb-1), 2^(nb-1))`, n = `genesis_limbs`, n b <= 60;
//! and so does every weight of the frozen base, with a number of limbs of its own.
//!
//! Without it, no identity of the window circuits is safe from wrapping around the field (docs/operators/gadgets.md, section 8).

use crate::circuit::{known, put, Params};
use crate::gates::{adv, fix, int, log_up};
use crate::layout::{Layout, Matrix};
use crate::offsets::{base_offset, state_offset, weight_offset};
use crate::spec::{genesis_limbs, SgdSpec};
use crate::witness::{running_sums, Put, Strip};
use ff::{BatchInvert, Field};
use halo2_axiom::circuit::{Layouter, Region, SimpleFloorPlanner};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::{Advice, AdviceSource, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, Instance, SecondPhase};
use pot_proof_system::error::PotError;
use std::collections::HashMap;
use std::sync::Arc;

/// One group of columns whose cells are recomposed from limbs.
struct Group<'a> {
    matrices: &'a [Matrix],
    columns: usize,
    /// Offsets of the states, in as many columns each that follow: all 0.
    states: Vec<i64>,
    limbs: usize,
    offset: i64,
}

/// The trained weights, and the frozen base where there is one.
fn groups<'a>(spec: &SgdSpec, lay: &'a Layout) -> Vec<Group<'a>> {
    let states = spec.optimizer().map_or(0, |o| o.states());
    let trained = Group {
        matrices: &lay.matrices,
        columns: lay.shape.weight_columns / (1 + states),
        states: (0..states).map(|i| state_offset(spec, i)).collect(),
        limbs: genesis_limbs(spec, spec.scales.w()),
        offset: weight_offset(spec),
    };
    let base = |bits| Group {
        matrices: &lay.base,
        columns: lay.shape.base_columns,
        states: vec![],
        limbs: genesis_limbs(spec, bits),
        offset: base_offset(spec),
    };
    [trained].into_iter().chain(spec.base_bits().map(base)).collect()
}

#[derive(Clone, Debug)]
pub struct GenesisConfig {
    /// Columns of the trained weights, then those of the base.
    w0: Vec<Column<Advice>>,
    limbs: Vec<Column<Advice>>,
    mult: Column<Advice>,
    sums: Vec<Column<Advice>>,
    /// One a group.
    active: Vec<Column<Fixed>>,
    flags: [Column<Fixed>; 4],
    beta: Challenge,
    _instance: Column<Instance>,
}

/// The prover's side: weights and the salt of their columns.
pub struct GenesisWitness {
    pub w0: Vec<i64>,
    pub base: Vec<i64>,
    /// Of the columns of `w0` and of the base.
    pub salt: [Vec<Vec<Fr>>; 2],
    limbs: Vec<Vec<u32>>,
    mult: Vec<u32>,
}

impl GenesisWitness {
    /// Errors: `WEIGHT_RANGE` (a weight is too large).
    pub fn new(spec: &SgdSpec, lay: &Layout, w0: Vec<i64>, base: Vec<i64>, salt: [Vec<Vec<Fr>>; 2]) -> Result<Self, PotError> {
        let b = spec.scales.b as usize;
        let mut limbs = vec![];
        let strips = [("weight", &w0, Strip::trained(spec, lay, &w0)), ("base weight", &base, Strip::frozen(spec, lay, &base))];
        for (group, (what, weights, strip)) in groups(spec, lay).iter().zip(strips) {
            let n = group.limbs;
            let half = 1i64 << (n * b - 1);
            // Behind the weights: the state, which is zero.
            let weights = &weights[..weights.len().min(strip.len())];
            if let Some(i) = weights.iter().position(|w| !(-half..half).contains(w)) {
                return Err(PotError::new("WEIGHT_RANGE", format!("{what} {i} is beyond +-2^{} (integer units)", n * b - 1)));
            }
            let mut columns = vec![vec![0u32; lay.limit]; group.columns * n];
            strip.values(&mut |c, row, w| {
                let v = (w + half) as u64;
                for l in 0..n {
                    columns[c * n + l][row] = (v >> (b * l) & ((1 << b) - 1)) as u32;
                }
            });
            limbs.extend(columns);
        }
        let mut mult = vec![0u32; 1 << b];
        for col in &limbs {
            for v in &col[1..=lay.look_end] {
                mult[*v as usize] += 1;
            }
        }
        Ok(Self { w0, base, salt, limbs, mult })
    }

    /// Adds to one limb's cell, for tests that see the proof refused.
    pub fn tamper(&mut self, col: usize, row: usize, add: u32) {
        self.limbs[col][row] += add;
    }
}

/// The circuit as halo2 sees it: without a witness for key generation, with one for the mock prover.
#[derive(Clone)]
pub struct GenesisCircuit {
    pub params: Params,
    pub witness: Option<Arc<GenesisWitness>>,
}

impl GenesisCircuit {
    pub fn new(params: Params, witness: Option<Arc<GenesisWitness>>) -> Self {
        Self { params, witness }
    }
}

impl Circuit<Fr> for GenesisCircuit {
    type Config = GenesisConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Params;

    fn params(&self) -> Self::Params {
        self.params.clone()
    }
    fn without_witnesses(&self) -> Self {
        Self::new(self.params.clone(), None)
    }
    fn configure(_: &mut ConstraintSystem<Fr>) -> Self::Config {
        unreachable!("configured with parameters")
    }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, params: Params) -> Self::Config {
        let (spec, lay) = params.get();
        let config = GenesisConfig::new(cs, spec, lay);
        config.gates(cs, spec, lay);
        config
    }

    fn synthesize(&self, cf: GenesisConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let (spec, lay) = self.params.get();
        let beta = known(layouter.get_challenge(cf.beta));
        layouter.assign_region(
            || "genesis",
            |mut region| {
                let r = &mut region;
                // As in the window's circuit: the challenge is unknown in the first pass.
                if beta.is_none() {
                    cf.assign_fixed(r, spec, lay);
                }
                let mut cell = |col, row, v| put(r, col, row, v);
                match (&self.witness, beta) {
                    (Some(w), None) => w.first(spec, lay, &cf, &mut cell),
                    (Some(w), Some(beta)) => w.second(spec, lay, &cf, beta, &mut cell),
                    _ => {}
                }
                Ok(())
            },
        )
    }
}

impl GenesisConfig {
    /// Creates the columns.
    fn new(cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) -> Self {
        let groups = groups(spec, lay);
        let c: usize = groups.iter().map(|g| g.columns * (1 + g.states.len())).sum();
        let looked: usize = groups.iter().map(|g| g.columns * g.limbs).sum();
        let mut first = |n: usize| (0..n).map(|_| cs.advice_column_in(FirstPhase)).collect::<Vec<_>>();
        let (w0, limbs, mult) = (first(c), first(looked), first(1)[0]);
        let beta = cs.challenge_usable_after(FirstPhase);
        let sums: Vec<_> = (0..=looked).map(|_| cs.advice_column_in(SecondPhase)).collect();
        let flags = [(); 4].map(|_| cs.fixed_column());
        let active: Vec<_> = groups.iter().map(|_| cs.fixed_column()).collect();
        let instance = cs.instance_column();
        Self { w0, limbs, mult, sums, active, flags, beta, _instance: instance }
    }

    fn gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, lay: &Layout) {
        log_up(cs, self.beta, &self.limbs, &self.sums, self.mult, self.flags, None);
        let b = spec.scales.b;
        let (mut column, mut limb) = (0, 0);
        for (group, active) in groups(spec, lay).iter().zip(&self.active) {
            cs.create_gate("weights from limbs", |v| {
                let q = fix(v, *active);
                let n = group.limbs;
                (0..group.columns)
                    .map(|j| {
                        let sum = (0..n).fold(int(0), |acc, l| acc + adv(v, self.limbs[limb + j * n + l], 0) * int(1u128 << (b as usize * l)));
                        // cell - offset = sum - 2^(nb-1)
                        let weight = adv(v, self.w0[column + j], 0) + int(1u128 << (b as usize * n - 1)) - int(group.offset as u128);
                        ("a column's weight", q.clone() * (weight - sum))
                    })
                    .collect::<Vec<_>>()
            });
            column += group.columns;
            if !group.states.is_empty() {
                cs.create_gate("states are zero", |v| {
                    let q = fix(v, *active);
                    let offsets = group.states.iter().flat_map(|o| vec![*o; group.columns]);
                    let mut zero = |i: usize, o: i64| ("a column's state", q.clone() * (adv(v, self.w0[column + i], 0) - int(o as u128)));
                    offsets.enumerate().map(|(i, o)| zero(i, o)).collect::<Vec<_>>()
                });
            }
            column += group.columns * group.states.len();
            limb += group.columns * group.limbs;
        }
    }

    fn assign_fixed(&self, r: &mut Region<'_, Fr>, spec: &SgdSpec, lay: &Layout) {
        let [table, look, head, tail] = self.flags;
        let mut set = |col: Column<Fixed>, row: usize, v: u64| {
            r.assign_fixed(col, row, Fr::from(v));
        };
        (1..=lay.look_end).for_each(|row| set(look, row, 1));
        set(head, 0, 1);
        set(tail, lay.look_end, 1);
        (0..1usize << spec.scales.b).for_each(|v| set(table, 1 + v, v as u64));
        for (group, active) in groups(spec, lay).iter().zip(&self.active) {
            for m in group.matrices {
                (m.row0..=m.end()).step_by(m.height).for_each(|row| set(*active, row, 1));
            }
        }
    }
}

impl GenesisWitness {
    /// Phase 1: weights and limbs.
    fn first(&self, spec: &SgdSpec, lay: &Layout, cf: &GenesisConfig, put: &mut Put<'_>) {
        Strip::trained(spec, lay, &self.w0).cells(&self.salt[0], &mut |c, row, v| put(cf.w0[c], row, v));
        let base = lay.shape.weight_columns;
        Strip::frozen(spec, lay, &self.base).cells(&self.salt[1], &mut |c, row, v| put(cf.w0[base + c], row, v));
        for (col, cells) in cf.limbs.iter().zip(&self.limbs) {
            for (row, v) in cells.iter().enumerate() {
                put(*col, row, Fr::from(u64::from(*v)));
            }
        }
        for (v, m) in self.mult.iter().enumerate() {
            put(cf.mult, 1 + v, Fr::from(u64::from(*m)));
        }
    }

    /// Phase 2: the look-ups' running sums.
    fn second(&self, spec: &SgdSpec, lay: &Layout, cf: &GenesisConfig, beta: Fr, put: &mut Put<'_>) {
        let mut inv: Vec<Fr> = (0..1u64 << spec.scales.b).map(|v| beta + Fr::from(v)).collect();
        inv.iter_mut().batch_invert();
        let cols: Vec<&[u32]> = self.limbs.iter().map(|c| &c[..]).collect();
        let sums = running_sums(beta, &inv, &self.mult, lay.look_end, &cols, None);
        for (col, cells) in cf.sums.iter().zip(&sums) {
            for (row, v) in cells.iter().enumerate().filter(|(_, v)| **v != Fr::ZERO) {
                put(*col, row, *v);
            }
        }
    }
}

/// The witness as columns, for the prover.
pub struct GenesisColumns {
    params: Params,
    witness: GenesisWitness,
    config: GenesisConfig,
}

impl GenesisColumns {
    pub fn new(params: Params, witness: GenesisWitness) -> Self {
        let (spec, lay) = params.get();
        let config = GenesisConfig::new(&mut ConstraintSystem::default(), spec, lay);
        Self { params, witness, config }
    }
}

impl AdviceSource<G1Affine> for GenesisColumns {
    fn columns(&mut self, phase: usize, challenges: &HashMap<usize, Fr>) -> Result<Vec<Vec<Fr>>, Error> {
        let ((spec, lay), cf) = (self.params.get(), &self.config);
        let second = cf.sums[0].index();
        let (first, count) = if phase == 0 { (0, second) } else { (second, cf.sums.len()) };
        let mut columns = vec![vec![Fr::ZERO; 1 << lay.shape.k]; count];
        let mut put = |column: Column<Advice>, row: usize, v: Fr| columns[column.index() - first][row] = v;
        match phase {
            0 => self.witness.first(spec, lay, cf, &mut put),
            _ => self.witness.second(spec, lay, cf, challenges[&cf.beta.index()], &mut put),
        }
        Ok(columns)
    }
}
