//! Decision trees: of each sample the values of the leaves that it comes to, one of each tree, added up.

mod check;
mod execute;
mod grove;

pub use grove::{Entry, Grove};

use super::operator::{Call, Emit, Family, Operator, Output, Site, Value};
use crate::bound::{Bound, Excess};
use crate::cost::Cost;
use crate::error::invalid;
use crate::number::Number;
use crate::tensor::{Facts, Formats};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};

/// Most nodes of all trees, trees, outputs, questions on a path, and bits of a leaf's value.
pub const MAX_NODES: usize = 1 << 18;
pub const MAX_TREES: usize = 1 << 12;
pub const MAX_OUTPUTS: usize = 32;
pub const MAX_DEPTH: usize = 64;
pub const MAX_LEAF_BITS: u32 = 40;

/// Of `[samples, features]`: `[samples, outputs]`. Nodes are numbered, each behind the one whose child it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trees {
    /// Fractional bits of the leaves' values.
    pub bits: u32,
    /// Of each node the first of its two children, the other is the number behind it; 0 of a leaf.
    pub children: Vec<u32>,
    /// Which feature a node asks for; 0 of a leaf.
    pub features: Vec<u32>,
    /// The values of each leaf, in the order of the nodes: as many as a tree has targets.
    pub leaves: Vec<i64>,
    pub outputs: usize,
    /// The first node of each tree.
    pub roots: Vec<u32>,
    /// Of each tree, one after the other, to which outputs its leaves' values are added: as many of each.
    pub targets: Vec<usize>,
    /// A sample goes on to the first child where its feature is at most this, in units of the input's last place, else to the second; 0
    /// of a leaf.
    pub thresholds: Vec<i64>,
}

impl Trees {
    /// Values of a leaf.
    pub fn values(&self) -> usize {
        self.targets.len() / self.roots.len().max(1)
    }
    /// The targets of a tree.
    pub fn targets_of(&self, tree: usize) -> &[usize] {
        &self.targets[tree * self.values()..][..self.values()]
    }
    pub fn is_leaf(&self, node: usize) -> bool {
        self.children[node] == 0
    }
}

impl Operator for Trees {
    const NAME: &'static str = "trees";
    const FAMILY: Family = Family::Unit;
    const RULES: &'static [&'static str] = &["child", "leaf"];
    const INPUTS: (usize, usize) = (1, 1);

    fn schema() -> Json {
        let numbers = |bits: u32| json!({ "type": "integers", "bits": bits });
        let of_nodes = json!({ "type": "integers", "minimum": 0, "most": MAX_NODES });
        json!({
            "bits": { "type": "integer", "minimum": 0 },
            "children": of_nodes,
            "features": of_nodes,
            "leaves": numbers(MAX_LEAF_BITS),
            "outputs": { "type": "integer", "minimum": 1, "maximum": MAX_OUTPUTS },
            "roots": { "type": "integers", "minimum": 0, "most": MAX_TREES },
            "targets": { "type": "integers", "minimum": 0 },
            "thresholds": { "type": "integers", "bits": "limbBits" },
        })
    }

    fn infer(&self, inputs: &[&Facts], formats: &Formats) -> Result<Facts, String> {
        let [samples, features] = inputs[0].shape[..] else {
            return Err(format!("trees of a value of {} axes: [samples, features]", inputs[0].shape.len()));
        };
        self.check(features, formats)?;
        Facts::new(vec![samples, self.outputs], self.bits)
    }

    /// The largest sum of leaves' values, one of each tree: of any output.
    fn bound(&self, _: &[Bound], _: &[&Facts], formats: &Formats) -> Result<Bound, Excess> {
        let most = Grove::of(self, 0, formats).largest(self).into_iter().max().unwrap_or(0);
        let (bits, fits) = (u128::BITS - most.saturating_sub(1).leading_zeros(), 2 * formats.limb_bits);
        match bits > fits {
            true => Err(Excess { what: "a sum of leaves' values", bits, most: fits }),
            false => Ok(Bound::of(bits)),
        }
    }

    /// Output, the nodes of each path, and its leaf's values.
    fn cost(&self, inputs: &[&Facts], out: &Facts, _: &Formats) -> Cost {
        let (samples, trees) = (inputs[0].shape.first().copied().unwrap_or(1) as u64, self.roots.len() as u64);
        let of_path = MAX_DEPTH.min(self.children.len()) as u64 + 1 + self.values() as u64;
        let paths = samples.saturating_mul(trees).saturating_mul(of_path);
        Cost { held: paths.saturating_add(out.len() as u64), work: paths.saturating_add(self.children.len() as u64) }
    }

    fn vjp(&self, _: &Site, _: &mut dyn Emit) -> Result<Vec<Option<Value>>, PotError> {
        Err(invalid("noGradient", "", "a decision has no gradient"))
    }

    fn execute<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        self.decided(call)
    }
}
