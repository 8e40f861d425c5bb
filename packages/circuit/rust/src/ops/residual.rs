//! Losses whose gradient is the residual held between two numbers, times a power of two: what they have in common. The residual is
//! what is clamped; the label stands beside, in no lookup.

use super::clamped::{Between, FLAGS};
use super::operator::{overflow, Call, Loss, Output};
use super::ranges::of;
use super::unit::{Cells, Executed, Relation};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::gadgets::algebra::{pow2, Algebra};
use crate::limits::MAX_GRADIENT_BITS;
use crate::number::Number;
use crate::tensor::Facts;
use pot_proof_system::error::PotError;

/// How such a loss is computed wrongly.
pub const RULES: &[&str] = &["clamp", "side", "difference"];
/// Plain cells of an entry.
pub const PLAIN: &[&str] = &[FLAGS[0], FLAGS[1], "label"];

/// `2^shift` times the residual `z - y`, held between two numbers.
#[derive(Clone, Copy, Debug)]
pub struct Residual {
    pub between: Between,
    pub shift: u32,
}

/// The output's shape and bits: outputs and labels are alike, and `least` bits or more go into the gradient.
pub fn infer(inputs: &[&Facts], gradient_bits: u32, least: u32) -> Result<Facts, String> {
    let (z, y) = (inputs[0], inputs[1]);
    if z != y {
        return Err(format!("outputs {:?} at {} fractional bits and labels {:?} at {}: both the same", z.shape, z.bits, y.shape, y.bits));
    }
    if !(least..=MAX_GRADIENT_BITS).contains(&gradient_bits) {
        return Err(format!("gradientBits {gradient_bits}: {least} to {MAX_GRADIENT_BITS}"));
    }
    Facts::new(z.shape.clone(), gradient_bits)
}

/// Output, residual, label and what is held.
pub fn cost(out: &Facts) -> Cost {
    Cost { held: 4 * out.len() as u64, work: out.len() as u64 }
}

/// The mean over all entries of what `each` says of a residual.
pub fn mean<N: Number>(call: &Call<N>, each: impl Fn(f64) -> f64) -> Loss {
    let bits = call.facts[0].bits;
    let pairs = call.inputs[0].iter().zip(call.inputs[1]);
    let sum: f64 = pairs.map(|(z, y)| each(z.real(bits) - y.real(bits))).sum();
    let entries = call.out.len() as f64;
    Loss { value: sum / entries, correct: 0, factor: 1.0 / entries }
}

impl Residual {
    /// The residual has a bit more than outputs and labels.
    pub fn bound(&self, inputs: &[Bound]) -> Result<Bound, Excess> {
        self.between.bound(Bound::by(inputs, |b| b[0].max(b[1]) + 1), self.shift)
    }

    /// In real numbers what `real` says of a residual.
    pub fn gradient<N: Number>(&self, call: &Call<N>, real: impl Fn(f64) -> f64) -> Result<Output<N>, PotError> {
        let pairs = call.inputs[0].iter().zip(call.inputs[1]);
        if !N::EXACT {
            let values = pairs.map(|(z, y)| N::approximate(real(z.real(0) - y.real(0))));
            return Ok(Output { values: values.collect(), cells: vec![] });
        }
        let x: Option<Vec<i128>> = pairs.map(|(z, y)| z.minus(*y).map(|x| x.stored())).collect();
        let mut x = x.ok_or_else(overflow)?;
        if let Some(i) = call.broken("difference", x.len()) {
            // The other way round.
            x[i] = if x[i] == 0 { 1 } else { -x[i] };
        }
        let held = self.between.held(call, &x)?;
        let values: Vec<i128> = held.iter().map(|v| v << self.shift).collect();
        Ok(Output { values: of(&values), cells: vec![("x", of(&x)), ("held", of(&held)), ("y", call.inputs[1].to_vec())] })
    }

    pub fn relation<A: Algebra>(&self, cells: Cells<'_, A>) -> Relation<A> {
        let (c, label) = (self.between.relation(cells.numbers, cells.plain), cells.plain[2].clone());
        Relation { zero: c.zero, inputs: vec![c.x + label.clone(), label], output: c.value * pow2(self.shift), lent: None }
    }
}

/// Numbers of an entry.
pub fn entry(between: Between, executed: Option<Executed>) -> Vec<i128> {
    of_entry(between, executed).0.to_vec()
}

/// Its plain cells.
pub fn plain_cells(between: Between, executed: Option<Executed>) -> Vec<i128> {
    let [over, under] = of_entry(between, executed).1;
    vec![over, under, executed.map_or(0, |e| e.cells[2].1[e.entry])]
}

fn of_entry(between: Between, executed: Option<Executed>) -> ([i128; 3], [i128; 2]) {
    let [x, held] = [0, 1].map(|i: usize| executed.map_or(0, |e| e.cells[i].1[e.entry]));
    between.cells(x, held)
}
