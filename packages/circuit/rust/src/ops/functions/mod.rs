//! The activations: a file each, and a line in the registry below.
//!
//! A table of one has an entry for each value of `bits` fractional bits in `[-2^(b-1), 2^(b-1))`, the function's and its slope's. Its first
//! and last entry are what the function is beyond the table: there it goes on as a constant, or as x.

mod numeric;
pub use numeric::Fraction;
pub(super) use numeric::{base, BITS, ONE};

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// How a function goes on beyond its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As a constant.
    Flat(Fraction),
    /// As the constant that it is at the table's end.
    Held,
    /// As x.
    Line,
}

/// x = n / 2^bits, and the function's parameter alpha.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub n: i128,
    pub bits: u32,
    pub alpha: Fraction,
}

/// What an activation is.
pub(super) trait Curve {
    /// Parameters that it takes, in units of 2^-b for limbs of so many bits; 0 alone where it has none.
    fn alphas(_limb_bits: u32) -> RangeInclusive<u32> {
        0..=0
    }
    /// f(x) and f'(x), by integer arithmetic alone, within 2^-50.
    fn at(x: &At) -> [Fraction; 2];
    /// The same in doubles.
    fn real(x: f64, alpha: f64) -> [f64; 2];
    /// How it goes on below and above.
    fn ends(alpha: Fraction) -> [End; 2];
}

macro_rules! functions {
    ($($module:ident $name:ident),* $(,)?) => {
        $(mod $module;)*

        /// Any of them by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Name { $($name,)* }

        impl Name {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            fn alphas(self, limb_bits: u32) -> RangeInclusive<u32> {
                match self { $(Self::$name => $module::$name::alphas(limb_bits),)* }
            }
            fn at(self, x: &At) -> [Fraction; 2] {
                match self { $(Self::$name => $module::$name::at(x),)* }
            }
            fn real(self, x: f64, alpha: f64) -> [f64; 2] {
                match self { $(Self::$name => $module::$name::real(x, alpha),)* }
            }
            fn ends(self, alpha: Fraction) -> [End; 2] {
                match self { $(Self::$name => $module::$name::ends(alpha),)* }
            }
        }
    };
}

functions! {
    sigmoid Sigmoid,
    tanh Tanh,
    softplus Softplus,
    elu Elu,
    leaky_relu LeakyRelu,
    gelu Gelu,
    gelu_tanh GeluTanh,
    silu Silu,
    hard_sigmoid HardSigmoid,
    hard_swish HardSwish,
    softsign Softsign,
}

/// An activation with its parameter, in units of 2^-b: 0 where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    pub name: Name,
    pub alpha: u32,
}

impl Function {
    /// Whether it is looked up in a table; LeakyReLU is computed.
    pub fn tabled(&self) -> bool {
        self.name != Name::LeakyRelu
    }

    /// Refuses, in words, a parameter that the function does not take.
    pub fn check(&self, limb_bits: u32) -> Result<(), String> {
        let range = self.name.alphas(limb_bits);
        match range.contains(&self.alpha) {
            true => Ok(()),
            false => Err(format!("{:?} with alpha {}: {} to {} (in units of 2^-{limb_bits})", self.name, self.alpha, range.start(), range.end())),
        }
    }

    /// f(x) and f'(x) in doubles.
    pub fn real(&self, x: f64, limb_bits: u32) -> [f64; 2] {
        self.name.real(x, f64::from(self.alpha) / f64::from(limb_bits).exp2())
    }

    /// How it goes on below and above its table: by which multiple of x.
    pub fn slopes(&self, limb_bits: u32) -> [i128; 2] {
        self.name.ends(self.fraction(limb_bits)).map(|end| i128::from(end == End::Line))
    }

    fn fraction(&self, limb_bits: u32) -> Fraction {
        Fraction { n: self.alpha.into(), d: 1 << limb_bits }
    }

    /// Entry `index` of the table of values of `bits` fractional bits: f with as many, and f' with b - 1.
    pub fn entry(&self, index: usize, bits: u32, limb_bits: u32) -> [i128; 2] {
        let (n, alpha) = (index as i128 - (1 << (limb_bits - 1)), self.fraction(limb_bits));
        let [f, slope] = self.name.at(&At { n, bits, alpha });
        let ends = self.name.ends(alpha);
        let end = match index {
            0 => Some(ends[0]),
            i if i + 1 == 1 << limb_bits => Some(ends[1]),
            _ => None,
        };
        match end {
            None => [f.rounded(bits), slope.rounded(limb_bits - 1)],
            Some(End::Flat(value)) => [value.rounded(bits), 0],
            Some(End::Held) => [f.rounded(bits), 0],
            Some(End::Line) => [n, 1 << (limb_bits - 1)],
        }
    }

    /// All entries, as they are looked up: f + 2^(b-1), and f' + 2^(b-2).
    pub fn table(&self, bits: u32, limb_bits: u32) -> Vec<Vec<u32>> {
        let entries: Vec<[i128; 2]> = (0..1 << limb_bits).map(|i| self.entry(i, bits, limb_bits)).collect();
        let column = |i: usize, offset: i128| entries.iter().map(|e| (e[i] + offset) as u32).collect();
        vec![column(0, 1 << (limb_bits - 1)), column(1, 1 << (limb_bits - 2))]
    }
}

#[cfg(test)]
mod tests;
