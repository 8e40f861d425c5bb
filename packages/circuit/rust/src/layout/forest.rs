//! Paths: of each sample a run of rows, in which trees stand side by side and groups of them one after the other.

use super::allocator::Allocator;
use super::Shape;
use crate::claims::{matrix, Claims, Forest, Point};
use crate::gadgets::run::Run;
use crate::graph::Graph;
use pot_proof_system::error::PotError;

/// Columns of a tree in a row: its node, the feature and the threshold of that node, the sample's value of this feature, its distance
/// from the threshold, and whether the path goes on to the second child. In a row of a leaf's value the third is the value.
pub const CELLS: usize = 6;
pub const NODE: usize = 0;
pub const FEATURE: usize = 1;
pub const THRESHOLD: usize = 2;
pub const VALUE: usize = 3;
pub const DISTANCE: usize = 4;
pub const RIGHT: usize = 5;

/// Trees side by side, whose leaves' values go to the same outputs.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its first row in a sample's run; one a question on its longest path follow, then one a value of the leaf.
    pub row: usize,
    pub depth: usize,
    pub trees: Vec<usize>,
}

/// Where a forest lies.
#[derive(Clone, Debug)]
pub struct ForestRows {
    pub forest: Forest,
    /// Trees side by side.
    pub lanes: usize,
    pub groups: Vec<Group>,
    pub runs: Vec<Run>,
    /// Where the scores' last axis is evaluated.
    pub points: Vec<Point>,
    /// What keeps the features of a sample apart from those of the next one, and in columns of data a block of them.
    pub stride: usize,
}

impl ForestRows {
    /// Trees of the same targets and of a similar depth stand in a group.
    fn groups(forest: &Forest, lanes: usize) -> Vec<Group> {
        let (trees, grove) = (&forest.trees, &forest.grove);
        let mut order: Vec<usize> = (0..trees.roots.len()).collect();
        order.sort_by_key(|t| (trees.targets_of(*t), grove.depths[*t]));
        let (mut row, mut out) = (0, vec![]);
        for same in order.chunk_by(|a, b| trees.targets_of(*a) == trees.targets_of(*b)) {
            for group in same.chunks(lanes) {
                let depth = group.iter().map(|t| grove.depths[*t]).max().unwrap_or(0);
                out.push(Group { row, depth, trees: group.to_vec() });
                row += depth + grove.values;
            }
        }
        out
    }

    /// Rows of a sample.
    fn rows(&self) -> usize {
        self.groups.last().map_or(0, |g| g.row + g.depth + self.forest.grove.values)
    }

    /// The key of a sample's first feature. Row 0 has none, so that no column is of zeros.
    pub fn key(&self, sample: usize) -> usize {
        1 + sample * self.stride
    }

    /// Rows of steps of each sample, with the key of its features.
    pub fn steps(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let of = move |(s, run): (usize, &Run)| {
            let (row0, key) = (run.row0, self.key(s));
            self.groups.iter().flat_map(move |g| (0..g.depth).map(move |i| (row0 + g.row + i, key)))
        };
        self.runs.iter().enumerate().flat_map(of)
    }

    /// Rows of leaves' values, with the value's number and its output.
    pub fn leaves(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        self.runs.iter().flat_map(|run| self.leaves_of(run))
    }

    /// Those of a sample.
    pub fn leaves_of(&self, run: &Run) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let (row0, trees) = (run.row0, &self.forest.trees);
        let values = move |g: &'_ Group| {
            let (first, targets) = (row0 + g.row + g.depth, trees.targets_of(g.trees[0]).iter().enumerate());
            targets.map(move |(k, output)| (first + k, k, *output)).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(values)
    }
}

/// Errors: `CIRCUIT_TOO_LARGE`.
pub(super) fn place(graph: &Graph, claims: &Claims, shape: &Shape, allocator: &mut Allocator) -> Result<Option<ForestRows>, PotError> {
    let Some(forest) = &claims.forest else { return Ok(None) };
    let lanes = shape.lanes.min(forest.trees.roots.len());
    let output = claims.outputs.contains(&forest.value).then_some(Point::Sigma);
    let mut points: Vec<Point> = claims.evaluations(forest.value).iter().map(|e| e.last).chain(output).collect();
    points.sort_unstable();
    points.dedup();
    let (samples, features) = matrix(graph.facts(forest.input));
    let stride = features.next_multiple_of(shape.data_columns);
    let groups = ForestRows::groups(forest, lanes);
    let mut rows = ForestRows { forest: forest.clone(), lanes, groups, runs: vec![], points, stride };
    allocator.restart();
    rows.runs = (0..samples).map(|_| allocator.run(rows.rows(), 1, rows.points.len())).collect::<Result<_, _>>()?;
    Ok(Some(rows))
}
