//! What a prover could put into the cells of paths through trees.

use super::lies::LAST;
use super::networks::{boosted, grown, scores};
use super::Case;
use pot_circuit::execute::Fault;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::forest::{Group, CELLS, DISTANCE, FEATURE, NODE, RIGHT, THRESHOLD, VALUE};
use pot_circuit::layout::{ForestRows, Layout, Shape};
use pot_circuit::ops::trees::Trees;
use pot_circuit::witness::{Closed, TreeSum, Witness};
use std::collections::BTreeSet;

/// Two samples, by which each kind of lie has a place: the first ends at leaves of the same values, the second asks nothing more from a leaf
/// that stands higher than others.
const DATA: [[i128; 3]; 2] = [[-16, 1, -7], [7, 6, 3]];

/// With these data, where a case has trees.
pub fn asked(mut case: Case) -> Case {
    if case.parts.layout.forest.is_some() {
        case.tensors[0] = DATA.concat();
    }
    case
}

/// A tree of a group, in a sample.
#[derive(Clone, Copy)]
struct Path<'a> {
    rows: &'a ForestRows,
    sample: usize,
    group: &'a Group,
    lane: usize,
}

impl<'a> Path<'a> {
    fn all(rows: &'a ForestRows) -> impl Iterator<Item = Self> {
        let samples = (0..rows.runs.len()).flat_map(move |s| rows.groups.iter().map(move |g| (s, g)));
        samples.flat_map(move |(sample, group)| (0..rows.lanes).map(move |lane| Self { rows, sample, group, lane }))
    }
    fn trees(&self) -> &'a Trees {
        &self.rows.forest.trees
    }
    fn depth(&self) -> usize {
        self.group.depth
    }
    fn row(&self, i: usize) -> usize {
        self.rows.runs[self.sample].row0 + self.group.row + i
    }
    fn column(&self, cell: usize) -> usize {
        self.lane * CELLS + cell
    }
    fn get(&self, w: &Witness, cell: usize, i: usize) -> i64 {
        w.paths[self.column(cell)][self.row(i)]
    }
    fn add(&self, w: &mut Witness, cell: usize, i: usize, v: i64) {
        w.paths[self.column(cell)][self.row(i)] += v;
    }
    fn put(&self, w: &mut Witness, cell: usize, i: usize, v: i64) {
        w.paths[self.column(cell)][self.row(i)] = v;
    }
    /// The sample's feature, as it is stored.
    fn stored(&self, feature: usize) -> i64 {
        DATA[self.sample][feature] as i64 + 16
    }
    fn values(&self, leaf: usize) -> Vec<i64> {
        match leaf == self.rows.forest.grove.nowhere() {
            true => vec![0; self.rows.forest.grove.values],
            false => self.rows.forest.grove.leaf_values(self.trees(), leaf).to_vec(),
        }
    }
    fn leaf(&self, w: &Witness) -> usize {
        self.get(w, NODE, self.depth()) as usize
    }
    /// Steps from these nodes and the leaf that is the last, with everything that follows; a step to what is no child is one to the first.
    fn write(&self, w: &mut Witness, nodes: &[usize]) {
        for i in 0..self.depth() {
            let (grove, here) = (&self.rows.forest.grove, nodes[i] as i64);
            // No line is of the deepest leaves: as if they went on to themselves.
            let [node, feature, threshold, child] = grove.step_of(here).map_or([here, 0, 63, here], |at| grove.entries[at].cells);
            let right = nodes[i + 1] as i64 - child;
            let (x, right) = (self.stored(feature as usize), if [0, 1].contains(&right) { right } else { 0 });
            let distance = if right == 0 { threshold - x } else { x - threshold - 1 };
            for (cell, v) in [(NODE, node), (FEATURE, feature), (THRESHOLD, threshold), (VALUE, x), (DISTANCE, distance), (RIGHT, right)] {
                self.put(w, cell, i, v);
            }
        }
        for (k, v) in self.values(nodes[self.depth()]).into_iter().enumerate() {
            self.put(w, NODE, self.depth() + k, nodes[self.depth()] as i64);
            self.put(w, THRESHOLD, self.depth() + k, v);
        }
    }
}

/// Cells that a constraint is about, of each tree in the first sample: in rows of steps all, in those of leaves node and value.
pub fn bound_cells(layout: &Layout) -> Vec<(usize, usize)> {
    let Some(rows) = &layout.forest else { return vec![] };
    let of = |p: Path<'_>| -> Vec<(usize, usize)> {
        let steps = (0..p.depth()).flat_map(|i| (0..CELLS).map(move |c| (c, i)));
        let leaves = (0..rows.forest.grove.values).flat_map(|k| [NODE, THRESHOLD].map(|c| (c, p.depth() + k)));
        steps.chain(leaves).map(|(c, i)| (p.column(c), p.row(i))).collect()
    };
    Path::all(rows).filter(|p| p.sample == 0).flat_map(of).collect()
}

/// A root of another tree, whose leaf has the same values.
fn another_root(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let (trees, grove) = (p.trees(), &p.rows.forest.grove);
    let walked = |root: usize| {
        let mut nodes = vec![root];
        for _ in 0..p.depth() {
            let [node, feature, threshold, child] = grove.entries[grove.step_of(nodes[nodes.len() - 1] as i64)?].cells;
            let right = p.stored(feature as usize) > threshold;
            nodes.push(if child == node { node } else { child + i64::from(right) } as usize);
        }
        Some(nodes)
    };
    let same = |nodes: &Vec<usize>| {
        let leaf = nodes[p.depth()];
        nodes[0] as i64 != p.get(w, NODE, 0) && trees.is_leaf(leaf) && p.values(leaf) == p.values(p.leaf(w))
    };
    let nodes = trees.roots.iter().filter_map(|r| walked(*r as usize)).find(same)?;
    let mut w = w.clone();
    p.write(&mut w, &nodes);
    Some(w)
}

/// A side that is neither at the last question, by which another leaf of the same values follows, and the distance that goes with it.
fn another_side(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let asks = |i: &usize| p.trees().children.get(p.get(w, NODE, *i) as usize).is_some_and(|c| *c > 0);
    let last = (0..p.depth()).rev().find(asks)?;
    let node = p.get(w, NODE, last) as usize;
    let child = i64::from(*p.trees().children.get(node).filter(|c| **c > 0)?);
    let below = p.get(w, THRESHOLD, last) - p.get(w, VALUE, last);
    let fits = |side: &i64| {
        let (leaf, by) = (usize::try_from(child + side).ok()?, 1 - 2 * side);
        let there = leaf < p.trees().children.len() && p.trees().is_leaf(leaf) && p.values(leaf) == p.values(p.leaf(w));
        // Where rows of steps follow, one that stands higher than others: it goes on to itself.
        let there = there && (last + 1 == p.depth() || p.rows.forest.grove.step_of(leaf as i64).is_some());
        (there && (below + side) % by == 0 && (0..64).contains(&((below + side) / by))).then(|| (*side, (below + side) / by, leaf))
    };
    let (side, distance, leaf) = (-10..10).filter(|s| ![0, 1].contains(s)).find_map(|s| fits(&s))?;
    let mut w = w.clone();
    p.put(&mut w, RIGHT, last, side);
    p.put(&mut w, DISTANCE, last, distance);
    (last + 1..p.depth() + p.rows.forest.grove.values).for_each(|i| p.put(&mut w, NODE, i, leaf as i64));
    Some(w)
}

/// The second value of another leaf, which is the same.
fn another_leaf(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let (mut w, leaf) = (w.clone(), p.leaf(w));
    let same = |l: &usize| *l != leaf && p.trees().is_leaf(*l) && p.values(*l).get(1) == p.values(leaf).get(1);
    let other = (p.rows.forest.grove.values > 1).then(|| (0..p.trees().children.len()).find(same))??;
    p.put(&mut w, NODE, p.depth() + 1, other as i64);
    Some(w)
}

/// A threshold that is one more, with the distance from it.
fn another_threshold(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let first = (0..p.depth()).find(|i| p.get(w, RIGHT, *i) == 0 && p.get(w, DISTANCE, *i) < 63)?;
    let mut w = w.clone();
    [THRESHOLD, DISTANCE].into_iter().for_each(|c| p.add(&mut w, c, first, 1));
    w.changes.closed = Some(Closed::Trees(TreeSum::Used(p.lane), p.row(first)));
    Some(w)
}

/// A value that is not the sample's.
fn another_value(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let first = (0..p.depth()).find(|i| p.get(w, RIGHT, *i) == 0 && p.get(w, DISTANCE, *i) > 0)?;
    let mut w = w.clone();
    p.add(&mut w, VALUE, first, 1);
    p.add(&mut w, DISTANCE, first, -1);
    w.changes.closed = Some(Closed::Trees(TreeSum::Read(p.lane), p.row(first)));
    Some(w)
}

/// A leaf's value that is one more, where another's for the same output is one less.
fn another_leaf_value(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let target = |q: &Path<'_>| p.trees().targets_of(q.group.trees[0])[0];
    let same = |q: &Path<'_>| q.sample == p.sample && (p.row(0), p.lane) != (q.row(0), q.lane) && target(q) == target(&p);
    let other = Path::all(p.rows).find(same)?;
    let mut w = w.clone();
    p.add(&mut w, THRESHOLD, p.depth(), 1);
    other.add(&mut w, THRESHOLD, other.depth(), -1);
    w.changes.closed = Some(Closed::Trees(TreeSum::Used(p.lane), p.row(p.depth())));
    Some(w)
}

fn another_distance(p: Path<'_>, w: &Witness) -> Option<Witness> {
    let mut w = w.clone();
    let step = (0..p.depth()).find(|i| p.get(&w, DISTANCE, *i) < 63)?;
    p.add(&mut w, DISTANCE, step, 1);
    Some(w)
}

/// By the name of what was done wrong.
type Forged = fn(Path<'_>, &Witness) -> Option<Witness>;
const FORGED: &[(&str, Forged)] = &[
    ("the root of another tree", another_root),
    ("a side that is neither", another_side),
    ("a value of another leaf", another_leaf),
    ("another threshold", another_threshold),
    ("a value that is not the sample's", another_value),
    ("another value of a leaf", another_leaf_value),
    ("another distance", another_distance),
];

/// Lies that one constraint alone refuses, of each tree of a row. None where a case has no trees.
pub fn lies(case: &Case) -> Vec<(String, Witness)> {
    let Some(rows) = &case.parts.layout.forest else { return vec![] };
    let (honest, mut out) = (case.honest(), vec![]);
    for lane in 0..rows.lanes {
        let paths = || Path::all(rows).filter(|p| p.lane == lane);
        for (name, forged) in FORGED {
            out.extend(paths().find_map(|p| forged(p, &honest)).map(|w| (name.to_string(), w)));
        }
        // The same lies, closed where nothing is looked up.
        let elsewhere = |forged: Forged, at: Closed| {
            let mut w = paths().find_map(|p| forged(p, &honest)).expect("a place");
            w.changes.closed = Some(at);
            w
        };
        let leaf = paths().find(|p| p.depth() > 0).map(|p| p.row(p.depth())).expect("a path");
        let last = case.parts.layout.last;
        out.push(("a lookup where there is no path".into(), elsewhere(another_threshold, Closed::Trees(TreeSum::Used(lane), last))));
        out.push(("a feature that no step asks for".into(), elsewhere(another_value, Closed::Trees(TreeSum::Read(lane), leaf))));
        if lane == 0 {
            let listed = Closed::Trees(TreeSum::Listed, 1);
            out.push(("a line that is not listed".into(), elsewhere(another_threshold, listed)));
            let data = case.parts.layout.data[0].runs[0].row0;
            for j in 0..honest.data.len() {
                let at = |row: usize| Closed::Trees(TreeSum::Offered(j), row);
                out.push(("a cell of data that is another".into(), elsewhere(another_value, at(data))));
                out.push(("a cell that is no data".into(), elsewhere(another_value, at(last))));
            }
        }
    }
    out
}

/// Outputs as the paths' cells say.
fn follow(w: &mut Witness) {
    let parts = w.parts().clone();
    let rows = parts.layout.forest.as_ref().expect("trees");
    let outputs = &parts.layout.outputs[0];
    for (s, run) in rows.runs.iter().enumerate() {
        let mut sums = vec![0i64; rows.forest.trees.outputs];
        for (row, _, output) in rows.leaves_of(run) {
            sums[output] += (0..rows.lanes).map(|l| w.paths[l * CELLS + THRESHOLD][row]).sum::<i64>();
        }
        let columns = w.outputs.len();
        sums.iter().enumerate().for_each(|(i, v)| w.outputs[i % columns][outputs.runs[s].row(i / columns)] = signed(i128::from(v + (1 << 12))));
    }
}

fn of_scores(trees: Trees, lanes: usize) -> Case {
    let shape = Shape { k: 8, weight_columns: 1, frozen_columns: 1, data_columns: 2, output_columns: 1, lanes, lane_columns: 1 };
    asked(Case::shaped(&scores(trees), shape, 1))
}

/// Attacks on a path, with other scores as they follow, which the prover commits to.
#[test]
fn other_scores() {
    for (trees, lanes) in [(grown(), 1), (grown(), 2), (boosted(), 2)] {
        let case = of_scores(trees, lanes);
        let rows = case.parts.layout.forest.as_ref().expect("trees").clone();
        // The tree of three questions; the first sample comes to node 6 by 0 and 2.
        let p = Path::all(&rows).find(|p| p.group.trees.get(p.lane) == Some(&0)).expect("it is there");
        let honest = case.honest();
        assert_eq!([0, 1, 2].map(|i| p.get(&honest, NODE, i)), [0, 2, 6]);
        let forge_by = |name: &str, constraint: &str, change: &dyn Fn(&mut Witness)| {
            let mut w = case.honest();
            change(&mut w);
            follow(&mut w);
            let violated = case.violated(&w);
            assert!(violated.len() == 1 && violated.iter().all(|v| v.ends_with(constraint)), "{name}: {violated:?}");
        };
        let forge = |name: &str, change: &dyn Fn(&mut Witness)| forge_by(name, LAST, change);
        forge("a wrong child", &|w| p.write(w, &[0, 2, 7]));
        forge("a wrong child further up", &|w| p.write(w, &[0, 3, 3]));
        forge("a path that skips a level", &|w| p.write(w, &[0, 7, 7]));
        forge_by("a path of another tree", "a path begins at its root", &|w| p.write(w, &[1, 4, 4]));
        forge("the leaf of another tree", &|w| p.write(w, &[0, 2, 5]));
        forge("a jump at a leaf", &|w| p.write(w, &[0, 4, 7]));
        forge("another threshold", &|w| {
            p.write(w, &[0, 2, 7]);
            p.put(w, THRESHOLD, 1, p.get(w, VALUE, 1) - 1);
            p.put(w, DISTANCE, 1, 0);
        });
        forge("another feature of the sample", &|w| {
            p.write(w, &[0, 2, 7]);
            // Feature 1, which is 1 and more than 0.
            [(FEATURE, 1), (VALUE, 17), (DISTANCE, 0)].into_iter().for_each(|(c, v)| p.put(w, c, 1, v));
        });
        forge("the other sample's feature", &|w| {
            p.write(w, &[0, 2, 7]);
            [(FEATURE, 2 + rows.stride as i64), (VALUE, 19), (DISTANCE, 2)].into_iter().for_each(|(c, v)| p.put(w, c, 1, v));
        });
        forge("a feature that does not exist", &|w| {
            p.write(w, &[0, 2, 7]);
            [(FEATURE, 40), (VALUE, 60), (DISTANCE, 43)].into_iter().for_each(|(c, v)| p.put(w, c, 1, v));
        });
        forge("a value that is not the sample's", &|w| {
            p.write(w, &[0, 2, 7]);
            [(VALUE, 60), (DISTANCE, 43)].into_iter().for_each(|(c, v)| p.put(w, c, 1, v));
        });
        forge("a leaf's value", &|w| p.add(w, THRESHOLD, 2, 1));
        // Lines of leaves' values say nothing of steps: leaf 7 with value 0 as a node that goes on.
        forge("a leaf's value for a step", &|w| {
            p.write(w, &[0, 2, 7]);
            let value = p.values(6)[0];
            [(NODE, 6), (FEATURE, 0), (THRESHOLD, value), (VALUE, p.stored(0)), (RIGHT, 7)].into_iter().for_each(|(c, v)| p.put(w, c, 1, v));
            [(RIGHT, 0), (DISTANCE, (value - p.stored(0)).max(0))].into_iter().for_each(|(c, v)| p.put(w, c, 1, v));
            p.put(w, VALUE, 1, value - p.get(w, DISTANCE, 1));
        });
    }
}

/// x = threshold goes to the first child, and one more to the second; nothing else is accepted.
#[test]
fn ties_leave_no_choice() {
    for (x, leaf, other) in [(0, 6, 7), (1, 7, 6)] {
        let mut case = of_scores(grown(), 1);
        case.tensors[0][2] = x;
        let rows = case.parts.layout.forest.as_ref().expect("trees").clone();
        let p = Path::all(&rows).find(|p| p.group.trees.get(p.lane) == Some(&0)).expect("it is there");
        let mut w = case.honest();
        assert_eq!((p.get(&w, NODE, 2), case.violated(&w)), (leaf, BTreeSet::new()));
        let right = other - 6;
        let distance = if right == 1 { x as i64 - 1 } else { -(x as i64) };
        assert_eq!(distance, -1);
        for distance in [distance, 0, 63, 64] {
            p.put(&mut w, RIGHT, 1, right);
            p.put(&mut w, DISTANCE, 1, distance);
            (0..2).for_each(|k| p.put(&mut w, NODE, 2 + k, other));
            p.values(other as usize).into_iter().enumerate().for_each(|(k, v)| p.put(&mut w, THRESHOLD, 2 + k, v));
            follow(&mut w);
            w.forget();
            assert!(!case.violated(&w).is_empty(), "{x} {distance}");
        }
    }
}

/// By the executor's own account, wherever a path ends.
#[test]
fn broken_rules_of_each_output() {
    let case = of_scores(boosted(), 2);
    for (rule, entry) in ["child", "leaf"].into_iter().flat_map(|r| [0, 3, 4, 7].map(|e| (r, e))) {
        let lie = case.witness(Some(&Fault { node: "n0", rule, entry })).expect("in range");
        assert_ne!(lie.paths, case.honest().paths);
        assert!(case.violated(&lie).iter().all(|v| v.ends_with(LAST)) && !case.violated(&lie).is_empty(), "{rule} {entry}");
    }
}
