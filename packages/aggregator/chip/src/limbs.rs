//! Numbers modulo q, the base field's modulus, as five limbs of 51 bits, and integers of 320 bits.

use crate::cell::LIMBS;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fq, Fr};
use std::sync::OnceLock;

pub const LIMB_BITS: u32 = 51;
pub const CHUNK_BITS: u32 = 17;
/// Carries are stored with this added.
pub const CARRY_OFFSET_BITS: u32 = 67;
/// Slopes and quotients are stored with 2^254 added: bit 50 of the highest limb.
pub const OFFSET_BIT: u32 = 50;

const WORDS: usize = 5;
const MASK: u64 = (1 << LIMB_BITS) - 1;

/// An integer modulo 2^320, negative ones as their complement.
pub type Words = [u64; WORDS];
/// Limbs of 51 bits.
pub type Limbs = [u64; LIMBS];
/// Limbs with a sign.
pub type Signed = [i64; LIMBS];

fn words(repr: &[u8]) -> Words {
    let mut out = [0; WORDS];
    for (w, c) in out.iter_mut().zip(repr.chunks_exact(8)) {
        *w = u64::from_le_bytes(c.try_into().expect("8 bytes"));
    }
    out
}

/// The integer below q.
pub fn of_fq(v: &Fq) -> Words {
    words(v.to_repr().as_ref())
}

/// The integer below r.
pub fn of_fr(v: &Fr) -> Words {
    words(v.to_repr().as_ref())
}

/// The element of the base field. The integer must be below q.
pub fn to_fq(v: &Words) -> Option<Fq> {
    let mut repr = [0u8; 32];
    for (c, w) in repr.chunks_exact_mut(8).zip(v) {
        c.copy_from_slice(&w.to_le_bytes());
    }
    Option::from(Fq::from_repr(repr))
}

/// q and its inverse modulo 2^320.
pub fn modulus() -> &'static (Words, Words) {
    static MODULUS: OnceLock<(Words, Words)> = OnceLock::new();
    MODULUS.get_or_init(|| {
        let one = [1, 0, 0, 0, 0];
        let q = add(&of_fq(&-Fq::ONE), &one);
        // Newton: each step doubles the number of right bits.
        let inverse = (0..9).fold(one, |v, _| mul(&v, &sub(&[2, 0, 0, 0, 0], &mul(&q, &v))));
        (q, inverse)
    })
}

/// Limbs of q.
pub fn modulus_limbs() -> Limbs {
    split(&modulus().0).expect("below 2^255")
}

pub fn add(a: &Words, b: &Words) -> Words {
    let mut carry = 0u128;
    std::array::from_fn(|i| {
        carry += u128::from(a[i]) + u128::from(b[i]);
        let low = carry as u64;
        carry >>= 64;
        low
    })
}

pub fn sub(a: &Words, b: &Words) -> Words {
    let mut borrow = false;
    std::array::from_fn(|i| {
        let (d, x) = a[i].overflowing_sub(b[i]);
        let (d, y) = d.overflowing_sub(u64::from(borrow));
        borrow = x || y;
        d
    })
}

pub fn mul(a: &Words, b: &Words) -> Words {
    let mut out = [0u64; WORDS];
    for i in 0..WORDS {
        let mut carry = 0u128;
        for j in 0..WORDS - i {
            carry += u128::from(out[i + j]) + u128::from(a[i]) * u128::from(b[j]);
            out[i + j] = carry as u64;
            carry >>= 64;
        }
    }
    out
}

/// Limbs, or nothing where the number is not in [0, 2^255).
pub fn split(v: &Words) -> Option<Limbs> {
    if v[4] != 0 || v[3] >> 63 != 0 {
        return None;
    }
    Some(std::array::from_fn(|i| {
        let bit = i as u32 * LIMB_BITS;
        let (word, shift) = ((bit / 64) as usize, bit % 64);
        let pair = u128::from(v[word]) | u128::from(v[word + 1]) << 64;
        (pair >> shift) as u64 & MASK
    }))
}

/// The number with these limbs.
pub fn join(limbs: &Limbs) -> Words {
    let mut out = [0; WORDS];
    for (i, limb) in limbs.iter().enumerate() {
        let bit = i as u32 * LIMB_BITS;
        let (word, shift) = ((bit / 64) as usize, bit % 64);
        let wide = u128::from(*limb) << shift;
        out[word] |= wide as u64;
        if word + 1 < WORDS {
            out[word + 1] |= (wide >> 64) as u64;
        }
    }
    out
}

/// Limbs as they are.
pub fn plain(limbs: &Limbs) -> Signed {
    limbs.map(|v| v as i64)
}

/// Limbs of a slope or quotient, which is stored with 2^254 added.
pub fn centred(limbs: &Limbs) -> Signed {
    let mut out = plain(limbs);
    out[LIMBS - 1] -= 1 << OFFSET_BIT;
    out
}

/// The number with signed limbs, modulo 2^320.
pub fn value(limbs: &Signed) -> Words {
    limbs.iter().rev().fold([0; WORDS], |acc, limb| {
        let shifted = std::array::from_fn(|i| acc[i] << LIMB_BITS | if i == 0 { 0 } else { acc[i - 1] >> (64 - LIMB_BITS) });
        let sign = if *limb < 0 { u64::MAX } else { 0 };
        add(&shifted, &[*limb as u64, sign, sign, sign, sign])
    })
}

/// 2^254, the offset of slopes and quotients.
pub fn offset() -> Words {
    [0, 0, 0, 1 << 62, 0]
}

/// The slope with its offset, from the representative of least magnitude.
pub fn store_slope(v: &Fq) -> Limbs {
    let (q, _) = modulus();
    let v = of_fq(v);
    let negative = sub(&v, q);
    // v < q - v: v is the smaller one.
    let low = sub(&add(&v, &v), q)[4] >> 63 == 1;
    split(&add(if low { &v } else { &negative }, &offset())).expect("of magnitude below 2^253")
}

/// `sum_{i + j = d} a_i b_j` for d = 0..5.
pub fn convolve(a: &Signed, b: &Signed) -> [i128; 6] {
    std::array::from_fn(|d| {
        let low = d.saturating_sub(LIMBS - 1);
        (low..=d.min(LIMBS - 1)).map(|i| i128::from(a[i]) * i128::from(b[d - i])).sum()
    })
}

/// What an identity `e = q t` stores: the quotient's limbs, and both carries as a limb and a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotient {
    pub t: Limbs,
    pub carries: [(u64, u64); 2],
}

/// The quotient of e by q, where e (modulo 2^320, and its coefficients modulo 2^306) is a multiple of q. None where
/// it is not one, or too large.
pub fn quotient(e: &Words, coefficients: [i128; 6]) -> Option<Quotient> {
    let (_, inverse) = modulus();
    let t = split(&add(&mul(e, inverse), &offset()))?;
    let product = convolve(&plain(&modulus_limbs()), &centred(&t));
    let mut carry = 0i128;
    let mut carries = [(0, 0); 2];
    for (d, (a, b)) in coefficients.iter().zip(product).enumerate() {
        let s = a - b + carry;
        if s & i128::from(MASK) != 0 {
            return None;
        }
        carry = s >> LIMB_BITS;
        if d % 3 == 2 {
            let stored = u128::try_from(carry + (1 << CARRY_OFFSET_BITS)).ok()?;
            let high = (stored >> LIMB_BITS) as u64;
            if high >> CHUNK_BITS != 0 || stored >> (LIMB_BITS + CHUNK_BITS) != 0 {
                return None;
            }
            carries[d / 3] = (stored as u64 & MASK, high);
        }
    }
    Some(Quotient { t, carries })
}

/// A number as an identity's two checks need it: the integer, and the coefficients of its limbs.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    pub words: Words,
    pub coefficients: [i128; 6],
}

impl Number {
    pub fn linear(limbs: &Signed) -> Self {
        let coefficients = std::array::from_fn(|d| limbs.get(d).map_or(0, |v| i128::from(*v)));
        Self { words: value(limbs), coefficients }
    }
    pub fn product(a: &Signed, b: &Signed) -> Self {
        Self { words: mul(&value(a), &value(b)), coefficients: convolve(a, b) }
    }
    pub fn add(&self, other: &Self) -> Self {
        Self { words: add(&self.words, &other.words), coefficients: std::array::from_fn(|d| self.coefficients[d] + other.coefficients[d]) }
    }
    pub fn sub(&self, other: &Self) -> Self {
        Self { words: sub(&self.words, &other.words), coefficients: std::array::from_fn(|d| self.coefficients[d] - other.coefficients[d]) }
    }
    pub fn quotient(&self) -> Option<Quotient> {
        quotient(&self.words, self.coefficients)
    }
}
