//! The same entries in another arrangement.

mod execute;

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value, FORM_RULES};
use super::Sum;
use crate::bound::{Bound, Excess};
use crate::limits::MAX_INPUTS;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Which arrangement. Only `concat` takes more inputs than one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum View {
    /// As many entries, in the same row-major order.
    Reshape { shape: Vec<usize> },
    /// Axis i of the output is axis `axes[i]` of the input.
    Transpose { axes: Vec<usize> },
    /// Entries `start .. start + length` of an axis.
    Slice { axis: usize, length: usize, start: usize },
    /// Inputs one behind the other along an axis.
    Concat { axis: usize },
    /// Zeros along an axis.
    Pad { after: usize, axis: usize, before: usize },
    /// Repeated along new axes in front.
    Broadcast { shape: Vec<usize> },
}

impl Operator for View {
    const NAME: &'static str = "view";
    const FAMILY: Family = Family::Form;
    const RULES: &'static [&'static str] = FORM_RULES;
    const INPUTS: (usize, usize) = (1, MAX_INPUTS);

    fn schema() -> Json {
        let (axis, count) = (json!({ "type": "integer", "minimum": 0, "below": "rank" }), json!({ "type": "integer", "minimum": 0 }));
        json!({ "kind": {
            "reshape": { "shape": { "type": "integers" } },
            "transpose": { "axes": { "type": "integers", "each": "axis" } },
            "slice": { "axis": axis, "length": count, "start": count },
            "concat": { "axis": axis },
            "pad": { "after": count, "axis": axis, "before": count },
            "broadcast": { "shape": { "type": "integers" } },
        } })
    }

    fn infer(&self, inputs: &[&Facts], _: &Formats) -> Result<Facts, String> {
        let first = inputs[0];
        if inputs.len() > 1 && !matches!(self, Self::Concat { .. }) {
            return Err("only a concatenation takes more inputs than one".into());
        }
        if let Some(axis) = self.axis().filter(|a| *a >= first.shape.len()) {
            return Err(format!("axis {axis} of shape {:?}", first.shape));
        }
        let mut shape = first.shape.clone();
        match self {
            Self::Reshape { shape: wanted } => shape.clone_from(wanted),
            Self::Transpose { axes } => {
                let mut sorted = axes.clone();
                sorted.sort_unstable();
                if !sorted.iter().copied().eq(0..shape.len()) {
                    return Err(format!("axes {axes:?} are no order of those of {shape:?}"));
                }
                shape = axes.iter().map(|a| first.shape[*a]).collect();
            }
            Self::Slice { axis, length, start } => {
                if start.checked_add(*length).is_none_or(|end| end > shape[*axis]) {
                    return Err(format!("{length} entries from {start} of axis {axis} of shape {shape:?}"));
                }
                shape[*axis] = *length;
            }
            Self::Concat { axis } => shape[*axis] = concatenated(inputs, *axis)?,
            Self::Pad { after, axis, before } => shape[*axis] = shape[*axis].saturating_add(*before).saturating_add(*after),
            Self::Broadcast { shape: lead } => shape.splice(0..0, lead.iter().copied()).for_each(drop),
        }
        let facts = Facts::new(shape, first.bits)?;
        if matches!(self, Self::Reshape { .. }) && facts.len() != first.len() {
            return Err(format!("shape {:?} has {} entries, {:?} has {}", facts.shape, facts.len(), first.shape, first.len()));
        }
        Ok(facts)
    }

    fn bound(&self, inputs: &[Bound], _: &[&Facts], _: &Formats) -> Result<Bound, Excess> {
        Ok(Bound::by(inputs, |b| b.iter().copied().max().unwrap_or(0)))
    }

    fn vjp(&self, site: &Site, graph: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        let shapes: Vec<Vec<usize>> = site.inputs.iter().map(|v| graph.facts(*v).shape.clone()).collect();
        let mut start = 0;
        let mut out = vec![];
        for (shape, wanted) in shapes.iter().zip(site.wanted) {
            let back = match self {
                Self::Reshape { .. } => Self::Reshape { shape: shape.clone() }.into(),
                Self::Transpose { axes } => {
                    Self::Transpose { axes: (0..axes.len()).filter_map(|i| axes.iter().position(|a| *a == i)).collect() }.into()
                }
                Self::Slice { axis, length, start } => Self::Pad { after: shape[*axis] - start - length, axis: *axis, before: *start }.into(),
                Self::Concat { axis } => {
                    let before = start;
                    start += shape[*axis];
                    Self::Slice { axis: *axis, length: shape[*axis], start: before }.into()
                }
                Self::Pad { axis, before, .. } => Self::Slice { axis: *axis, length: shape[*axis], start: *before }.into(),
                Self::Broadcast { shape: lead } => Sum { coefficients: vec![1], reduce: lead.len() }.into(),
            };
            out.push(if *wanted { Some(graph.emit(back, &[site.gradient])?) } else { None });
        }
        Ok(out)
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        Ok(call.form(self.arrange(call)))
    }
}

impl View {
    /// The axis that it works along.
    fn axis(&self) -> Option<usize> {
        match self {
            Self::Slice { axis, .. } | Self::Concat { axis } | Self::Pad { axis, .. } => Some(*axis),
            _ => None,
        }
    }
}

/// Length of the axis along which inputs are put together: all else must be the same.
fn concatenated(inputs: &[&Facts], axis: usize) -> Result<usize, String> {
    let others = |f: &Facts| f.shape.iter().enumerate().filter(|(i, _)| *i != axis).map(|(_, d)| *d).collect::<Vec<_>>();
    let first = inputs[0];
    match inputs.iter().find(|f| f.bits != first.bits || f.shape.len() != first.shape.len() || others(f) != others(first)) {
        Some(f) => Err(format!(
            "shapes {:?} and {:?} at {} and {} fractional bits differ in more than axis {axis}",
            first.shape, f.shape, first.bits, f.bits
        )),
        None => Ok(inputs.iter().fold(0, |n, f| n.saturating_add(f.shape[axis]))),
    }
}
