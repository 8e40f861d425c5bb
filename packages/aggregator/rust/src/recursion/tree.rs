//! The dataset's Merkle tree as constraints.

use super::hash::hash2;
use super::logic::{assert_zero_unless, select};
use super::path::{Path, MAX_DEPTH};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_chip::{Builder, Cell};

/// A tree of a depth that the circuit does not fix.
pub struct Tree {
    pub root: Cell,
    pub depth: Cell,
    /// 1 for the levels below `depth`, then 0.
    levels: Vec<Cell>,
}

impl Tree {
    pub fn new(b: &mut Builder, root: Fr, depth: usize) -> Self {
        let root = b.witness(root);
        let one = b.constant(Fr::one());
        let levels: Vec<Cell> = (0..MAX_DEPTH).map(|l| b.witness(Fr::from(u64::from(l < depth)))).collect();
        let mut before = one;
        for level in &levels {
            b.assert_bit(*level);
            // No level after one that is missing.
            assert_zero_unless(b, before, *level);
            before = *level;
        }
        let depth = b.linear(&levels.iter().map(|l| (Fr::one(), *l)).collect::<Vec<_>>(), Fr::zero());
        Self { root, depth, levels }
    }

    /// Constrains `leaf` to be in the tree, and gives its index.
    pub fn assert_leaf(&self, b: &mut Builder, leaf: Cell, path: &Path) -> Cell {
        let mut node = leaf;
        let mut index = vec![];
        let mut weight = Fr::one();
        for (l, level) in self.levels.iter().enumerate() {
            let right = b.witness(Fr::from(path.index >> l & 1));
            b.assert_bit(right);
            // Above the root an index has no bits.
            assert_zero_unless(b, *level, right);
            let sibling = b.witness(path.siblings.get(l).copied().unwrap_or_default());
            let (left, right_node) = (select(b, right, sibling, node), select(b, right, node, sibling));
            let parent = hash2(b, left, right_node);
            node = select(b, *level, parent, node);
            index.push((weight, right));
            weight = weight.double();
        }
        b.assert_equal(node, self.root);
        b.linear(&index, Fr::zero())
    }
}
