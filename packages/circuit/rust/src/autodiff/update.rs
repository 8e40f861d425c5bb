//! How an optimiser moves trained tensors: its tensors, and the nodes of a step.

use super::{gradients, step_name, RATE};
use crate::error::{emitted, invalid};
use crate::graph::{Builder, Graph};
use crate::limits::MOMENT_BITS;
use crate::ops::{Downscale, Emit, Momentum, Op, Ratio, SecondMoment, Sgd, Sum, Value};
use crate::optimizer::Optimizer;
use crate::tensor::{RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;

/// A trained tensor that has no gradient.
pub(super) fn unreached(name: &str) -> PotError {
    invalid("noGradient", name, "it is trained, and no loss depends on it")
}

/// The rate, or one a step, where that is asked for or the optimiser has such.
pub(super) fn rates(optimizer: &Optimizer, (steps, each): (usize, bool), bits: u32) -> Vec<Tensor> {
    let role = if optimizer.corrects() { Role::CorrectedRate } else { Role::Rate };
    let count = if each || optimizer.corrects() { steps } else { 1 };
    let rate = |step: usize| Tensor { name: step_name(RATE, step), role, shape: vec![], bits, offset: 0, rate_factor: RateFactor::ONE };
    (0..count).map(rate).collect()
}

/// States of all trained tensors: the first of each, then the second of each. A momentum has its gradient's fractional bits, or those of
/// a ratio, a moment [`MOMENT_BITS`] at least. Errors: as [`super::optimised`].
pub(super) fn states(graph: &Graph, trained: &[Value], optimizer: &Optimizer, rate_bits: u32) -> Result<Vec<Tensor>, PotError> {
    if optimizer.states() == 0 {
        return Ok(vec![]);
    }
    let mut builder = Builder::extend(graph, &[])?;
    let at: Vec<Value> = (0..graph.tensors().len() + graph.nodes().len()).collect();
    let gradients = gradients(graph, &at, &mut builder)?;
    let bits = |v: &Value| {
        let t = &graph.tensors()[*v];
        gradients[*v].map(|g| builder.facts(g).bits).ok_or_else(|| unreached(&t.name))
    };
    let bits: Vec<u32> = trained.iter().map(bits).collect::<Result<_, _>>()?;
    let tensor = |suffix: &str, role, v: &Value, bits: u32| {
        let t = &graph.tensors()[*v];
        Tensor { name: format!("{}@{suffix}", t.name), role, bits, rate_factor: RateFactor::ONE, ..t.clone() }
    };
    let each = || trained.iter().zip(&bits);
    let seconds = || each().map(|(v, bits)| tensor("v", Role::SecondMoment, v, 2 * MOMENT_BITS.max(*bits)));
    Ok(match optimizer {
        Optimizer::Sgd { .. } => vec![],
        Optimizer::Momentum { .. } | Optimizer::Nesterov { .. } => each().map(|(v, bits)| tensor("m", Role::Moment, v, *bits)).collect(),
        Optimizer::Adam { .. } => each().map(|(v, bits)| tensor("m", Role::Moment, v, MOMENT_BITS.max(*bits))).chain(seconds()).collect(),
        Optimizer::RmsProp { momentum: 0, .. } => seconds().collect(),
        Optimizer::RmsProp { .. } => {
            let of_ratio = |v: &Value| graph.tensors()[*v].bits.saturating_sub(rate_bits);
            trained.iter().map(|v| tensor("m", Role::Moment, v, of_ratio(v))).chain(seconds()).collect()
        }
    })
}

/// The factor of a ratio, in which that of the gradient is gone. Errors: `GRAPH_INVALID`.
fn root(factor: RateFactor, name: &str) -> Result<RateFactor, PotError> {
    factor.root().ok_or_else(|| {
        let [n, d]: [u64; 2] = factor.into();
        invalid("optimizer", name, format!("a rule that divides by gradients takes factors of the rate that are squares, not {n}/{d}"))
    })
}

/// Epsilon beside a gradient that is less by this factor: `max(1, round(epsilon / factor))`.
fn scaled(epsilon: u64, factor: RateFactor) -> u64 {
    let (n, d) = (u128::from(factor.numerator), u128::from(factor.denominator));
    let nearest = (2 * u128::from(epsilon) * d + n) / (2 * n);
    u64::try_from(nearest.max(1)).unwrap_or(u64::MAX)
}

/// What the tensors of a step have in common.
pub(super) struct Rule<'a> {
    pub optimizer: &'a Optimizer,
    pub rate: Value,
    pub rate_bits: u32,
    pub builder: &'a mut Builder,
}

impl Rule<'_> {
    /// A tensor after the step, and its states. Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`.
    pub fn step(&mut self, (weight, factor): (Value, RateFactor), gradient: Value, states: &[Value]) -> Result<(Value, Vec<Value>), PotError> {
        let corrected = self.optimizer.corrects();
        let rate_factor = if corrected { root(factor, self.builder.name(weight))? } else { factor };
        let b = self.builder.formats().limb_bits;
        let (direction, after) = match *self.optimizer {
            Optimizer::Sgd { .. } => (gradient, vec![]),
            Optimizer::Momentum { momentum, .. } | Optimizer::Nesterov { momentum, .. } => {
                let kept = self.part(&[(momentum, states[0])], b)?;
                let m = self.emit(Momentum {}, &[kept, gradient])?;
                match self.optimizer {
                    Optimizer::Nesterov { .. } => {
                        let ahead = self.part(&[(momentum, m)], b)?;
                        (self.emit(Sum::of(2), &[ahead, gradient])?, vec![m])
                    }
                    _ => (m, vec![m]),
                }
            }
            Optimizer::Adam { beta1, beta2, epsilon, .. } => {
                let m = self.part(&[(beta1, states[0]), ((1 << b) - beta1, gradient)], b)?;
                let v = self.emit(SecondMoment { factor: beta2, within: 0 }, &[states[1], gradient])?;
                let ratio = Ratio { bits: self.ratio_bits(weight)?, epsilon: scaled(epsilon, rate_factor), within: 0 };
                (self.emit(ratio, &[m, v])?, vec![m, v])
            }
            Optimizer::RmsProp { rho, momentum, epsilon, .. } => {
                let (bits, within) = (self.ratio_bits(weight)?, scaled(epsilon, factor));
                let v = self.emit(SecondMoment { factor: rho, within }, &[states[states.len() - 1], gradient])?;
                let ratio = self.emit(Ratio { bits, epsilon: 0, within }, &[gradient, v])?;
                if momentum == 0 {
                    (ratio, vec![v])
                } else {
                    let kept = self.part(&[(momentum, states[0])], b)?;
                    let m = self.emit(Momentum {}, &[kept, ratio])?;
                    (m, vec![m, v])
                }
            }
        };
        let mut inputs = vec![weight, direction, self.rate];
        if self.optimizer.decay() > 0 {
            inputs.push(self.part(&[(self.optimizer.decay(), weight)], 2 * b)?);
        }
        Ok((self.emit(Sgd { rate_factor, corrected }, &inputs)?, after))
    }

    /// What factors of so many fractional bits leave of values: `round(sum factor value, bits)`.
    fn part(&mut self, terms: &[(u64, Value)], bits: u32) -> Result<Value, PotError> {
        let coefficients = terms.iter().map(|(factor, _)| *factor as i64).collect();
        let values: Vec<Value> = terms.iter().map(|(_, v)| *v).collect();
        let sum = self.emit(Sum { coefficients, reduce: 0 }, &values)?;
        self.emit(Downscale { shift: bits }, &[sum])
    }

    /// Fractional bits of the ratio, so that its product with the rate has those of the weight.
    fn ratio_bits(&self, weight: Value) -> Result<u32, PotError> {
        let bits = self.builder.facts(weight).bits;
        bits.checked_sub(self.rate_bits).ok_or_else(|| {
            let message = format!("a weight of {bits} fractional bits takes a rate of at most as many, not {}", self.rate_bits);
            emitted(invalid("shape", "", message), "update", self.builder.name(weight))
        })
    }

    fn emit(&mut self, op: impl Into<Op>, inputs: &[Value]) -> Result<Value, PotError> {
        self.builder.emit(op.into(), inputs)
    }
}
