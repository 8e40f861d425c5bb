//! The circuit as halo2 sees it: for keys and the mock prover, and as columns for the prover.

use crate::builder::Builder;
use crate::cell::Place;
use crate::config::ChipConfig;
use crate::fill::{native, running_sums, Change, LookedUp, Wide};
use crate::layout::{reserved, Layout, Shared, SUM_ROW, TABLE_ROWS};
use crate::packing::{AdviceSlot, FixedSlot, Packing, PUBLIC_ROWS};
use crate::poseidon::{constants, is_full, UNITS};
use ff::Field;
use halo2_axiom::circuit::{Cell, Layouter, Region, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::{AdviceSource, Challenge, Circuit, ConstraintSystem, Error};
use pot_proof_system::error::PotError;
use std::collections::HashMap;
use std::sync::Arc;

/// A finished circuit. Keys do not depend on the values in it.
#[derive(Clone, Debug)]
pub struct ChipCircuit {
    pub builder: Arc<Builder>,
    pub k: u32,
    pub packing: Packing,
    /// Changes to the witness, for tests; none in production.
    pub changes: Vec<Change>,
}

impl ChipCircuit {
    /// The wide form, nothing packed. Errors: as for [`Self::packed`].
    pub fn new(builder: Arc<Builder>, k: u32) -> Result<Self, PotError> {
        Self::packed(builder, k, Packing::default())
    }

    /// Errors: `CHIP_TOO_LARGE` (more rows than 2^k, or too many public inputs).
    pub fn packed(builder: Arc<Builder>, k: u32, packing: Packing) -> Result<Self, PotError> {
        let (least, public) = (builder.layout(packing).min_k(), builder.public.len());
        if k < least || public > PUBLIC_ROWS {
            let message = format!("the circuit needs k = {least} and has {public} public inputs: k is {k}, at most {PUBLIC_ROWS} are possible");
            return Err(PotError::new("CHIP_TOO_LARGE", message));
        }
        Ok(Self { builder, k, packing, changes: vec![] })
    }

    /// The columns for a proof. Errors: the builder's refusal.
    pub fn columns(&self) -> Result<ChipColumns<'_>, PotError> {
        match self.builder.refusal() {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(ChipColumns::new(self)),
        }
    }
}

/// A circuit's advice columns, phase by phase.
pub struct ChipColumns<'a> {
    circuit: &'a ChipCircuit,
    config: ChipConfig,
    layout: Layout,
    looked_up: Option<LookedUp>,
    /// Why a phase failed: halo2's error does not say.
    pub failure: Option<PotError>,
}

impl<'a> ChipColumns<'a> {
    fn new(circuit: &'a ChipCircuit) -> Self {
        let config = ChipConfig::packed(&mut ConstraintSystem::default(), circuit.packing);
        Self { circuit, config, layout: circuit.builder.layout(circuit.packing), looked_up: None, failure: None }
    }

    fn rows(&self) -> usize {
        1 << self.circuit.k
    }

    /// Values of the physical columns of a phase.
    fn phase(&mut self, phase: usize, challenge: &dyn Fn(Challenge) -> Fr) -> Result<Vec<Vec<Fr>>, PotError> {
        let logical = self.logical(phase, challenge)?;
        let mut columns = self.circuit.packing.pack(logical, self.rows());
        if phase == 0 {
            let public = self.circuit.builder.public.iter().map(|c| c.value);
            columns[0].iter_mut().zip(public).for_each(|(to, v)| *to = v);
            for change in &self.circuit.changes {
                if let Change::Public { index, add } = change {
                    columns[0][*index] += add;
                }
            }
        }
        Ok(columns)
    }

    /// Values of the logical columns of a phase.
    fn logical(&mut self, phase: usize, challenge: &dyn Fn(Challenge) -> Fr) -> Result<Vec<Vec<Fr>>, PotError> {
        let (b, lay, rows) = (&self.circuit.builder, self.layout, self.circuit.packing.logical(self.rows()));
        let mut columns = match phase {
            0 => vec![native(b, &lay, rows)],
            1 => {
                let wide = Wide::new(b, &lay, rows, challenge(self.config.rho), &self.circuit.changes)?;
                let mut columns: Vec<Vec<Fr>> = wide.a.into_iter().chain(wide.l).chain(wide.t).chain(wide.m).collect();
                self.change(phase, &mut columns);
                // The running sum is made of the changed cells.
                let column = |c: AdviceSlot| columns[c.index - self.config.phases()[1].0].clone();
                self.looked_up = Some(LookedUp { t: self.config.t.map(column), m: self.config.m.map(column), chunks: wide.chunks });
                return Ok(columns);
            }
            _ => {
                if self.looked_up.is_none() {
                    // The mock prover comes with a new circuit for each phase.
                    self.logical(1, challenge)?;
                }
                let looked_up = self.looked_up.take().expect("made by phase 1");
                running_sums(b, &lay, &looked_up, rows, challenge(self.config.gamma), challenge(self.config.beta))
            }
        };
        self.change(phase, &mut columns);
        Ok(columns)
    }

    /// Makes the tests' changes to a phase's cells.
    fn change(&self, phase: usize, columns: &mut [Vec<Fr>]) {
        let (first, count) = self.config.phases()[phase];
        for change in &self.circuit.changes {
            if let Change::Cell { column, row, add } = change {
                if (first..first + count).contains(column) {
                    columns[column - first][*row] += add;
                }
            }
        }
    }
}

impl AdviceSource<G1Affine> for ChipColumns<'_> {
    fn columns(&mut self, phase: usize, challenges: &HashMap<usize, Fr>) -> Result<Vec<Vec<Fr>>, Error> {
        self.phase(phase, &|c| challenges[&c.index()]).map_err(|e| {
            self.failure = Some(e);
            Error::Synthesis
        })
    }
}

impl Circuit<Fr> for ChipCircuit {
    type Config = ChipConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Packing;

    fn params(&self) -> Packing {
        self.packing
    }
    fn without_witnesses(&self) -> Self {
        self.clone()
    }
    fn configure(cs: &mut ConstraintSystem<Fr>) -> ChipConfig {
        ChipConfig::configure(cs)
    }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, packing: Packing) -> ChipConfig {
        ChipConfig::packed(cs, packing)
    }

    fn synthesize(&self, cf: ChipConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        // The mock prover comes once a phase and knows the challenges of the phases before; key generation knows none.
        let challenges: HashMap<usize, Fr> = [cf.rho, cf.gamma, cf.beta]
            .into_iter()
            .filter_map(|c| {
                let mut value = None;
                layouter.get_challenge(c).map(|v| value = Some((c.index(), v)));
                value
            })
            .collect();
        let phase = match challenges.len() {
            0 => 0,
            1 => 1,
            _ => 2,
        };
        let columns = ChipColumns::new(self).phase(phase, &|c| challenges[&c.index()]).map_err(|_| Error::Synthesis)?;
        layouter.assign_region(
            || "chip",
            |mut region| {
                let r = &mut region;
                if phase == 0 {
                    self.assign_fixed(r, &cf);
                    self.wire(r, &cf);
                }
                for (column, values) in cf.physical(phase).iter().zip(&columns) {
                    for (row, v) in values[..values.len() - reserved(cf.packing)].iter().enumerate() {
                        if !v.is_zero_vartime() {
                            r.assign_advice(*column, row, Value::known(*v));
                        }
                    }
                }
                Ok(())
            },
        )
    }
}

impl ChipCircuit {
    fn wire(&self, r: &mut Region<'_, Fr>, cf: &ChipConfig) {
        let lay = self.builder.layout(cf.packing);
        let cell = |place: Place| {
            let (column, row) = lay.at(place);
            let slot = match column {
                Shared::F => cf.f,
                Shared::T(i) => cf.t[i],
            };
            Cell { row_offset: slot.row(row), column: slot.column.into() }
        };
        for (a, b) in &self.builder.copies {
            r.constrain_equal(cell(*a), cell(*b));
        }
        for (row, public) in self.builder.public.iter().enumerate() {
            r.constrain_equal(Cell { row_offset: row, column: cf.f.column.into() }, cell(public.place));
        }
    }

    /// Flags, tables and constants.
    fn assign_fixed(&self, r: &mut Region<'_, Fr>, cf: &ChipConfig) {
        let (b, fx) = (&self.builder, &cf.fx);
        let lay = b.layout(cf.packing);
        let rows = 0..b.public.len();
        match fx.base {
            // Flags and constants are 0 wherever the gates of these rows read them: all are in lower logical rows.
            Some(base) => {
                for row in rows {
                    r.assign_fixed(base, row, Fr::from(2));
                }
                for row in 0..lay.end() {
                    r.assign_fixed(base, cf.packing.base(row), Fr::ONE);
                }
            }
            None => {
                for row in rows {
                    r.assign_fixed(fx.is_constant.column, row, Fr::ONE);
                }
            }
        }
        let mut set = |slot: FixedSlot, row: usize, v: Fr| {
            r.assign_fixed(slot.column, slot.row(row), v);
        };
        (SUM_ROW..=lay.sum_end()).for_each(|row| set(fx.range, row, Fr::ONE));
        (0..TABLE_ROWS).for_each(|v| set(fx.table, SUM_ROW + v, Fr::from(v as u64)));
        for (row, v) in (PUBLIC_ROWS..).zip(&b.constants) {
            set(fx.is_constant, row, Fr::ONE);
            set(fx.constant, row, *v);
        }
        for (column, rows) in [(fx.flex, &b.flex), (fx.digit, &b.digit)] {
            rows.iter().for_each(|row| set(column, lay.start + *row as usize, Fr::ONE));
        }
        for (i, block) in b.blocks.iter().enumerate() {
            let (row, flags) = (lay.origin(i), block.kind.flags());
            set(fx.origin, row, Fr::ONE);
            let on = flags.gates().into_iter().filter(|(_, on)| *on);
            on.for_each(|(gate, _)| set(fx.kind, lay.block(i) + gate as usize, Fr::ONE));
            if block.key > 0 {
                set(fx.key, row, Fr::from(u64::from(block.key)));
            }
        }
        let c = constants();
        for first in (0..b.hashes.len()).map(|i| lay.hash(i)) {
            for (row, constants) in (first - 1..).zip([&c.first].into_iter().chain(&c.units)) {
                fx.round_constants().into_iter().zip(constants).for_each(|(column, k)| set(column, row, *k));
            }
            (0..UNITS).for_each(|unit| set(if is_full(unit) { fx.flex } else { fx.digit }, first + unit, Fr::ONE));
        }
    }
}
