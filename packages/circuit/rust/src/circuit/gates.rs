//! The gates, all of degree at most 3. docs/operators/circuit.md argues why they suffice.

use super::{Beyond, Config, Parts, WeightColumns};
use crate::claims::{Beside, Point};
use crate::gadgets::algebra::{centered, horner, int, pow2, power, recompose, E};
use crate::gadgets::gates::{advice, challenge, fixed, selector, Gates, Named};
use crate::gadgets::pairs::Place;
use crate::gadgets::run::RunSelectors;
use crate::layout::{Held, Kind, WeightGroup, HEADER};
use crate::ops::unit::Row;
use crate::tensor::Formats;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column, ConstraintSystem, VirtualCells};
use halo2_axiom::poly::Rotation;

impl WeightColumns {
    /// What the limbs beside a column's cell say, with a sign: of so many columns beside it the first ones, by how many there are.
    fn number(&self, v: &mut VirtualCells<'_, Fr>, column: usize, (limbs, of): (usize, usize), b: u32) -> E {
        let cells = self.limbs[column * of..][..limbs].iter().map(|c| advice(v, *c, 0));
        centered(recompose(b, cells.collect()), b, limbs)
    }
}

impl Config {
    /// All of them.
    pub fn gates(&self, cs: &mut ConstraintSystem<Fr>, parts: &Parts) {
        let mut gates = Gates(cs);
        let layout = &parts.layout;
        self.lookup.gates(&mut gates, &self.looked_up(), self.challenges.beta);
        for pairs in &self.lookup.pairs {
            let places = self.places(&layout.kinds, pairs.functions());
            pairs.gates(&mut gates, self.lookup.rows, &places, [self.challenges.beta, self.challenges.rho]);
        }
        for (columns, group) in self.weights.iter().zip(&layout.weights) {
            let b = parts.graph.formats().limb_bits;
            self.weight_gates(&mut gates, columns, group, b);
            if parts.claims.beside == Beside::Weights {
                self.range_gates(&mut gates, columns, group, b);
            }
        }
        self.data_gates(&mut gates, &layout.data_points);
        for (i, kind) in layout.kinds.iter().enumerate() {
            self.unit_gates(&mut gates, parts, i, kind, parts.graph.formats());
        }
        self.forest_gates(&mut gates, parts);
        self.output_gates(&mut gates);
        self.vector_gates(&mut gates);
        self.scalar_gates(&mut gates, !parts.claims.rates.is_empty());
    }

    /// A cell of the scalar column, so many rows below.
    pub(super) fn exported(&self, v: &mut VirtualCells<'_, Fr>, rows: i32) -> E {
        advice(v, self.scalar.expect("what is exported is claimed").cells, rows)
    }

    pub(super) fn point(&self, v: &mut VirtualCells<'_, Fr>, p: Point) -> E {
        challenge(
            v,
            match p {
                Point::Sigma => self.challenges.sigma,
                Point::Rho => self.challenges.rho,
                Point::Tau => self.challenges.tau,
                Point::One | Point::Each => unreachable!("no accumulator is there"),
            },
        )
    }

    /// Each group at its points: `sum = chunk + y^c sum_of_the_next_chunk`, and in a row's first chunk `+ x sum_of_the_next_row`.
    fn weight_gates(&self, gates: &mut Gates<'_>, columns: &WeightColumns, group: &WeightGroup, b: u32) {
        for (i, (sum, [x, y])) in columns.sums.iter().zip(&group.points).enumerate() {
            gates.add("weights", |v| {
                let (x, y) = (self.point(v, *x), self.point(v, *y));
                let mut cells: Vec<E> = columns.cells.iter().map(|c| advice(v, *c, 0) - pow2(group.offset_bits)).collect();
                if group.both(i) {
                    let omega = challenge(v, self.challenges.omega);
                    for (j, (cell, after)) in cells.iter_mut().zip(&columns.after).enumerate() {
                        let mut after = advice(v, *after, 0) - pow2(group.offset_bits);
                        if group.beside() > 0 {
                            after = after - columns.number(v, j, (group.beside(), group.beside()), b);
                        }
                        *cell = cell.clone() + omega.clone() * after;
                    }
                }
                let chunk = horner(&y, cells);
                let step = power(&y, columns.cells.len());
                let (mut active, mut before): (E, E) = (int(0), int(0));
                for (class, _) in columns.classes.iter().zip(&group.classes).filter(|(_, points)| points.contains(&i)) {
                    active = active + fixed(v, class.active);
                    before = before + selector(v, class.next) * advice(v, *sum, -1) * step.clone();
                    for (stride, fold) in &class.fold {
                        before = before + fixed(v, *fold) * advice(v, *sum, -(*stride as i32)) * x.clone();
                    }
                }
                vec![("a matrix at a point", active * (advice(v, *sum, 0) - chunk) - before)]
            });
        }
        for (class, points) in columns.classes.iter().zip(&group.classes).filter(|(_, points)| !points.is_empty()) {
            gates.add("export of weights", |v| {
                let end = selector(v, class.end);
                let export = |(i, p): (usize, &usize)| -> Named {
                    ("a matrix at a point", end.clone() * (self.exported(v, i as i32) - advice(v, columns.sums[*p], 0)))
                };
                points.iter().enumerate().map(export).collect()
            });
        }
    }

    /// A genesis proof's: each weight is what the limbs beside it say.
    fn range_gates(&self, gates: &mut Gates<'_>, columns: &WeightColumns, group: &WeightGroup, b: u32) {
        for (class, limbs) in columns.classes.iter().zip(&group.limbs) {
            gates.add("weights from limbs", |v| {
                let active = fixed(v, class.active);
                let weight = |(j, cell): (usize, &Column<Advice>)| -> Named {
                    let weight = advice(v, *cell, 0) - pow2(group.offset_bits);
                    ("a column's weight", active.clone() * (weight - columns.number(v, j, (*limbs, group.beside()), b)))
                };
                columns.cells.iter().enumerate().map(weight).collect()
            });
        }
    }

    /// The last axis of each row at the points that it is wanted at.
    fn data_gates(&self, gates: &mut Gates<'_>, points: &[Point]) {
        let Some(s) = &self.data_selectors else { return };
        for (i, (sum, point)) in self.data_sums.iter().zip(points).enumerate() {
            gates.add("data", |v| {
                let x = self.point(v, *point);
                let block = horner(&x, self.data.iter().map(|c| advice(v, *c, 0)).collect());
                let step = power(&x, self.data.len());
                let along = s.accumulate(v, (*sum, 0), 1, block, step);
                let export = fixed(v, s.end) * (self.exported(v, i as i32) - advice(v, *sum, 0));
                vec![("a row at a point", along), ("export of a row", export)]
            });
        }
        self.beyond_gates(gates, "data beyond a row", (&self.data_beyond, s, &self.data));
    }

    /// What is committed beside values is 0. All of it was fixed before sigma.
    fn beyond_gates(&self, gates: &mut Gates<'_>, name: &'static str, (beyond, s, columns): (&Beyond, &RunSelectors, &[Column<Advice>])) {
        if beyond.is_empty() {
            return;
        }
        gates.add(name, |v| {
            let x = self.point(v, Point::Sigma);
            let cells: Vec<E> = columns.iter().map(|c| advice(v, *c, 0)).collect();
            beyond.constraints(v, s, &cells, &x)
        });
    }

    /// What a kind's numbers say, and its accumulators.
    fn unit_gates(&self, gates: &mut Gates<'_>, parts: &Parts, number: usize, kind: &Kind, formats: &Formats) {
        let (shape, s) = (&parts.layout.shape, &self.units.kinds[number]);
        let lanes = kind.lanes(shape).0;
        gates.add(kind.members[0].op.name(), |v| {
            let active = fixed(v, s.active);
            let row = self.row_cells(v, kind, s);
            let mut out: Vec<Named> = vec![];
            let mut held: Vec<Vec<E>> = vec![vec![]; kind.held.len()];
            for lane in 0..lanes {
                let plain: Vec<E> = (0..kind.plain())
                    .map(|i| {
                        let s = kind.plain_slot(lane, i);
                        advice(v, self.units.free[s.column], s.row as i32)
                    })
                    .collect();
                let cell = |limb: usize| -> E {
                    let s = kind.slot(shape, lane, limb);
                    advice(v, self.units.cells[s.column], s.row as i32)
                };
                let relations = kind.relations((cell, &plain), &row, formats);
                out.extend(relations.iter().flat_map(|r| &r.zero).map(|z| (z.name, active.clone() * z.each.clone() + z.along.clone())));
                held.iter_mut().zip(&kind.held).for_each(|(values, h)| values.push(h.of(&relations)));
            }
            for (i, (values, h)) in held.into_iter().zip(&kind.held).enumerate() {
                let (name, export) = match h {
                    Held::Input(..) => ("inputs at a point", "export of inputs"),
                    Held::Output(..) => ("outputs at a point", "export of outputs"),
                };
                let x = self.point(v, h.point());
                let slot = kind.accumulator(i);
                let sum = (self.units.sums[slot.column], slot.row as i32);
                let along = s.accumulate(v, sum, kind.height, horner(&x, values), power(&x, lanes));
                out.push((name, along));
                out.push((export, fixed(v, s.end) * (self.exported(v, i as i32) - advice(v, sum.0, sum.1))));
            }
            out
        });
    }

    /// Where units look up in tables of so many functions: in the first rows of each block.
    fn places(&self, kinds: &[Kind], functions: usize) -> Vec<Place> {
        let of = |(kind, s): (&Kind, &RunSelectors)| -> Vec<Place> {
            kind.lookups.iter().enumerate().map(|(below, table)| Place { selector: s.active, below, table: *table }).collect()
        };
        kinds.iter().zip(&self.units.kinds).filter(|(kind, _)| kind.functions == functions).flat_map(of).collect()
    }

    /// Those of a block, and of the block above it in its run.
    fn row_cells(&self, v: &mut VirtualCells<'_, Fr>, kind: &Kind, s: &RunSelectors) -> Row<E> {
        let Some(column) = self.units.free.first().copied().filter(|_| kind.row_cells() > 0) else { return Row::none() };
        let follows = selector(v, s.next);
        let cells = 0..kind.row_cells() as i32;
        let above = |i: i32, v: &mut VirtualCells<'_, Fr>| match s.next {
            Some(_) => follows.clone() * advice(v, column, i - kind.height as i32),
            None => int(0),
        };
        Row {
            here: cells.clone().map(|i| advice(v, column, i)).collect(),
            above: cells.map(|i| above(i, v)).collect(),
            follows: follows.clone(),
            ends: fixed(v, s.end),
        }
    }

    /// What is committed as the graph's outputs, at sigma.
    fn output_gates(&self, gates: &mut Gates<'_>) {
        let Some((s, sum)) = self.output_selectors.as_ref().zip(self.output_sums) else { return };
        gates.add("outputs", |v| {
            let x = self.point(v, Point::Sigma);
            let block = horner(&x, self.outputs.iter().map(|c| advice(v, *c, 0)).collect());
            let step = power(&x, self.outputs.len());
            let along = s.accumulate(v, (sum, 0), 1, block, step);
            let export = fixed(v, s.end) * (self.exported(v, 0) - advice(v, sum, 0));
            vec![("a row at sigma", along), ("export of a row", export)]
        });
        self.beyond_gates(gates, "outputs beyond a row", (&self.output_beyond, s, &self.outputs));
    }

    /// `<u, v>`, and `u + omega v` at tau.
    fn vector_gates(&self, gates: &mut Gates<'_>) {
        let Some(c) = &self.vectors else { return };
        gates.add("vectors", |v| {
            let (tau, omega) = (challenge(v, self.challenges.tau), challenge(v, self.challenges.omega));
            let [a, b] = c.sides.map(|column| advice(v, column, 0));
            let inner = c.selectors.accumulate(v, (c.inner, 0), 1, a.clone() * b.clone(), int(1));
            let sum = c.selectors.accumulate(v, (c.sum, 0), 1, a + omega * b, tau);
            let end = fixed(v, c.selectors.end);
            let mut export = |i: i32, column| end.clone() * (self.exported(v, i) - advice(v, column, 0));
            let exports = [export(0, c.inner), export(1, c.sum)];
            let [first, second] = exports;
            vec![("inner product", inner), ("u + omega v at tau", sum), ("export of the inner product", first), ("export of u + omega v", second)]
        });
    }

    /// The scalar column: header cells, constants, `a + b c = d`.
    fn scalar_gates(&self, gates: &mut Gates<'_>, rate: bool) {
        let Some(scalar) = &self.scalar else { return };
        gates.add("scalars", |v| {
            let first = fixed(v, self.lookup.first);
            let cells: Vec<E> = (0..4).map(|i| advice(v, scalar.cells, i)).collect();
            let c = self.challenges;
            let header = [("sigma", c.sigma), ("rho", c.rho), ("tau", c.tau), ("omega", c.omega)];
            let mut out: Vec<Named> = vec![];
            for ((name, c), cell) in header.into_iter().zip(&cells) {
                out.push((name, first.clone() * (cell.clone() - challenge(v, c))));
            }
            if rate {
                let public = v.query_instance(self.instance, Rotation::cur());
                out.push(match self.rates {
                    Some(rates) => ("rate", fixed(v, rates) * (cells[0].clone() - public)),
                    None => ("rate", first.clone() * (self.exported(v, HEADER as i32) - public)),
                });
            }
            out.push(("a constant", fixed(v, scalar.is_constant) * (cells[0].clone() - fixed(v, scalar.constant))));
            let [a, b, c, d] = [0, 1, 2, 3].map(|i: usize| cells[i].clone());
            out.push(("a + b c = d", fixed(v, scalar.mul_add) * (a + b * c - d)));
            out
        });
    }
}
