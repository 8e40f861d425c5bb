//! Phase 3: accumulators, and the scalar program between their ends.

use super::{Change, Changes, Put, Second, Witness};
use crate::circuit::{Config, Parts};
use crate::claims::{after_point, Point};
use crate::gadgets::algebra::{horner, power, powers, signed};
use crate::gadgets::run::{accumulate, Run};
use crate::layout::{WeightGroup, HEADER};
use crate::scalar::{Exports, Lies, Program, Source};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use std::collections::HashMap;

/// Cells of phase 3, `[row]` each.
pub struct Third {
    weights: [Vec<Vec<Fr>>; 3],
    data: Vec<Vec<Fr>>,
    units: Vec<Vec<Fr>>,
    trees: Vec<Vec<Fr>>,
    outputs: Vec<Fr>,
    vectors: Vec<Fr>,
    pub program: Program,
}

/// Where accumulators go, and their ends.
struct Ends<'a> {
    header: [Fr; HEADER],
    changes: &'a Changes,
    ends: HashMap<(Source, usize), Fr>,
}

impl Ends<'_> {
    fn point(&self, p: Point) -> Fr {
        match p {
            Point::Sigma => self.header[0],
            Point::Rho => self.header[1],
            Point::Tau => self.header[2],
            Point::One | Point::Each => unreachable!("no accumulator is there"),
        }
    }

    /// Sums along a run into a column, `row` rows below the blocks' first.
    fn along(&mut self, source: Source, run: &Run, (column, row): (&mut [Fr], usize), step: Fr, block: impl Fn(usize) -> Fr) {
        for (i, sum) in accumulate(run, step, |i| block(i) + self.lie(source, run, i)) {
            column[run.row(i) + row] = sum;
            self.ends.insert((source, run.end()), sum);
        }
    }

    /// What a cheating prover adds in a block.
    fn lie(&self, source: Source, run: &Run, block: usize) -> Fr {
        let here = self.changes.sums.iter().filter(|(s, end, b, _)| (*s, *end, *b) == (source, run.end(), block));
        here.map(|(.., change)| change(&self.header)).sum()
    }
}

impl Witness {
    /// Phase 3, after phase 2: tau, omega. Errors: `CIRCUIT_TOO_LARGE`.
    pub fn third(&self, [tau, omega]: [Fr; 2]) -> Result<Third, PotError> {
        let second = self.second.get().expect("phase 2 comes before phase 3");
        let parts = self.parts();
        let mut ends = Ends { header: [second.sigma, second.rho, tau, omega], changes: &self.changes, ends: HashMap::new() };
        let mut third = Third {
            weights: [0, 1, 2].map(|g| self.weight_sums(g, &mut ends)),
            data: self.data_sums(&mut ends),
            units: self.unit_sums(&mut ends),
            trees: self.tree_sums(&mut ends),
            outputs: self.output_sums(&mut ends),
            vectors: vector_sums(parts, second, &mut ends),
            program: Program::default(),
        };
        let mut header = ends.header;
        for (i, change) in &self.changes.header {
            header[*i] += change(&ends.header);
        }
        let at = |source: Source, row: usize| {
            let changed = self.changes.exports.iter().filter(|(s, r, _)| *s == source && *r == row);
            changed.map(|c| c.2(&ends.header)).sum::<Fr>() + ends.ends.get(&(source, row)).copied().unwrap_or_default()
        };
        let numbered = |changes: &[(usize, Change)]| changes.iter().map(|(i, change)| (*i, change(&ends.header))).collect();
        let c = &self.changes;
        let lies = Lies { operands: numbered(&c.operands), results: numbered(&c.results), constants: numbered(&c.constants) };
        let before = |weight: usize| self.before(weight, &ends);
        let rates = &self.rates[..];
        third.program = parts.program(&Exports { header, rates, at: &at, before: &before, lies })?;
        Ok(third)
    }

    /// A tensor that moves before the step, where it is read beside what it is after it.
    fn before(&self, weight: usize, ends: &Ends<'_>) -> Fr {
        let [x, y] = after_point(&self.parts().graph.tensors()[weight]).map(|p| ends.point(p));
        let (_, m) = self.parts().layout.matrix(weight).expect("a trained tensor");
        let rows = self.entries(weight).chunks(m.width).map(|row| horner(&y, row.to_vec())).collect();
        horner(&x, rows)
    }

    fn column(&self) -> Vec<Fr> {
        vec![Fr::ZERO; self.parts().layout.shape.limit()]
    }

    fn weight_sums(&self, number: usize, ends: &mut Ends<'_>) -> Vec<Vec<Fr>> {
        let group: &WeightGroup = &self.parts().layout.weights[number];
        let offset = 1i128 << group.offset_bits;
        let after = &self.after[usize::from(number > 0)];
        let mut out = vec![self.column(); group.points.len()];
        for m in &group.matrices {
            for p in &group.classes[m.class] {
                let [x, y] = group.points[*p].map(|p| ends.point(p));
                let y = powers(y, group.columns + 1);
                let mut rows = Fr::ZERO;
                for row in (0..m.rows).rev() {
                    let mut sum = Fr::ZERO;
                    for chunk in (0..m.chunks).rev() {
                        let at = m.row(row, chunk);
                        let omega = ends.header[3];
                        let mut cells: Vec<Fr> = self.weights[number].iter().map(|c| signed(i128::from(c[at]) - offset)).collect();
                        if group.both(*p) {
                            let moved = |j: usize| after[j][at] - signed(offset) - self.deviation(j, at);
                            cells.iter_mut().enumerate().for_each(|(j, v)| *v += omega * moved(j));
                        }
                        let cells = cells.iter().zip(&y).map(|(v, y)| *v * y);
                        sum = sum * y[group.columns] + cells.sum::<Fr>() + ends.lie(Source::Weights(number, *p), &m.run, row * m.chunks + chunk);
                        if chunk == 0 {
                            rows = rows * x + sum;
                            sum = rows;
                        }
                        out[*p][at] = sum;
                    }
                }
                ends.ends.insert((Source::Weights(number, *p), m.run.end()), rows);
            }
        }
        out
    }

    fn data_sums(&self, ends: &mut Ends<'_>) -> Vec<Vec<Fr>> {
        let layout = &self.parts().layout;
        let mut out = vec![self.column(); layout.data_points.len()];
        for (i, (column, point)) in out.iter_mut().zip(&layout.data_points).enumerate() {
            let x = powers(ends.point(*point), self.data.len() + 1);
            for run in layout.data.iter().flat_map(|d| &d.runs) {
                ends.along(Source::Data(i), run, (column, 0), x[self.data.len()], |b| block(&self.data, run.row(b), &x));
            }
        }
        out
    }

    fn output_sums(&self, ends: &mut Ends<'_>) -> Vec<Fr> {
        let mut out = self.column();
        let x = powers(ends.header[0], self.outputs.len() + 1);
        for run in self.parts().layout.outputs.iter().flat_map(|o| &o.runs) {
            ends.along(Source::Output, run, (&mut out, 0), x[self.outputs.len()], |b| {
                self.outputs.iter().zip(&x).map(|(c, p)| c[run.row(b)] * p).sum()
            });
        }
        out
    }

    fn unit_sums(&self, ends: &mut Ends<'_>) -> Vec<Vec<Fr>> {
        let layout = &self.parts().layout;
        let columns = layout.kinds.iter().map(|k| k.accumulator_columns()).max().unwrap_or(0);
        let mut out = vec![self.column(); columns];
        for unit in &layout.units {
            let kind = &layout.kinds[unit.kind];
            let lanes = kind.lanes(&layout.shape).0;
            for run in &unit.runs {
                let blocks: Vec<Vec<_>> = (0..run.len).map(|b| (0..lanes).map(|l| self.relations(kind, run, b, l)).collect()).collect();
                for (i, held) in kind.held.iter().enumerate() {
                    let (point, slot) = (ends.point(held.point()), kind.accumulator(i));
                    let value = |b: usize| horner(&point, blocks[b].iter().map(|r: &Vec<_>| held.of(r)).collect());
                    let step = power(&point, lanes);
                    ends.along(Source::Unit(unit.kind, i), run, (&mut out[slot.column], slot.row), step, value);
                }
            }
        }
        out
    }
}

impl Witness {
    fn tree_sums(&self, ends: &mut Ends<'_>) -> Vec<Vec<Fr>> {
        let Some(rows) = &self.parts().layout.forest else { return vec![] };
        let mut out = vec![self.column(); rows.points.len()];
        for (i, (column, point)) in out.iter_mut().zip(&rows.points).enumerate() {
            let x = ends.point(*point);
            for run in &rows.runs {
                let added = self.added(rows, run, x);
                ends.along(Source::Trees(i), run, (column, 0), Fr::ONE, |b| added[b]);
            }
        }
        out
    }
}

/// A row of a column group at a point, by its powers.
fn block(columns: &[Vec<i64>], row: usize, powers: &[Fr]) -> Fr {
    let cells = columns.iter().zip(powers).filter(|(c, _)| c[row] != 0);
    cells.map(|(c, p)| signed(c[row].into()) * p).sum()
}

fn vector_sums(parts: &Parts, second: &Second, ends: &mut Ends<'_>) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; parts.layout.shape.limit()];
    let [_, _, tau, omega] = ends.header;
    for (run, sides) in parts.layout.vectors.iter().zip(&second.vectors) {
        let [u, v] = sides;
        ends.along(Source::Vectors, run, (&mut out, 0), tau, |i| u[i] + omega * v[i]);
        let inner = second.inner(run, sides, ends.changes).last().map_or(Fr::ZERO, |(_, sum)| *sum);
        ends.ends.insert((Source::Inner, run.end()), inner);
    }
    out
}

impl Third {
    /// Assigns phase 3.
    pub fn assign(&self, config: &Config, put: &mut Put<'_>) {
        let groups = config.weights.iter().map(|w| &w.sums).zip(&self.weights);
        let groups = groups.chain([(&config.data_sums, &self.data), (&config.units.sums, &self.units)]);
        let groups = groups.chain(config.forest.iter().map(|f| (&f.sums, &self.trees)));
        let single = config.output_sums.map(|c| (c, &self.outputs)).into_iter().chain(config.vectors.iter().map(|v| (v.sum, &self.vectors)));
        for (column, cells) in groups.flat_map(|(columns, cells)| columns.iter().copied().zip(cells)).chain(single) {
            for (row, v) in cells.iter().enumerate().filter(|(_, v)| **v != Fr::ZERO) {
                put(column, row, *v);
            }
        }
        let scalars = config.scalar.iter().flat_map(|s| self.program.values.iter().map(|(row, v)| (s.cells, *row, *v)));
        scalars.for_each(|(column, row, v)| put(column, row, v));
    }
}
