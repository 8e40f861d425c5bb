//! Update rules: plain SGD, momentum, Nesterov's, AdamW, RMSProp, each with weight decay. docs/operators/optimizers.md has their arithmetic.

use crate::error::invalid;
use crate::limits::{ADAM_RATE_BITS, EPSILON_BITS, MAX_RATE_FACTOR, RATE_BITS, SQUARE_EPSILON_BITS};
use crate::number::root;
use crate::tensor::{gcd, Formats, Role, Tensor};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// How trained tensors follow from their gradients. Factors have b fractional bits, those of a limb; `decay` has 2 b: decoupled weight
/// decay, `round(2^(2b) lr lambda)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "camelCase", deny_unknown_fields)]
pub enum Optimizer {
    /// Plain SGD, without decay where that is 0.
    Sgd { decay: u64 },
    /// `M = momentum M + G`.
    Momentum { momentum: u64, decay: u64 },
    /// The same, and a step along `G + momentum M`.
    Nesterov { momentum: u64, decay: u64 },
    /// AdamW; `epsilon` in units of a moment's last place.
    Adam { beta1: u64, beta2: u64, epsilon: u64, decay: u64 },
    /// `v = rho v + (1 - rho) G^2`, `M = momentum M + G / sqrt(v + epsilon)`, without M where `momentum` is 0; `epsilon` in units of v's
    /// last place.
    #[serde(rename = "rmsprop")]
    RmsProp { rho: u64, momentum: u64, epsilon: u64, decay: u64 },
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::Sgd { decay: 0 }
    }
}

/// Fractional bits in which powers of the factors are computed.
const POWER_BITS: u32 = 60;

impl Optimizer {
    /// Whether it is plain SGD without decay.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
    /// States of each trained tensor.
    pub fn states(&self) -> usize {
        match self {
            Self::Sgd { .. } => 0,
            Self::Momentum { .. } | Self::Nesterov { .. } => 1,
            Self::Adam { .. } => 2,
            Self::RmsProp { momentum, .. } => 1 + usize::from(*momentum > 0),
        }
    }
    pub fn decay(&self) -> u64 {
        match *self {
            Self::Sgd { decay } | Self::Momentum { decay, .. } | Self::Nesterov { decay, .. } => decay,
            Self::Adam { decay, .. } | Self::RmsProp { decay, .. } => decay,
        }
    }
    /// Whether the last of its states is a second moment, without a sign.
    pub fn squares(&self) -> bool {
        self.corrects()
    }
    /// Whether it divides by gradients: then its rate has a range and fractional bits of its own, and each step its own, which Adam
    /// corrects for the step's number.
    pub fn corrects(&self) -> bool {
        matches!(self, Self::Adam { .. } | Self::RmsProp { .. })
    }
    /// The rate, before it is corrected, is below 2 to this.
    pub fn rate_bits(&self) -> u32 {
        if self.corrects() {
            ADAM_RATE_BITS
        } else {
            RATE_BITS
        }
    }

    /// Errors: `GRAPH_INVALID` (`optimizer`): a factor, a decay or an epsilon that is none.
    pub fn check(&self, formats: &Formats) -> Result<(), PotError> {
        let b = formats.limb_bits;
        let factor = |name, v| (name, v, 1, b);
        let of_rule = match *self {
            Self::Sgd { .. } => vec![],
            Self::Momentum { momentum, .. } | Self::Nesterov { momentum, .. } => vec![factor("momentum", momentum)],
            Self::RmsProp { rho, momentum, epsilon, .. } => {
                vec![factor("rho", rho), ("momentum", momentum, 0, b), ("epsilon", epsilon, 1, SQUARE_EPSILON_BITS)]
            }
            Self::Adam { beta1, beta2, epsilon, .. } => vec![factor("beta1", beta1), factor("beta2", beta2), ("epsilon", epsilon, 1, EPSILON_BITS)],
        };
        let decay = ("decay", self.decay(), 0, 2 * b - 4);
        match of_rule.into_iter().chain([decay]).find(|(_, v, least, bits)| v < least || v >> bits > 0) {
            Some((name, v, least, bits)) => Err(invalid("optimizer", "", format!("{name} {v}: {least} to 2^{bits} - 1"))),
            None => Ok(()),
        }
    }

    /// What each step's rate is a multiple of, so that those of all tensors are integers. None above 2^20.
    pub fn unit(&self, tensors: &[Tensor]) -> Option<u64> {
        let trained = tensors.iter().filter(|t| self.corrects() && t.role == Role::Trained);
        trained.map(|t| t.rate_factor.root().map(|r| r.denominator)).try_fold(1u64, |unit, d| {
            let d = d?;
            Some(unit / gcd(unit, d) * d).filter(|v| *v <= MAX_RATE_FACTOR)
        })
    }

    /// The rates of steps from number `first` (from 0) on: [`Self::rate`] of each, or one for all.
    ///
    /// ```
    /// use pot_circuit::optimizer::Optimizer;
    /// use pot_circuit::tensor::Formats;
    ///
    /// let formats = Formats { limb_bits: 12, table_bits: 12 };
    /// // beta1 = 0.9, beta2 = 0.999: the first step has sqrt(0.001) / 0.1 of the rate.
    /// let adam = Optimizer::Adam { beta1: 3686, beta2: 4092, epsilon: 1, decay: 0 };
    /// assert_eq!(adam.rates(&formats, 1, 1000, 0, 3), [312, 232, 199]);
    /// ```
    pub fn rates(&self, formats: &Formats, unit: u64, eta: i64, first: u64, steps: usize) -> Vec<i64> {
        let each = if self.corrects() { steps as u64 } else { 1 };
        (0..each).map(|step| self.rate(formats, unit, eta, first.saturating_add(step))).collect()
    }

    /// The rate of step `number` (from 0): Adam's is `eta sqrt(1 - beta2^t) / (1 - beta1^t)`, t = 1, 2, .., RMSProp's `eta`, both to the
    /// nearest multiple of `unit`; others have `eta`.
    pub fn rate(&self, formats: &Formats, unit: u64, eta: i64, number: u64) -> i64 {
        let rest = |factor: u64, t: u64| (1u128 << POWER_BITS) - power(u128::from(factor) << (POWER_BITS - formats.limb_bits), t);
        let t = number.saturating_add(1);
        let (n, d) = match *self {
            Self::Adam { beta1, beta2, .. } => (root(rest(beta2, t) << POWER_BITS), rest(beta1, t)),
            Self::RmsProp { .. } => (1, 1),
            _ => return eta,
        };
        let (n, d, unit) = (eta.max(0) as u128 * n, d * u128::from(unit), u128::from(unit));
        ((2 * n + d) / (2 * d) * unit) as i64
    }
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
