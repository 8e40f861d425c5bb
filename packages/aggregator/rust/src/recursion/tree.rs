//! The dataset's Merkle tree as constraints.

use super::hash::{hash2, merkle_leaf};
use super::logic::{assert_zero_unless, select};
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
    /// `levels`: of every level that a tree may have, 1 where the tree has it.
    pub fn new(b: &mut Builder, root: Fr, levels: &[Fr]) -> Self {
        let root = b.witness(root);
        let one = b.constant(Fr::one());
        let levels: Vec<Cell> = levels.iter().map(|v| b.witness(*v)).collect();
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

    /// Constrains `leaf` to be in the tree, and gives its index. `sides`: of every level, 1 where the path is the right one of two nodes;
    /// `siblings`: the other node of each level that the tree has.
    pub fn assert_leaf(&self, b: &mut Builder, leaf: Cell, sides: &[Fr], siblings: &[Fr]) -> Cell {
        let mut node = merkle_leaf(b, leaf);
        let mut index = vec![];
        let mut weight = Fr::one();
        for (l, (level, side)) in self.levels.iter().zip(sides).enumerate() {
            let right = b.witness(*side);
            b.assert_bit(right);
            // Above the root an index has no bits.
            assert_zero_unless(b, *level, right);
            let sibling = b.witness(siblings.get(l).copied().unwrap_or_default());
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
