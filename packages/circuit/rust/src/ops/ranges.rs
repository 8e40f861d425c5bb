//! Rounding to the limbs of a unit: what `round`, and the gradient's rounding that belongs to it, have in common.

use super::operator::{out_of_range, overflow};
use crate::bound::{Bound, Excess};
use crate::limits::{FIELD_BITS, MAX_SHIFT};
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use std::ops::Range;

/// A number with a sign in two limbs: `-2^(2b-1) <= q < 2^(2b-1)`.
pub fn half(formats: &Formats) -> Range<i128> {
    let half = 1i128 << (2 * formats.limb_bits - 1);
    -half..half
}

/// Bits that are rounded away from `from` to `bits` fractional bits. Refuses more than remainders have room for.
pub fn shift(from: &Facts, bits: u32) -> Result<u32, String> {
    match from.bits.checked_sub(bits) {
        Some(s) if s <= MAX_SHIFT => Ok(s),
        _ => Err(format!("rounding from {} to {bits} fractional bits: the difference must be 0 to {MAX_SHIFT}", from.bits)),
    }
}

/// Bits by which both sides of a rounding's relation are shifted, so that its remainder is whole limbs.
pub fn lift(shift: u32, formats: &Formats) -> u32 {
    shift.next_multiple_of(formats.limb_bits) - shift
}

/// The relation `raw + 2^(s-1) = 2^s q + r`, shifted by as many bits, must not wrap: both sides stay below 2^252. The right one has 100
/// bits at most, by the limits of shifts and limbs. The output is in `bits`.
pub fn rounded(raw: Bound, lift: u32, bits: u32) -> Result<Bound, Excess> {
    let needed = raw.proven + lift + 1;
    if needed > FIELD_BITS {
        return Err(Excess { what: "the rounding's relation", bits: needed, most: FIELD_BITS });
    }
    Ok(Bound::of(bits))
}

/// What differences of two limbs have room for: numbers of a limb's bits twice, with their sign.
pub fn of_two_limbs(what: &'static str, bound: Bound, formats: &Formats) -> Result<(), Excess> {
    let (bits, most) = (bound.executed.max(bound.proven), 2 * formats.limb_bits - 1);
    if bits > most {
        return Err(Excess { what, bits, most });
    }
    Ok(())
}

/// Quotients and remainders of `values` by 2^shift, half up; quotients must lie in `range`. Entry `broken` is one too large, and its
/// remainder as much too small. Errors: `VALUE_RANGE`.
pub fn round_all(
    values: &[i128],
    shift: u32,
    range: &Range<i128>,
    broken: Option<usize>,
    quantity: &str,
) -> Result<(Vec<i128>, Vec<i128>), PotError> {
    let half = if shift == 0 { 0 } else { 1i128 << (shift - 1) };
    let (mut quotients, mut remainders) = (Vec::with_capacity(values.len()), Vec::with_capacity(values.len()));
    for (i, v) in values.iter().enumerate() {
        let t = v.checked_add(half).ok_or_else(overflow)?;
        let q = t >> shift;
        if !range.contains(&q) {
            return Err(out_of_range(quantity, q, range.end));
        }
        let lie = i128::from(broken == Some(i));
        quotients.push(q + lie);
        remainders.push(t - ((q + lie) << shift));
    }
    Ok((quotients, remainders))
}

/// Integers as they are stored.
pub fn stored<N: Number>(values: &[N]) -> Vec<i128> {
    values.iter().map(|v| v.stored()).collect()
}

/// The same back.
pub fn of<N: Number>(values: &[i128]) -> Vec<N> {
    values.iter().map(|v| N::of(*v)).collect()
}
