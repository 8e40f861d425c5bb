//! A step that a framework took, compared with plain SGD in double precision: before anything is proven, and no part of a proof.

use crate::autodiff::{factor, training};
use crate::execute::run;
use crate::graph::Graph;
use crate::ops::Value;
use pot_proof_system::error::PotError;

/// Largest relative difference that is accepted (docs/operate/accuracy.md): honest steps in float32 stay below a tenth of it, a rate that
/// is wrong by 10 % is five times as far.
pub const STEP_THRESHOLD: f64 = 0.02;

/// Float32 rounds a weight by at most 2^-24 of its size, once reading and once writing.
const FLOAT32_ROUNDING: f64 = 1.0 / (1u32 << 23) as f64;

/// How far a layer's step is from plain SGD. A layer is what one unit rounds: a kernel and its bias.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The unit's name, and those of its trained tensors.
    pub layer: String,
    pub tensors: Vec<String>,
    unit: usize,
    /// Squared norms: of the step that SGD takes, of the one that was taken, of what is between them, of the weights after it.
    expected: f64,
    actual: f64,
    between: f64,
    size: f64,
}

impl Difference {
    /// Euclidean norm of what SGD adds.
    pub fn expected_norm(&self) -> f64 {
        self.expected.sqrt()
    }
    /// Euclidean norm of what was added.
    pub fn actual_norm(&self) -> f64 {
        self.actual.sqrt()
    }
    /// `|W' - step(W)| / |step(W) - W|`, less what float32 rounds; 0 where that explains all, infinite for what is no number.
    pub fn relative(&self) -> f64 {
        let excess = self.between.sqrt() - FLOAT32_ROUNDING * self.size.sqrt();
        match excess / self.expected_norm() {
            _ if excess <= 0.0 => 0.0,
            relative if relative.is_nan() => f64::INFINITY,
            relative => relative,
        }
    }
}

/// The node whose unit rounds what is made of a trained tensor first, or the loss.
fn unit(graph: &Graph, tensor: Value) -> usize {
    let mut reached = vec![tensor];
    for (i, node) in graph.nodes().iter().enumerate() {
        if node.inputs.iter().any(|v| reached.contains(v)) {
            if node.op.unit().is_some() || node.op.is_loss() {
                return i;
            }
            reached.push(graph.tensors().len() + i);
        }
    }
    unreachable!("a loss depends on what is trained")
}

/// The difference of each layer of a forward graph with a loss. `tensors` are its tensors' real numbers before the step, `after` those
/// of what is trained, in their order; `learning_rate` is the framework's, whose loss is a mean.
///
/// Errors: `INPUT_SHAPE`, and those of [`training`].
pub fn differences(graph: &Graph, rate_bits: u32, tensors: &[Vec<f64>], after: &[Vec<f64>], learning_rate: f64) -> Result<Vec<Difference>, PotError> {
    let t = training(graph, rate_bits)?;
    let (n, d) = factor(graph)?;
    let given: Vec<Vec<f64>> = tensors.iter().cloned().chain([vec![learning_rate * n as f64 / d as f64]]).collect();
    let run = run(&t.graph, &given, None)?;
    let fits = after.len() == t.updates.len() && t.updates.iter().zip(after).all(|(u, a)| run.values[u.0].len() == a.len());
    if !fits {
        return Err(PotError::new("INPUT_SHAPE", "the weights after the step are not as many as those before it".into()));
    }
    let mut out: Vec<Difference> = vec![];
    for ((weight, next, _), after) in t.updates.iter().zip(after) {
        let unit = unit(graph, *weight);
        let at = out.iter().position(|d| d.unit == unit).unwrap_or_else(|| {
            let layer = graph.nodes()[unit].name.clone();
            out.push(Difference { layer, tensors: vec![], unit, expected: 0.0, actual: 0.0, between: 0.0, size: 0.0 });
            out.len() - 1
        });
        let sums = &mut out[at];
        sums.tensors.push(graph.name(*weight).into());
        for ((w, next), after) in run.values[*weight].iter().zip(&run.values[*next]).zip(after) {
            sums.expected += (next - w).powi(2);
            sums.actual += (after - w).powi(2);
            sums.between += (after - next).powi(2);
            sums.size += after.powi(2);
        }
    }
    Ok(out)
}

/// Refuses a step that is not SGD's. Errors: `STEP_NOT_SGD`, with the layer that is furthest from it and by how much.
///
/// ```
/// use pot_circuit::graph::Graph;
/// use pot_circuit::taken::{differences, require_sgd, STEP_THRESHOLD};
///
/// // z = x w, trained by the mean squared error: w = 0.5, x = 2, y = 0 give the gradient 2 z x = 4.
/// let graph = Graph::from_json(concat!(
///     r#"{"version":1,"limbBits":12,"tableBits":12,"tensors":["#,
///     r#"{"name":"x","role":"data","shape":[1,1],"bits":8},{"name":"y","role":"label","shape":[1,1],"bits":8},"#,
///     r#"{"name":"w","role":"trained","shape":[1,1],"bits":36}],"nodes":["#,
///     r#"{"name":"raw","op":"matmul","inputs":["x","w"],"attributes":{"transposeA":false,"transposeB":true}},"#,
///     r#"{"name":"z","op":"round","inputs":["raw"],"attributes":{"bits":8,"gradientBits":14,"range":"half"}},"#,
///     r#"{"name":"loss","op":"mean_squared_error","inputs":["z","y"],"attributes":{"gradientBits":14}}],"outputs":["loss"]}"#
/// ))?;
/// let tensors = [vec![2.0], vec![0.0], vec![0.5]];
/// require_sgd(&differences(&graph, 14, &tensors, &[vec![0.1]], 0.1)?, STEP_THRESHOLD)?;
/// let e = require_sgd(&differences(&graph, 14, &tensors, &[vec![0.06]], 0.1)?, STEP_THRESHOLD).unwrap_err();
/// assert_eq!((e.code, e.details["layer"].as_str()), ("STEP_NOT_SGD", Some("z")));
/// # Ok::<(), pot_proof_system::error::PotError>(())
/// ```
pub fn require_sgd(differences: &[Difference], threshold: f64) -> Result<(), PotError> {
    let Some(worst) = differences.iter().max_by(|a, b| a.relative().total_cmp(&b.relative())) else { return Ok(()) };
    let relative = worst.relative();
    if relative <= threshold {
        return Ok(());
    }
    let tensors = worst.tensors.join(", ");
    let message = format!(
        "layer {} ({tensors}): the step differs by {:.2} % from SGD at this rate on this batch (at most {} % is accepted)",
        worst.layer,
        100.0 * relative,
        100.0 * threshold
    );
    Err(PotError::new("STEP_NOT_SGD", message).with("layer", worst.layer.clone()).with("relative", relative).with("threshold", threshold))
}
