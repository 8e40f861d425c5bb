//! Sums of multiples: tables of odd multiples, signed digits, and one chain of additions that begins at a random point.

use super::curve::limbs_of;
use super::Builder;
use crate::block::{Kind, Source, M, SIGN};
use crate::cell::{Cell, Place, Point, POINT_LIMBS};
use crate::limbs::of_fr;
use ff::Field;
use group::{prime::PrimeCurveAffine, Curve};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};

/// Digits of a scalar: each d in +-{1, 3, ..., 15}, the scalar modulo r is `sum_w d_w 16^w`.
const WINDOWS: usize = 64;
/// Entries of a table: P, 3P, ..., 15P.
const ENTRIES: u32 = 8;

/// A point's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    key: u32,
    /// Blocks of the entries.
    entries: [u32; ENTRIES as usize],
}

/// Digits of a scalar, the lowest first: (m, negative) for d = +-(2m + 1).
fn digits(scalar: &Fr) -> [(u32, bool); WINDOWS] {
    let mut k = of_fr(scalar);
    if k[0] & 1 == 0 {
        // r is odd: the scalar plus r, below 2^255, is an odd number of the same residue.
        let r = crate::limbs::add(&of_fr(&-Fr::ONE), &[1, 0, 0, 0, 0]);
        k = crate::limbs::add(&k, &r);
    }
    std::array::from_fn(|w| {
        let d = if w + 1 < WINDOWS { (k[0] & 31) as i64 - 16 } else { k[0] as i64 };
        let step = if d < 0 { crate::limbs::add(&k, &[d.unsigned_abs(), 0, 0, 0, 0]) } else { crate::limbs::sub(&k, &[d as u64, 0, 0, 0, 0]) };
        k = std::array::from_fn(|i| step[i] >> 4 | step.get(i + 1).copied().unwrap_or(0) << 60);
        ((d.unsigned_abs() as u32 - 1) / 2, d < 0)
    })
}

impl Builder {
    /// Copies the entry's number and the sign into a block.
    fn mark(&mut self, block: u32, m: Cell, sign: Cell) {
        for (to, cell) in [(M, m), (SIGN, sign)] {
            let place = self.wide(block, to as u32);
            self.copies.push((place, cell.place));
        }
    }

    /// A block with a constant entry number and sign.
    fn fixed_block(&mut self, kind: Kind, key: u32, m: u32, negative: bool) -> u32 {
        let block = self.block(kind, key, m);
        let one = Fr::ONE;
        let (m, sign) = (self.constant(Fr::from(u64::from(m))), self.constant(if negative { -one } else { one }));
        self.mark(block, m, sign);
        block
    }

    /// Doubles the point that the last block holds.
    fn double(&mut self) {
        let (last, before) = (self.blocks.len() as u32 - 1, self.blocks[self.blocks.len() - 1]);
        let block = self.fixed_block(Kind::Tangent, before.key, before.m, false);
        let limbs = self.limb_places(last);
        self.copy_limbs(block, &limbs);
    }

    /// Adds the point that a block of a constant entry holds.
    fn add_block(&mut self, source: u32) {
        let (Kind::Load(_) | Kind::Pass) = self.blocks[source as usize].kind else { unreachable!("a loaded point") };
        let entry = self.blocks[source as usize];
        let block = self.fixed_block(Kind::Add { source, negative: false }, entry.key, entry.m, false);
        let limbs = self.limb_places(source);
        self.copy_limbs(block, &limbs);
    }

    /// The table of the point with these limbs.
    fn table(&mut self, source: Source, limbs: [Place; POINT_LIMBS]) -> Table {
        if let Some(table) = self.tables.get(&limbs) {
            return *table;
        }
        let fixed = limbs.iter().all(|l| matches!(l, Place::Constant(_)));
        let table = match source {
            Source::Known(p) if fixed => self.fixed_table(p),
            _ => self.new_table(source, Some(&limbs)),
        };
        self.tables.insert(limbs, table);
        table
    }

    /// The table of a point that the circuit fixes: its entries are constants, and nothing is added.
    fn fixed_table(&mut self, p: G1Affine) -> Table {
        self.keys += 1;
        let key = self.keys;
        let entries = std::array::from_fn(|m| {
            let entry = (p * Fr::from(2 * m as u64 + 1)).to_affine();
            let block = self.fixed_block(Kind::Load(Source::Known(entry)), key, m as u32, true);
            let limbs = limbs_of(&entry).map(|v| self.constant(Fr::from(v)).place);
            self.copy_limbs(block, &limbs);
            block
        });
        Table { key, entries }
    }

    /// P, then 2P, then 3P = 2P + P, and each further entry 2P more.
    fn new_table(&mut self, source: Source, limbs: Option<&[Place; POINT_LIMBS]>) -> Table {
        self.keys += 1;
        let key = self.keys;
        let mut entries = [self.fixed_block(Kind::Load(source), key, 0, true); ENTRIES as usize];
        if let Some(limbs) = limbs {
            self.copy_limbs(entries[0], limbs);
        }
        self.double();
        let twice = self.fixed_block(Kind::Pass, 0, 0, true);
        for m in 1..ENTRIES {
            self.add_block(if m == 1 { entries[0] } else { twice });
            entries[m as usize] = self.fixed_block(Kind::Pass, key, m, true);
        }
        Table { key, entries }
    }

    /// The random point, checked, with its table: one for all sums.
    fn random_table(&mut self) -> Table {
        if let Some(table) = self.random {
            return table;
        }
        let table = self.new_table(Source::Random, None);
        let limbs = self.limb_places(table.entries[0]);
        let curve = self.check_point(Source::Random, &limbs);
        let index = self.block(Kind::Index, 0, 0);
        self.copies.push((self.wide(index, 0), self.wide(curve, M as u32)));
        self.random = Some(table);
        table
    }

    /// Digits of a scalar in column F, the highest first: cells of (m, sign).
    fn digit_cells(&mut self, scalar: Cell) -> Vec<(Cell, Cell)> {
        let zero = self.constant(Fr::ZERO);
        let mut z = self.copied(zero);
        let mut out = vec![];
        for (m, negative) in digits(&scalar.value).into_iter().rev() {
            self.digit.push(self.native.len() as u32 - 1);
            let m = self.witness(Fr::from(u64::from(m)));
            let sign = self.witness(if negative { -Fr::ONE } else { Fr::ONE });
            z = self.witness(z.value * Fr::from(16) + sign.value * (m.value.double() + Fr::ONE));
            out.push((m, sign));
        }
        debug_assert_eq!(z.value, scalar.value);
        self.copies.push((z.place, scalar.place));
        out
    }

    /// Adds an entry of the random point's table, with its sign changed.
    fn subtract_random(&mut self, table: &Table, m: u32) {
        self.fixed_block(Kind::Add { source: table.entries[m as usize], negative: true }, table.key, m, true);
    }

    /// `sum_i scalar_i point_i`: at least one term, and not the identity (`CHIP_IDENTITY`).
    pub fn msm(&mut self, terms: &[(Cell, Point)]) -> Point {
        assert!(!terms.is_empty(), "a sum of no terms");
        let sum: G1 = terms.iter().map(|(k, p)| p.value * k.value).sum();
        let mut sum = sum.to_affine();
        if bool::from(sum.is_identity()) {
            self.refuse("CHIP_IDENTITY", "a sum of multiples is the identity".into());
            sum = G1Affine::generator();
        }
        let random = self.random_table();
        let lanes: Vec<(Table, Vec<(Cell, Cell)>)> = terms
            .iter()
            .map(|(k, p)| {
                let table = self.table(Source::Known(p.value), p.limbs.map(|l| l.place));
                (table, self.digit_cells(*k))
            })
            .collect();
        let start = self.fixed_block(Kind::Load(Source::Random), 0, 0, true);
        let limbs = self.limb_places(random.entries[0]);
        self.copy_limbs(start, &limbs);
        for window in 0..WINDOWS {
            if window > 0 {
                for _ in 0..4 {
                    self.fixed_block(Kind::Pass, 0, 0, true);
                    self.double();
                }
                // 16 R - 15 R.
                self.subtract_random(&random, ENTRIES - 1);
            }
            for (table, digits) in &lanes {
                let (m, sign) = digits[window];
                let entry = of_fr(&m.value)[0] as u32;
                let source = table.entries[entry as usize];
                let block = self.block(Kind::Add { source, negative: sign.value != Fr::ONE }, table.key, entry);
                self.mark(block, m, sign);
            }
        }
        self.subtract_random(&random, 0);
        let result = self.fixed_block(Kind::Pass, 0, 0, true);
        let limbs = self.limb_places(result);
        self.checked_point(sum, limbs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_the_scalar() {
        let mut scalars: Vec<Fr> = (0..40).map(Fr::from).collect();
        scalars.extend((1..40).map(|v| -Fr::from(v)));
        let mut x = Fr::from(3);
        for _ in 0..5000 {
            x = x.square() + Fr::ONE;
            scalars.push(x);
        }
        for k in scalars {
            let value = digits(&k).iter().rev().fold(Fr::ZERO, |acc, (m, negative)| {
                assert!(*m < ENTRIES);
                let d = Fr::from(u64::from(2 * m + 1));
                acc * Fr::from(16) + if *negative { -d } else { d }
            });
            assert_eq!(value, k);
        }
    }
}
