//! The circuit's operations, in order, with their values. Which cells, gates and copies they make never depends on a value.

pub(crate) mod curve;
mod hash;
mod msm;
mod native;
pub(crate) mod range;

use crate::block::{Block, Kind};
use crate::cell::{Cell, Place, POINT_LIMBS};
use crate::layout::{Counts, Layout, Rows};
use crate::packing::Packing;
use halo2_axiom::halo2curves::bn256::Fr;
use msm::Table;
use pot_proof_system::error::PotError;
use std::collections::HashMap;

/// Takes operations and keeps what they make.
#[derive(Debug, Default)]
pub struct Builder {
    /// Values of column F, constants apart.
    pub(crate) native: Vec<Fr>,
    pub(crate) constants: Vec<Fr>,
    constant_at: HashMap<Fr, u32>,
    /// Rows of F where a gate begins.
    pub(crate) flex: Vec<u32>,
    pub(crate) digit: Vec<u32>,
    pub(crate) copies: Vec<(Place, Place)>,
    pub(crate) public: Vec<Cell>,
    pub(crate) blocks: Vec<Block>,
    /// Inputs of the permutations.
    pub(crate) hashes: Vec<[Fr; 3]>,
    /// The block that takes range checks, and how many cells of it are in use.
    range_block: Option<(u32, u32)>,
    tables: HashMap<[Place; POINT_LIMBS], Table>,
    random: Option<Table>,
    keys: u32,
    refusal: Option<PotError>,
}

impl Builder {
    /// Why no proof can be made of these values, if so: the first reason. The circuit itself does not depend on it, so keys
    /// can be made from any values.
    /// Codes: `CHIP_ZERO` (the inverse of 0), `CHIP_RANGE` (a value beyond its range), `CHIP_POINT` (not on the curve, or the
    /// identity), `CHIP_IDENTITY` (a sum that is the identity), `CHIP_UNEQUAL` (equal cells with different values).
    pub fn refusal(&self) -> Option<&PotError> {
        self.refusal.as_ref()
    }

    /// Public inputs, in order, after those exposed before. At most 64.
    pub fn expose(&mut self, cells: &[Cell]) {
        self.public.extend_from_slice(cells);
    }

    /// Values of the public inputs.
    pub fn instance(&self) -> Vec<Fr> {
        self.public.iter().map(|c| c.value).collect()
    }

    /// Where the cells lie, so far.
    pub(crate) fn layout(&self, packing: Packing) -> Layout {
        let counts = Counts { constants: self.constants.len(), native: self.native.len(), blocks: self.blocks.len(), hashes: self.hashes.len() };
        Layout::new(counts, packing)
    }

    /// Rows that the circuit takes, without those that every circuit reserves.
    pub fn rows(&self) -> Rows {
        self.layout(Packing::default()).rows()
    }

    /// Smallest k that the wide circuit fits in: 17 at least.
    pub fn min_k(&self) -> u32 {
        self.min_k_packed(Packing::default())
    }

    /// Smallest k that the circuit fits in.
    pub fn min_k_packed(&self, packing: Packing) -> u32 {
        self.layout(packing).min_k()
    }

    /// One more block.
    pub(crate) fn block(&mut self, kind: Kind, key: u32, m: u32) -> u32 {
        assert!(kind.may_follow(self.blocks.last().map(|b| &b.kind)), "{kind:?} has another block above it than its gates mean");
        self.blocks.push(Block { kind, key, m });
        self.blocks.len() as u32 - 1
    }

    pub(crate) fn refuse(&mut self, code: &'static str, message: String) {
        self.refusal.get_or_insert_with(|| PotError::new(code, message));
    }
}
