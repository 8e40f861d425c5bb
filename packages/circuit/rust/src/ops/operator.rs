//! What an operator is: the trait that each folder beside this file implements.

use super::Op;
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde_json::Value as Json;

/// A value of a graph, by its number: tensors first, then nodes.
pub type Value = usize;

/// Which family an operator belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// (Bi)linear: owns no cells.
    Form,
    /// Owns cells; one valid output for an input.
    Unit,
    /// Gives a trained tensor's next value.
    Update,
}

/// An operator with its attributes, which are its fields, in alphabetical order.
pub trait Operator: Sized {
    const NAME: &'static str;
    const FAMILY: Family;
    /// Ways in which a liar computes it wrongly ([`Lie`]).
    const RULES: &'static [&'static str];
    /// Those that there are with these attributes.
    fn rules(&self) -> &'static [&'static str] {
        Self::RULES
    }
    /// Fewest and most inputs.
    const INPUTS: (usize, usize);
    /// Whether gradients alone have it: no reader and no user's builder takes it.
    const EMITTED: bool = false;
    /// The attributes: for each its type and range, as JSON.
    fn schema() -> Json;
    /// Shape and bits of the output. Refuses, in words, inputs and attributes that do not fit.
    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String>;
    /// Bound of the output. Refuses what could leave the range of a unit or make its relation wrap.
    fn bound(&self, inputs: &[Bound], facts: &[&Facts], formats: &Formats) -> Result<Bound, Excess>;
    /// What an execution takes. Cells are those that [`Self::execute`] gives.
    fn cost(&self, _inputs: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        Cost::of(out.len())
    }
    /// Of a loss with this output: numerator and denominator of what its gradient has before what the node gives.
    fn factor(&self, _: &Facts) -> Option<(u64, u64)> {
        None
    }
    /// Emits what gives the gradients of the inputs that are wanted, from the output's.
    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError>;
    /// The output. Errors have no place yet: the caller names the node.
    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError>;
    /// Of a loss: its value, for the log.
    fn loss<N: Number>(&self, _: &Call<N>) -> Option<Loss> {
        None
    }
}

/// A loss's value: not proven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// As tfjs computes it: the mean over the batch.
    pub value: f64,
    /// Rows whose largest entry is the label's, where the loss is of classes.
    pub correct: u32,
    /// The value's gradient is this times what the node gives: the rate takes it in.
    pub factor: f64,
}

/// A node for which gradients are asked.
pub struct Site<'a> {
    pub inputs: &'a [Value],
    pub output: Value,
    /// The output's gradient; of a loss, which begins with its own, the output itself.
    pub gradient: Value,
    pub wanted: &'a [bool],
}

/// A graph that takes nodes.
pub trait Emit {
    fn facts(&self, value: Value) -> &Facts;
    /// A node behind all others, with a name of its own. Errors: `GRAPH_INVALID`.
    fn emit(&mut self, op: Op, inputs: &[Value]) -> Result<Value, PotError>;
}

/// A rule of a node that is computed wrongly at one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lie<'a> {
    pub rule: &'a str,
    pub entry: usize,
}

/// What an operator is executed with.
pub struct Call<'a, N> {
    pub inputs: Vec<&'a [N]>,
    pub facts: Vec<&'a Facts>,
    pub out: &'a Facts,
    pub formats: &'a Formats,
    pub lie: Option<Lie<'a>>,
}

impl<N: Number> Call<'_, N> {
    /// The entry, of `len`, at which `rule` is broken.
    pub fn broken(&self, rule: &str, len: usize) -> Option<usize> {
        self.lie.filter(|l| l.rule == rule).map(|l| l.entry % len)
    }
    /// A form's output, changed at one entry where its only rule, `value`, is broken.
    pub fn form(&self, mut values: Vec<N>) -> Output<N> {
        if let Some(i) = self.broken("value", values.len()) {
            values[i] = values[i].plus(N::UNIT).unwrap_or_default();
        }
        Output { values, cells: vec![] }
    }
}

/// The rules of a form.
pub const FORM_RULES: &[&str] = &["value"];

/// What an operator gives.
#[derive(Clone, Debug)]
pub struct Output<N> {
    pub values: Vec<N>,
    /// A unit's integers by name; none of doubles.
    pub cells: Vec<(&'static str, Vec<N>)>,
}

/// An integer beyond the executor's 126 bits: a graph whose bounds were inferred has none.
pub fn overflow() -> PotError {
    PotError::new("VALUE_RANGE", "the result is beyond the executor's integers".into()).with("quantity", "integer")
}

/// A value beyond a unit's range.
pub fn out_of_range(quantity: &str, value: i128, limit: i128) -> PotError {
    PotError::new("VALUE_RANGE", format!("{quantity} = {value} is beyond the fixed-point range of +-{limit}"))
        .with("quantity", quantity)
        .with("value", value as f64)
        .with("limit", limit as f64)
}
