//! Range checks and bits.

use super::Builder;
use crate::block::Kind;
use crate::cell::{Cell, Place, POINT_LIMBS};
use crate::limbs::{of_fr, LIMB_BITS};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

/// Largest number of bits that a range check or a decomposition takes: below the modulus with room.
const MOST_BITS: usize = 250;

/// Bits `first..first + count` of v, count at most 64.
pub(crate) fn bits_of(v: &Fr, first: u32, count: u32) -> u64 {
    let words = of_fr(v);
    let (word, shift) = ((first / 64) as usize, first % 64);
    let wide = u128::from(words[word]) | u128::from(words.get(word + 1).copied().unwrap_or(0)) << 64;
    ((wide >> shift) & ((1u128 << count) - 1)) as u64
}

/// Whether `v < 2^bits`.
pub(crate) fn is_below(v: &Fr, bits: u32) -> bool {
    (bits..256).step_by(64).all(|first| bits_of(v, first, 64) == 0)
}

/// `2^n` in the field.
pub(crate) fn power_of_two(n: u32) -> Fr {
    Fr::from(2).pow_vartime([u64::from(n)])
}

impl Builder {
    /// Requires `a < 2^51`: one of the ten cells of a block.
    fn limb(&mut self, a: Cell) {
        let (block, used) = match self.range_block {
            Some((block, used)) if used < POINT_LIMBS as u32 => (block, used),
            _ => (self.block(Kind::Range([0; POINT_LIMBS]), 0, 0), 0),
        };
        self.range_block = Some((block, used + 1));
        if !is_below(&a.value, LIMB_BITS) {
            self.refuse("CHIP_RANGE", format!("a cell is not below 2^{LIMB_BITS}"));
        }
        if let Kind::Range(cells) = &mut self.blocks[block as usize].kind {
            cells[used as usize] = bits_of(&a.value, 0, LIMB_BITS);
        }
        let place = self.wide(block, used);
        self.copies.push((place, a.place));
    }

    /// Requires `a < 2^bits`, for bits from 1 to 250.
    pub fn range(&mut self, a: Cell, bits: usize) {
        assert!((1..=MOST_BITS).contains(&bits), "a range check takes 1 to {MOST_BITS} bits");
        if !is_below(&a.value, bits as u32) {
            self.refuse("CHIP_RANGE", format!("a cell is not below 2^{bits}"));
        }
        let count = (bits as u32).div_ceil(LIMB_BITS);
        let limbs: Vec<Cell> = match count {
            1 => vec![a],
            _ => (0..count).map(|i| self.witness(Fr::from(bits_of(&a.value, i * LIMB_BITS, LIMB_BITS)))).collect(),
        };
        limbs.iter().for_each(|l| self.limb(*l));
        let spare = count * LIMB_BITS - bits as u32;
        if spare > 0 {
            // Below 2^51, and 2^spare times it as well: no wrap-around, so it is below 2^(51 - spare).
            let (zero, factor) = (self.constant(Fr::ZERO), self.constant(power_of_two(spare)));
            let shifted = self.mul_add(factor, limbs[count as usize - 1], zero);
            self.limb(shifted);
        }
        if count > 1 {
            let terms: Vec<(Fr, Cell)> = limbs.iter().enumerate().map(|(i, l)| (power_of_two(i as u32 * LIMB_BITS), *l)).collect();
            let sum = self.linear(&terms, Fr::ZERO);
            self.copies.push((sum.place, a.place));
        }
    }

    /// The n lowest bits, the lowest first, which requires `a < 2^n`, for n from 1 to 250.
    pub fn bits(&mut self, a: Cell, n: usize) -> Vec<Cell> {
        assert!((1..=MOST_BITS).contains(&n), "a decomposition has 1 to {MOST_BITS} bits");
        let bits: Vec<Cell> = (0..n as u32)
            .map(|i| {
                let bit = self.witness(Fr::from(bits_of(&a.value, i, 1)));
                self.assert_bit(bit);
                bit
            })
            .collect();
        let terms: Vec<(Fr, Cell)> = bits.iter().enumerate().map(|(i, b)| (power_of_two(i as u32), *b)).collect();
        let sum = self.linear(&terms, Fr::ZERO);
        if sum.value != a.value {
            self.refuse("CHIP_RANGE", format!("a cell is not below 2^{n}"));
        }
        self.copies.push((sum.place, a.place));
        bits
    }

    /// A block's cell of T, by its number.
    pub(crate) fn wide(&self, block: u32, cell: u32) -> Place {
        Place::Wide(crate::block::CELLS as u32 * block + cell)
    }
}
