//! What follows from the trees alone: where each node stands, and the table in which paths are looked up.

use super::Trees;
use crate::tensor::Formats;

/// A line of the table: of a node that a step goes on from, its number, feature, threshold and first child; of a leaf's value its number,
/// which value, and the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub leaf: bool,
    pub cells: [i64; 4],
}

/// Trees with what they are to a circuit. Behind all nodes stands one more: a leaf of zeros, where there is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grove {
    /// Of each node its tree, and how many questions are before it; of a leaf which it is.
    tree: Vec<usize>,
    depth: Vec<usize>,
    leaf: Vec<usize>,
    /// The longest path of each tree.
    pub depths: Vec<usize>,
    /// Values of a leaf.
    pub values: usize,
    /// All lines; of each node where its step stands, and its first value.
    pub entries: Vec<Entry>,
    steps: Vec<Option<usize>>,
    first_values: Vec<Option<usize>>,
}

impl Grove {
    /// Of trees that are some, whose thresholds are compared with what is stored with this offset.
    pub fn of(trees: &Trees, offset: i64, formats: &Formats) -> Self {
        let nodes = trees.children.len();
        let mut me = Self {
            tree: vec![0; nodes],
            depth: vec![0; nodes],
            leaf: vec![0; nodes],
            depths: vec![0; trees.roots.len()],
            values: trees.values(),
            entries: vec![],
            steps: vec![None; nodes + 1],
            first_values: vec![None; nodes + 1],
        };
        trees.roots.iter().enumerate().for_each(|(t, root)| me.tree[*root as usize] = t);
        let mut leaves = 0;
        for (i, child) in trees.children.iter().map(|c| *c as usize).enumerate() {
            me.depths[me.tree[i]] = me.depths[me.tree[i]].max(me.depth[i]);
            if child == 0 {
                me.leaf[i] = leaves;
                leaves += 1;
                continue;
            }
            for child in [child, child + 1] {
                (me.tree[child], me.depth[child]) = (me.tree[i], me.depth[i] + 1);
            }
        }
        me.list(trees, offset, (1 << formats.limb_bits) - 1);
        me
    }

    /// A leaf that stands higher than the deepest goes on to itself, whatever its sample: no feature is above the last number of a limb.
    fn list(&mut self, trees: &Trees, offset: i64, all: i64) {
        let (nodes, deepest) = (trees.children.len(), self.deepest());
        for i in 0..=nodes {
            let node = i as i64;
            let is_leaf = i == nodes || trees.is_leaf(i);
            if !is_leaf {
                let step = [node, i64::from(trees.features[i]), trees.thresholds[i] + offset, i64::from(trees.children[i])];
                self.step(i, step);
                continue;
            }
            if i == nodes || self.depth[i] < deepest {
                self.step(i, [node, 0, all, node]);
            }
            self.first_values[i] = Some(self.entries.len());
            for k in 0..self.values {
                let value = if i == nodes { 0 } else { trees.leaves[self.leaf[i] * self.values + k] };
                self.entries.push(Entry { leaf: true, cells: [node, k as i64, value, 0] });
            }
        }
    }

    fn step(&mut self, node: usize, cells: [i64; 4]) {
        self.steps[node] = Some(self.entries.len());
        self.entries.push(Entry { leaf: false, cells });
    }

    /// The longest path of all.
    pub fn deepest(&self) -> usize {
        self.depths.iter().copied().max().unwrap_or(0)
    }
    /// The number of the leaf where there is no tree.
    pub fn nowhere(&self) -> usize {
        self.steps.len() - 1
    }
    /// The values of a leaf of these trees.
    pub fn leaf_values<'a>(&self, trees: &'a Trees, node: usize) -> &'a [i64] {
        &trees.leaves[self.leaf[node] * self.values..][..self.values]
    }

    /// Where the step from a node is listed; there is none from the deepest leaves.
    pub fn step_of(&self, node: i64) -> Option<usize> {
        *self.steps.get(usize::try_from(node).ok()?)?
    }
    /// Where a leaf's value of this number is listed.
    pub fn value_of(&self, node: i64, k: usize) -> Option<usize> {
        let first = *self.first_values.get(usize::try_from(node).ok()?)?;
        first.filter(|_| k < self.values).map(|f| f + k)
    }
    /// The line that is this one.
    pub fn find(&self, wanted: Entry) -> Option<usize> {
        let [node, k, ..] = wanted.cells;
        let at = if wanted.leaf { self.value_of(node, usize::try_from(k).ok()?) } else { self.step_of(node) };
        at.filter(|at| self.entries[*at] == wanted)
    }

    /// Of each output the largest sum of leaves' values in absolute value, one leaf of each tree.
    pub fn largest(&self, trees: &Trees) -> Vec<u128> {
        let mut of_tree = vec![vec![0u64; self.values]; trees.roots.len()];
        for i in (0..trees.children.len()).filter(|i| trees.is_leaf(*i)) {
            let most = &mut of_tree[self.tree[i]];
            self.leaf_values(trees, i).iter().zip(most).for_each(|(v, m)| *m = (*m).max(v.unsigned_abs()));
        }
        let mut out = vec![0u128; trees.outputs];
        for (tree, most) in of_tree.iter().enumerate() {
            trees.targets_of(tree).iter().zip(most).for_each(|(target, m)| out[*target] += u128::from(*m));
        }
        out
    }
}
