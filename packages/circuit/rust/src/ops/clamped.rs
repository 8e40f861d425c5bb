//! A number held between two others: what `clamp` has in common with the losses whose gradients are held so.
//!
//! `x = minimum + u + (over - under) (excess + 1)`, with the number that is given `minimum + u`, and `u + v = maximum - minimum`. Both
//! flags are 0 or 1; over has v = 0, under u = 0, and without either there is no excess. So each x has one encoding.

use super::operator::{out_of_range, Call};
use super::unit::{Number, Zero};
use crate::bound::{Bound, Excess};
use crate::gadgets::algebra::{int, Algebra};
use crate::limits::{EXECUTED_BITS, FIELD_BITS};
use crate::number::Number as Entry;
use crate::tensor::Formats;
use pot_proof_system::error::PotError;

/// Plain cells of an entry.
pub const FLAGS: [&str; 2] = ["over the maximum", "under the minimum"];

/// Between which integers, 0 among them, in units of the last place of what is held.
#[derive(Clone, Copy, Debug)]
pub struct Between {
    pub minimum: i64,
    pub maximum: i64,
}

/// What an entry's cells say.
pub struct Clamped<A> {
    pub zero: Vec<Zero<A>>,
    /// What is held, and what is given for it.
    pub x: A,
    pub value: A,
    /// 1 where both are the same.
    pub inside: A,
}

/// Excess over either end lies in `0..2^(2b)`: two limbs.
const EXCESS_LIMBS: usize = 2;

/// Absolute values of both ends are at most this.
pub fn farthest(formats: &Formats) -> i64 {
    (1 << (2 * formats.limb_bits)) - 1
}

impl Between {
    /// As far on both sides of 0.
    pub fn both(limit: i64) -> Self {
        Self { minimum: -limit, maximum: limit }
    }

    fn width(&self) -> i128 {
        i128::from(self.maximum) - i128::from(self.minimum)
    }

    /// Refuses, in words, ends that do not have 0 between them, are equal or are too far.
    pub fn check(&self, formats: &Formats) -> Result<(), String> {
        let (Self { minimum, maximum }, most) = (*self, farthest(formats));
        match (-most..=0).contains(&minimum) && (0..=most).contains(&maximum) && minimum < maximum {
            true => Ok(()),
            false => Err(format!("{minimum} to {maximum}: from -{most}..0 to 0..{most}, and not 0 to 0")),
        }
    }

    /// Both sides of the relation stay below 2^252: the right one has 51 bits at most, by the limits of limbs. `bits` are those of x.
    pub fn bound(&self, x: Bound, shift: u32) -> Result<Bound, Excess> {
        if x.proven > FIELD_BITS {
            return Err(Excess { what: "a clamp's relation", bits: x.proven, most: FIELD_BITS });
        }
        if x.executed > EXECUTED_BITS {
            return Err(Excess { what: "what is clamped, in the executor,", bits: x.executed, most: EXECUTED_BITS });
        }
        let farther = self.minimum.unsigned_abs().max(self.maximum.unsigned_abs());
        Ok(Bound::of(crate::bound::sum_bits(farther) + shift))
    }

    /// u, v, excess.
    pub fn numbers(&self, formats: &Formats) -> Vec<Number> {
        let bits = 128 - self.width().leading_zeros();
        let limbs = bits.div_ceil(formats.limb_bits) as usize;
        let number = |name, limbs| Number { name, limbs };
        vec![number("part above the minimum", limbs), number("part below the maximum", limbs), number("excess", EXCESS_LIMBS)]
    }

    pub fn relation<A: Algebra>(&self, numbers: &[A], flags: &[A]) -> Clamped<A> {
        let [u, v, excess] = [0, 1, 2].map(|i| numbers[i].clone());
        let [over, under] = [0, 1].map(|i| flags[i].clone());
        let bit = |f: &A| f.clone() * (f.clone() - int(1));
        let inside = int::<A>(1) - over.clone() - under.clone();
        let value = int::<A>(self.minimum.into()) + u.clone();
        let zero = vec![
            Zero::each("over the maximum is 0 or 1", bit(&over)),
            Zero::each("under the minimum is 0 or 1", bit(&under)),
            Zero::each("what is over is at the maximum", over.clone() * v.clone()),
            Zero::each("what is under is at the minimum", under.clone() * u.clone()),
            Zero::each("both parts are the range", u + v - int(self.width())),
            Zero::each("no excess inside", inside.clone() * excess.clone()),
        ];
        Clamped { zero, x: value.clone() + (over - under) * (excess + int(1)), value, inside }
    }

    /// u, v and excess; then the flags.
    pub fn cells(&self, x: i128, value: i128) -> ([i128; 3], [i128; 2]) {
        let (minimum, maximum) = (i128::from(self.minimum), i128::from(self.maximum));
        let (excess, flags) = match value {
            v if v == x => (0, [0, 0]),
            v if v == maximum => (x - maximum - 1, [1, 0]),
            _ => (minimum - x - 1, [0, 1]),
        };
        ([value - minimum, maximum - value, excess], flags)
    }

    /// Integers held between both. Who breaks `side` gives the other end; who breaks `clamp` what is outside as it is, and an end for what
    /// is inside. Errors: `VALUE_RANGE`.
    pub fn held<N: Entry>(&self, call: &Call<N>, xs: &[i128]) -> Result<Vec<i128>, PotError> {
        let (minimum, maximum) = (i128::from(self.minimum), i128::from(self.maximum));
        let room = 1i128 << (EXCESS_LIMBS as u32 * call.formats.limb_bits);
        let [clamp, side] = ["clamp", "side"].map(|rule| call.broken(rule, xs.len()));
        let each = |(i, x): (usize, &i128)| {
            if !(minimum - room..=maximum + room).contains(x) {
                return Err(out_of_range("what is clamped", *x, maximum + room));
            }
            let value = (*x).clamp(minimum, maximum);
            let other = if value == maximum { minimum } else { maximum };
            Ok(match (clamp == Some(i), side == Some(i)) {
                (true, _) if value != *x => *x,
                (false, false) => value,
                _ => other,
            })
        };
        xs.iter().enumerate().map(each).collect()
    }
}
