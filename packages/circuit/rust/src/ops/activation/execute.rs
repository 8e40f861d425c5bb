//! Roundings, and what the function makes of them.

use super::super::operator::{Call, Output};
use super::super::ranges::{of, round_all, stored};
use super::{Activation, Function};
use crate::number::Number;
use crate::tensor::Formats;
use pot_proof_system::error::PotError;

/// Entries of a function's table, each computed once.
pub(in crate::ops) struct Entries {
    function: Function,
    bits: u32,
    limb_bits: u32,
    known: Vec<Option<[i128; 2]>>,
}

impl Entries {
    pub fn new(function: Function, bits: u32, formats: &Formats) -> Self {
        Self { function, bits, limb_bits: formats.limb_bits, known: vec![None; 1 << formats.limb_bits] }
    }

    /// The index of a rounded value in the table, and how far it is beyond: 0 within.
    pub fn index(&self, z: i128) -> (usize, i128) {
        let (at, last) = (z + (1 << (self.limb_bits - 1)), self.known.len() as i128 - 1);
        let index = at.clamp(0, last);
        (index as usize, at - index)
    }

    /// f' of a rounded value, in units of 2^-(b-1).
    pub fn slope(&mut self, z: i128) -> i128 {
        let (index, _) = self.index(z);
        self.at(index)[1]
    }

    /// f and f' there.
    pub fn at(&mut self, index: usize) -> [i128; 2] {
        let (function, bits, limb_bits) = (self.function, self.bits, self.limb_bits);
        *self.known[index].get_or_insert_with(|| function.entry(index, bits, limb_bits))
    }
}

impl Function {
    /// f of rounded values of `bits` fractional bits in `-2^(2b) < z <= 2^(2b)`, as the operator has it.
    pub fn of_all(&self, z: &[i64], bits: u32, limb_bits: u32) -> Vec<i64> {
        if !self.tabled() {
            let scaled = |v: i64| (i128::from(self.alpha) * i128::from(v) + (1 << (limb_bits - 1))) >> limb_bits;
            return z.iter().map(|v| if *v > 0 { *v } else { scaled(*v) as i64 }).collect();
        }
        let mut entries = Entries::new(*self, bits, &Formats { limb_bits, table_bits: limb_bits });
        let slopes = self.slopes(limb_bits);
        let of = |v: &i64| {
            let (index, by) = entries.index(i128::from(*v));
            (entries.at(index)[0] + by * slopes[usize::from(by > 0)]) as i64
        };
        z.iter().map(of).collect()
    }
}

/// Where a rounded value must lie: `-2^(2b) < z <= 2^(2b)`.
pub(super) fn wide(formats: &Formats) -> std::ops::Range<i128> {
    let wide = 1i128 << (2 * formats.limb_bits);
    1 - wide..wide + 1
}

impl Activation {
    pub(super) fn applied<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let b = call.formats.limb_bits;
        if !N::EXACT {
            let values = call.inputs[0].iter().map(|x| N::approximate(self.function().real(x.real(0), b)[0]));
            return Ok(Output { values: values.collect(), cells: vec![] });
        }
        let broken = call.broken("quotient", call.out.len());
        let (z, r) = round_all(&stored(call.inputs[0]), call.facts[0].bits - self.bits, &wide(call.formats), broken, "pre-activation")?;
        match self.function().tabled() {
            true => Ok(self.looked_up(call, &z, &r)),
            false => Ok(self.leaky(call, &z, &r)),
        }
    }

    fn looked_up<N: Number>(&self, call: &Call<N>, z: &[i128], r: &[i128]) -> Output<N> {
        let b = call.formats.limb_bits;
        let mut entries = Entries::new(self.function(), self.bits, call.formats);
        let [low, high] = self.function().slopes(b);
        let [clamp, value] = ["clamp", "value"].map(|rule| call.broken(rule, z.len()));
        let [mut values, mut indices, mut found, mut slopes, mut beyond] = [(); 5].map(|()| Vec::with_capacity(z.len()));
        for (i, z) in z.iter().enumerate() {
            let (mut index, mut by) = entries.index(*z);
            if clamp == Some(i) {
                // Taken for a value beyond the table's end, or its beginning.
                let inward = if index == 0 { 1 } else { -1 };
                (index, by) = ((index as i128 + inward) as usize, by - inward);
            }
            let [f, slope] = entries.at(index);
            let f = f + i128::from(value == Some(i));
            values.push(f + by * if by < 0 { low } else { high });
            indices.push(index as i128);
            found.push(f);
            slopes.push(slope);
            beyond.push(by);
        }
        let cells = [("r", r.to_vec()), ("index", indices), ("value", found), ("slope", slopes), ("beyond", beyond)];
        Output { values: of(&values), cells: cells.into_iter().map(|(name, v)| (name, of(&v))).collect() }
    }
}
