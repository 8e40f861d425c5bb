//! Paths, and what their leaves add up to.

use super::super::operator::{Call, Output};
use super::super::ranges::of;
use super::{Grove, Trees};
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Trees {
    /// The cells of each path are its nodes, as many as the longest path of all has: a leaf is followed by itself.
    pub(super) fn decided<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let grove = Grove::of(self, 0, call.formats);
        let (width, scale) = (call.facts[0].shape[1], f64::from(call.facts[0].bits).exp2());
        // What is approximate is compared with the same numbers.
        let right = |x: N, threshold: i64| if N::EXACT { x.stored() > threshold.into() } else { x.real(0) * scale > threshold as f64 };
        let [child, leaf] = ["child", "leaf"].map(|rule| self.lied(call.broken(rule, call.out.len())));
        let mut sums = vec![0i128; call.out.len()];
        let (mut nodes, mut values) = (vec![], vec![]);
        for (s, sample) in call.inputs[0].chunks(width).enumerate() {
            for (t, root) in self.roots.iter().enumerate() {
                let mut node = *root as usize;
                nodes.push(node as i128);
                for step in 0..grove.deepest() {
                    if !self.is_leaf(node) {
                        let wrong = step == 0 && child.is_some_and(|at| at[..2] == [s, t]);
                        let right = right(sample[self.features[node] as usize], self.thresholds[node]) != wrong;
                        node = self.children[node] as usize + usize::from(right);
                    }
                    nodes.push(node as i128);
                }
                for (k, target) in self.targets_of(t).iter().enumerate() {
                    let v = i128::from(grove.leaf_values(self, node)[k]) + i128::from(leaf == Some([s, t, k]));
                    sums[s * self.outputs + target] += v;
                    values.push(v);
                }
            }
        }
        if !N::EXACT {
            let unit = f64::from(self.bits).exp2();
            return Ok(Output { values: sums.iter().map(|v| N::approximate(*v as f64 / unit)).collect(), cells: vec![] });
        }
        Ok(Output { values: of(&sums), cells: vec![("node", of(&nodes)), ("value", of(&values))] })
    }

    /// Sample, tree and value by which an output is wrong: the first tree that asks something and has it as a target.
    fn lied(&self, entry: Option<usize>) -> Option<[usize; 3]> {
        let (sample, output) = entry.map(|e| (e / self.outputs, e % self.outputs))?;
        let asks = |t: &usize| !self.is_leaf(self.roots[*t] as usize);
        (0..self.roots.len()).filter(asks).find_map(|t| Some([sample, t, self.targets_of(t).iter().position(|o| *o == output)?]))
    }
}
