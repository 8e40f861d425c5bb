//! Regularisers: a graph with a loss, and beside it the penalties of some of its trained tensors.

use crate::autodiff::{factor, training};
use crate::error::invalid;
use crate::graph::{Builder, Graph};
use crate::limits::{COEFFICIENT_BITS, MAX_SHIFT};
use crate::ops::{L2Penalty, Value};
use crate::tensor::{RateFactor, Role};
use pot_proof_system::error::PotError;
use serde::Deserialize;

/// Fractional bits of a penalty's strength.
const STRENGTH_BITS: u32 = 32;

/// An L2 penalty of the trained tensor `tensor`: `l2 / 2^32` times the sum of its squares.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    pub tensor: String,
    pub l2: u32,
}

/// The graph with penalties, behind its other nodes, each an output named `tensor.l2`. Their gradients have as many fractional bits as
/// those that the tensors have without them.
///
/// Errors: `GRAPH_INVALID` (no trained tensor; a penalty of 0, or so large that it leaves its coefficient; two of one tensor; nothing
/// that a loss trains), `GRAPH_BOUNDS`.
///
/// ```
/// use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer, DenseLoss};
/// use pot_circuit::front::penalties::{penalised, Penalty};
/// use pot_circuit::tensor::Formats;
///
/// let graph = dense_graph(&Dense {
///     formats: Formats { limb_bits: 12, table_bits: 12 },
///     bits: 8,
///     gradient_bits: 14,
///     weight_bits: 36,
///     batch: 4,
///     inputs: 9,
///     layers: vec![DenseLayer::new(5, false, true)],
///     loss: DenseLoss::MeanSquaredError,
///     x_offset: 0,
///     y_offset: 0,
/// })?;
/// // 0.01
/// let penalty = Penalty { tensor: "kernel0".into(), l2: 42949673 };
/// assert_eq!(penalised(&graph, &[penalty])?.outputs().len(), 2);
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
pub fn penalised(graph: &Graph, penalties: &[Penalty]) -> Result<Graph, PotError> {
    let (n, d) = factor(graph)?;
    let step = training(graph, 0)?;
    let mut builder = Builder::new(*graph.formats())?;
    graph.tensors().iter().try_for_each(|t| builder.tensor(t.clone()).map(drop))?;
    for node in graph.nodes() {
        builder.node(&node.name, node.op.clone(), &node.inputs)?;
    }
    let mut outputs: Vec<Value> = graph.outputs().to_vec();
    for p in penalties {
        let trained = |v: &Value| graph.tensors()[*v].name == p.tensor && graph.tensors()[*v].role == Role::Trained;
        let Some(value) = (0..graph.tensors().len()).find(trained) else {
            return Err(invalid("dangling", &p.tensor, "a penalty of what is no trained tensor"));
        };
        let gradient = step.updates.iter().find(|u| u.0 == value).expect("all that is trained moves").2;
        let op = l2(p, RateFactor::new(n, d), [graph.facts(value).bits, step.graph.facts(gradient).bits], graph.formats().limb_bits)?;
        outputs.push(builder.node(&format!("{}.l2", p.tensor), op.into(), &[value])?);
    }
    builder.finish(&outputs)
}

/// `2 lambda / factor`, with as many fractional bits as there is room for.
fn l2(p: &Penalty, factor: RateFactor, [weight, gradient]: [u32; 2], limb_bits: u32) -> Result<L2Penalty, PotError> {
    let coefficient = |fraction: u32| {
        let (n, d) = (u128::from(factor.numerator) << STRENGTH_BITS, (2 * u128::from(p.l2) * u128::from(factor.denominator)) << fraction);
        u64::try_from((2 * d + n) / (2 * n)).ok().filter(|c| (1..=1 << COEFFICIENT_BITS).contains(c))
    };
    let fraction = |shift: u32| (shift + gradient).checked_sub(weight);
    let shifts = (1..=MAX_SHIFT / limb_bits).rev().map(|limbs| limbs * limb_bits);
    let found = shifts.filter_map(fraction).find_map(|fraction| coefficient(fraction).map(|coefficient| (fraction, coefficient)));
    let Some((fraction, coefficient)) = found.filter(|_| p.l2 > 0) else {
        return Err(invalid("attributes", &p.tensor, format!("an L2 penalty of {} / 2^{STRENGTH_BITS} leaves its coefficient", p.l2)));
    };
    Ok(L2Penalty { bits: gradient, coefficient, factor, fraction })
}
