//! What is no forest.

use super::{Trees, MAX_DEPTH, MAX_LEAF_BITS, MAX_NODES, MAX_OUTPUTS, MAX_TREES};
use crate::tensor::Formats;

impl Trees {
    /// Refuses, in words, nodes that are no trees, and numbers out of range.
    pub(super) fn check(&self, features: usize, formats: &Formats) -> Result<(), String> {
        self.check_sizes()?;
        let most = 1i64 << formats.limb_bits;
        for (i, (child, threshold)) in self.children.iter().zip(&self.thresholds).enumerate() {
            let (child, feature) = (*child as usize, self.features[i] as usize);
            if child == 0 && (feature, *threshold) != (0, 0) {
                return Err(format!("node {i} is a leaf: its feature and its threshold are 0"));
            }
            if child != 0 && (child <= i || child + 1 >= self.children.len()) {
                return Err(format!("node {i}: its children {child} and {}: two numbers of nodes behind it", child + 1));
            }
            if child != 0 && feature >= features {
                return Err(format!("node {i}: feature {feature} of a sample of {features}"));
            }
            if threshold.abs() > most {
                return Err(format!("node {i}: threshold {threshold}: -{most} to {most}"));
            }
        }
        self.check_trees()?;
        self.check_leaves()
    }

    fn check_sizes(&self) -> Result<(), String> {
        let (nodes, trees) = (self.children.len(), self.roots.len());
        if !(1..=MAX_NODES).contains(&nodes) || !(1..=MAX_TREES).contains(&trees) {
            return Err(format!("{nodes} nodes of {trees} trees: 1 to {MAX_NODES} of 1 to {MAX_TREES}"));
        }
        if self.features.len() != nodes || self.thresholds.len() != nodes {
            return Err(format!("{} features and {} thresholds of {nodes} nodes", self.features.len(), self.thresholds.len()));
        }
        let values = self.values();
        if !(1..=MAX_OUTPUTS).contains(&self.outputs) || values == 0 || values * trees != self.targets.len() {
            return Err(format!("{} targets of {trees} trees and {} outputs: as many of each tree", self.targets.len(), self.outputs));
        }
        for tree in 0..trees {
            let targets = self.targets_of(tree);
            if targets.iter().enumerate().any(|(i, t)| *t >= self.outputs || targets[..i].contains(t)) {
                return Err(format!("tree {tree}: each of its targets once, below {}", self.outputs));
            }
        }
        Ok(())
    }

    /// That each node is a root or one node's child, and not both, and no path too long.
    fn check_trees(&self) -> Result<(), String> {
        let mut depth: Vec<Option<usize>> = vec![None; self.children.len()];
        for root in &self.roots {
            match depth.get_mut(*root as usize) {
                Some(d @ None) => *d = Some(0),
                _ => return Err(format!("root {root}: a node, of one tree")),
            }
        }
        for (i, child) in self.children.iter().enumerate() {
            let Some(here) = depth[i] else { return Err(format!("node {i} is in no tree")) };
            if *child == 0 {
                continue;
            }
            if here == MAX_DEPTH {
                return Err(format!("node {i}: a path of more than {MAX_DEPTH} questions"));
            }
            for child in [*child as usize, *child as usize + 1] {
                if depth[child].replace(here + 1).is_some() {
                    return Err(format!("node {child} is a child twice, or a root"));
                }
            }
        }
        match self.children.iter().any(|c| *c != 0) {
            true => Ok(()),
            false => Err("trees without a question: a constant needs no proof".into()),
        }
    }

    fn check_leaves(&self) -> Result<(), String> {
        let leaves = self.children.iter().filter(|c| **c == 0).count();
        if self.leaves.len() != leaves * self.values() {
            return Err(format!("{} values of {leaves} leaves: {} of each", self.leaves.len(), self.values()));
        }
        match self.leaves.iter().find(|v| v.unsigned_abs() >= 1 << MAX_LEAF_BITS) {
            Some(v) => Err(format!("a leaf's value of {v}: less than 2^{MAX_LEAF_BITS}")),
            None => Ok(()),
        }
    }
}
