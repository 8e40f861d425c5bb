//! Gates of trees: each step of a path is looked up in the table of all nodes, and its feature in the sample's data.
//!
//! A step from a node stands for `beta + node + rho feature + rho^2 threshold + rho^3 first child + rho^4`, a leaf's value for `beta +
//! leaf + rho number + rho^2 value + rho^5`, and a feature for `beta + key + rho value + rho^6`: by the last power no line of one
//! lookup is one of another.

use super::{Config, ForestColumns, Parts};
use crate::gadgets::algebra::{int, power, E};
use crate::gadgets::gates::{advice, challenge, fixed, selector, Gates, Named};
use crate::layout::forest::{CELLS, DISTANCE, FEATURE, NODE, RIGHT, THRESHOLD, VALUE};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Challenge, VirtualCells};

/// Powers of rho that say what is looked up.
const STEP: usize = 4;
const LEAF: usize = 5;
const READ: usize = 6;

/// The term of a lookup by its cells: `beta + sum_i rho^i cell_i + rho^kind`.
fn term(v: &mut VirtualCells<'_, Fr>, [beta, rho]: [Challenge; 2], cells: Vec<E>, kind: usize) -> E {
    let (beta, rho) = (challenge(v, beta), challenge(v, rho));
    cells.into_iter().enumerate().fold(beta + power(&rho, kind), |sum, (i, c)| sum + power(&rho, i) * c)
}

impl Config {
    pub(super) fn forest_gates(&self, gates: &mut Gates<'_>, parts: &Parts) {
        let Some((c, rows)) = self.forest.as_ref().zip(parts.layout.forest.as_ref()) else { return };
        self.path_gates(gates, c);
        self.table_gates(gates, c);
        gates.add("scores of trees", |v| {
            let mut out: Vec<Named> = vec![];
            let values = (0..rows.lanes).map(|l| advice(v, c.cells[l * CELLS + THRESHOLD], 0)).reduce(|a, b| a + b).expect("a tree");
            for (i, (sum, point)) in c.sums.iter().zip(&rows.points).enumerate() {
                let x = self.point(v, *point);
                let there = c.fixed.outputs.iter().enumerate().filter_map(|(output, column)| Some((output, (*column)?)));
                let weight = there.map(|(output, column)| fixed(v, column) * power(&x, output)).reduce(|a, b| a + b).expect("an output");
                out.push(("scores at a point", c.fixed.runs.accumulate(v, (*sum, 0), 1, weight * values.clone(), int(1))));
                out.push(("export of scores", fixed(v, c.fixed.runs.end) * (self.exported(v, i as i32) - advice(v, *sum, 0))));
            }
            out
        });
    }

    /// Of each tree: where its path begins, how it goes on, and what is looked up.
    fn path_gates(&self, gates: &mut Gates<'_>, c: &ForestColumns) {
        let drawn = [self.challenges.beta, self.challenges.rho];
        for (lane, cells) in c.cells.chunks(CELLS).enumerate() {
            gates.add("a path", |v| {
                let [leaf, step] = c.fixed.rows(v);
                let (rows, active) = (fixed(v, self.lookup.rows), fixed(v, c.fixed.runs.active));
                let [node, feature, threshold, value, distance, right] =
                    [NODE, FEATURE, THRESHOLD, VALUE, DISTANCE, RIGHT].map(|i| advice(v, cells[i], 0));
                let next = advice(v, cells[NODE], 1);
                let number = selector(v, c.fixed.number);
                let line = term(v, drawn, vec![node.clone(), feature.clone(), threshold.clone(), next - right.clone()], STEP);
                let leaf_line = term(v, drawn, vec![node.clone(), number, threshold.clone()], LEAF);
                let asked = fixed(v, c.fixed.asked) + feature;
                let read_line = term(v, drawn, vec![asked, value.clone()], READ);
                let [used, read] = [&c.used, &c.read].map(|columns| advice(v, columns[lane], 0));
                let one = || int::<E>(1);
                let side = distance.clone() - right.clone() * (int::<E>(2) * distance + one());
                let root = fixed(v, c.fixed.roots[lane]);
                let mut out = vec![
                    ("a path begins at its root", fixed(v, c.fixed.first) * (node.clone() - root)),
                    ("a side is 0 or 1", step.clone() * right.clone() * (right - one())),
                    ("a comparison", step.clone() * (threshold - value - side)),
                    ("a step is of the table", step.clone() * (used.clone() * line - one())),
                    ("a leaf's value is of the table", leaf * (used.clone() * leaf_line - one())),
                    ("nothing else is looked up", (rows.clone() - active) * used),
                    ("a feature is the sample's", step.clone() * (read.clone() * read_line - one())),
                    ("no other feature is read", (rows - step) * read),
                ];
                if let Some(again) = c.fixed.again {
                    out.push(("all values are of one leaf", fixed(v, again) * (node - advice(v, cells[NODE], -1))));
                }
                out
            });
        }
    }

    /// What is listed: lines of the table, and cells of data.
    fn table_gates(&self, gates: &mut Gates<'_>, c: &ForestColumns) {
        let drawn = [self.challenges.beta, self.challenges.rho];
        gates.add("a table of trees", |v| {
            let (rows, data, rho) = (fixed(v, self.lookup.rows), fixed(v, c.fixed.data), challenge(v, self.challenges.rho));
            let cells = c.fixed.table.iter().map(|column| fixed(v, *column)).collect();
            let line = term(v, drawn, cells, STEP) + fixed(v, c.fixed.is_leaf) * (power(&rho, LEAF) - power(&rho, STEP));
            let listed = advice(v, c.listed, 0) * line - advice(v, c.multiplicities, 0);
            let mut out = vec![("a line of the table", rows.clone() * listed)];
            for (j, offered) in c.offered.iter().enumerate() {
                let key = fixed(v, c.fixed.data_key) + int(j as i128);
                let cell = advice(v, self.data[j], 0);
                let line = term(v, drawn, vec![key, cell], READ);
                let offered = advice(v, *offered, 0);
                let times = advice(v, c.read_multiplicities[j], 0);
                out.push(("a cell of data", data.clone() * (offered.clone() * line - times)));
                out.push(("nothing else is offered", (rows.clone() - data.clone()) * offered));
            }
            out
        });
    }
}
