//! Update rules beyond plain SGD: their integers, for one trained weight in one step (docs/operators/optimizers.md).

use crate::adapter::Adapter;
use crate::scales::Scales;
use serde::{Deserialize, Serialize};

/// How trained weights follow from their gradient. `decay` is `round(2^(2b) lr lambda)`: decoupled weight decay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "camelCase", deny_unknown_fields)]
pub enum Optimizer {
    /// Plain SGD with weight decay.
    Sgd { decay: u64 },
    /// `M = momentum M + G`, factor at scale b.
    Momentum { momentum: u64, decay: u64 },
    /// AdamW; the factors at scale b, epsilon at the moments' scale.
    Adam { beta1: u64, beta2: u64, epsilon: u64, decay: u64 },
}

/// Fractional bits of Adam's moments, unless gradients have more.
const MOMENT_BITS: u32 = 24;
/// Fractional bits in which powers of the factors are computed.
const POWER_BITS: u32 = 60;
/// A second moment stays below 2^62, so that an i64 holds it.
pub const SECOND_BITS: u32 = 62;

/// A trained weight before a step, with its state and its gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub weight: i64,
    pub first: i64,
    pub second: i64,
    pub gradient: i64,
}

/// The same after the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Updated {
    pub weight: i128,
    pub first: i64,
    pub second: i64,
}

/// What the matrices of a step share, per matrix: the rate, and Adam's epsilon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub rate: i64,
    pub epsilon: u64,
}

/// Limbs of a number of more than 32 bits and a sign.
pub fn wide(b: u32) -> usize {
    33u32.div_ceil(b) as usize
}
/// Limbs of Adam's ratio.
fn narrow(b: u32) -> usize {
    24u32.div_ceil(b) as usize
}

impl Optimizer {
    /// State values a weight: none, M, or m and v.
    pub fn states(&self) -> usize {
        match self {
            Self::Sgd { .. } => 0,
            Self::Momentum { .. } => 1,
            Self::Adam { .. } => 2,
        }
    }
    pub fn decay(&self) -> u64 {
        match *self {
            Self::Sgd { decay } | Self::Momentum { decay, .. } | Self::Adam { decay, .. } => decay,
        }
    }
    /// Adam's rate differs from step to step.
    pub fn scheduled(&self) -> bool {
        matches!(self, Self::Adam { .. })
    }

    /// What is wrong with the factors.
    pub(crate) fn problem(&self, b: u32) -> Option<String> {
        let factor = 1u64 << b;
        let outside =
            |name: &str, v: u64, lo: u64, hi: u64| (!(lo..hi).contains(&v)).then(|| format!("optimizer: {name} {v} must lie in {lo}..{hi}"));
        let least = u64::from(matches!(self, Self::Sgd { .. }));
        let decay = outside("decay", self.decay(), least, 1 << (2 * b - 4));
        decay.or_else(|| match *self {
            Self::Sgd { .. } => None,
            Self::Momentum { momentum, .. } => outside("momentum", momentum, 1, factor),
            Self::Adam { beta1, beta2, epsilon, .. } => {
                outside("beta1", beta1, 1, factor).or_else(|| outside("beta2", beta2, 1, factor)).or_else(|| outside("epsilon", epsilon, 1, 1 << 30))
            }
        })
    }

    /// Adam's epsilon for A, and for B' = alpha/rank B, whose gradient is alpha/rank times smaller: `max(1, round(epsilon rank / alpha))`.
    pub fn epsilon(&self, scaled: Option<Adapter>) -> u64 {
        match (*self, scaled) {
            (Self::Adam { epsilon, .. }, None) => epsilon,
            (Self::Adam { epsilon, .. }, Some(a)) => ((2 * epsilon * a.rank as u64 + a.alpha) / (2 * a.alpha)).max(1),
            _ => 0,
        }
    }

    /// Adam's rate in step `number` (from 0): `eta sqrt(1 - beta2^t) / (1 - beta1^t)`, t = number + 1, to the nearest multiple of `unit`.
    pub fn scheduled_rate(&self, b: u32, eta: i64, number: u64, unit: u64) -> i64 {
        let Self::Adam { beta1, beta2, .. } = *self else { return eta };
        let rest = |factor: u64| (1u128 << POWER_BITS) - power(u128::from(factor) << (POWER_BITS - b), number + 1);
        let root = isqrt(rest(beta2) << POWER_BITS);
        let (n, d) = (eta as u128 * root, rest(beta1) * u128::from(unit));
        ((2 * n + d) / (2 * d) * u128::from(unit)) as i64
    }

    /// One weight's step. Errors: the name of the number that leaves its range.
    pub fn step(&self, s: &Scales, Rate { rate, epsilon }: Rate, e: Entry) -> Result<Updated, &'static str> {
        let b = s.b;
        let limit = 1i128 << (wide(b) as u32 * b - 1);
        let within = |name: &'static str, v: i128, limit: i128| if (-limit..limit).contains(&v) { Ok(v as i64) } else { Err(name) };
        let mut out = Updated::default();
        let direction = match *self {
            Self::Sgd { .. } => e.gradient,
            Self::Momentum { momentum, .. } => {
                let kept = rounded(i128::from(momentum) * i128::from(e.first), b);
                within("kept", kept, limit)?;
                out.first = within("momentum", kept + i128::from(e.gradient), limit)?;
                out.first
            }
            Self::Adam { beta1, beta2, .. } => {
                let extra = moment_bits(s) - (s.a + s.d);
                // Below 2^40 no product overflows.
                let g = i128::from(within("gradient", i128::from(e.gradient) << extra, 1 << 40)?);
                let (beta1, beta2, one) = (i128::from(beta1), i128::from(beta2), 1i128 << b);
                let m = i128::from(within("first", rounded(beta1 * i128::from(e.first) + (one - beta1) * g, b), limit)?);
                let v = rounded(beta2 * i128::from(e.second) + (one - beta2) * g * g, b);
                let v = i128::from(within("second", v, 1 << SECOND_BITS)?);
                let den = 2 * (isqrt(v as u128) as i128 + i128::from(epsilon));
                within("denominator", den, limit)?;
                let ratio = ((m << (s.e + 1)) + den / 2).div_euclid(den);
                (out.first, out.second) = (m as i64, v as i64);
                within("ratio", ratio, 1 << (narrow(b) as u32 * b - 1))?
            }
        };
        let mut weight = i128::from(e.weight) - i128::from(rate) * i128::from(direction);
        if self.decay() > 0 {
            let decayed = rounded(i128::from(self.decay()) * i128::from(e.weight), 2 * b);
            weight -= i128::from(within("decayed", decayed, limit)?);
        }
        out.weight = weight;
        Ok(out)
    }
}

/// Fractional bits of Adam's moments.
pub fn moment_bits(s: &Scales) -> u32 {
    MOMENT_BITS.max(s.a + s.d)
}

/// `round(v / 2^bits)`, half up.
fn rounded(v: i128, bits: u32) -> i128 {
    (v + (1 << (bits - 1))) >> bits
}

/// `x^n` at scale 2^60, each product rounded down.
fn power(x: u128, mut n: u64) -> u128 {
    let (mut acc, mut x) = (1u128 << POWER_BITS, x);
    while n > 0 {
        if n & 1 == 1 {
            acc = (acc * x) >> POWER_BITS;
        }
        x = (x * x) >> POWER_BITS;
        n >>= 1;
    }
    acc
}

/// `floor(sqrt(v))`, by Newton's method from above.
fn isqrt(v: u128) -> u128 {
    if v < 2 {
        return v;
    }
    let mut x = 1u128 << (v.ilog2() / 2 + 1);
    loop {
        let y = (x + v / x) / 2;
        if y >= x {
            return x;
        }
        x = y;
    }
}

#[cfg(test)]
mod tests;
