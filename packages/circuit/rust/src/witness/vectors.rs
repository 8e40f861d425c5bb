//! Phase 2: the lookup's running sums, and the vectors of products.

use super::{Changes, Inverses, Put, Witness};
use crate::circuit::Config;
use crate::claims::{matrix, Atom, Evaluation, Point, Term};
use crate::gadgets::algebra::{power, power_of_two, powers, ratio, signed};
use crate::gadgets::run::{accumulate, Run};
use crate::scalar::Source;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use std::collections::HashMap;

/// Cells of phase 2, and the challenges before it.
#[derive(Clone, Debug)]
pub struct Second {
    pub sigma: Fr,
    pub rho: Fr,
    /// `[column][row]`
    pub sums: Vec<Vec<Fr>>,
    /// Of pairs that are looked up, and of those in the tables; the same of triples.
    pub inverses: Vec<[Vec<Fr>; 2]>,
    /// Of trees.
    pub trees: Option<Inverses>,
    /// Both sides of each product.
    pub vectors: Vec<[Vec<Fr>; 2]>,
}

impl Witness {
    /// Phase 2, computed once: sigma, rho, beta.
    pub fn second(&self, [sigma, rho, beta]: [Fr; 3]) -> &Second {
        self.second.get_or_init(|| {
            let parts = self.parts();
            let (sums, inverses, trees) = self.lookups(beta, rho);
            let header = [sigma, rho, Fr::ZERO, Fr::ZERO];
            let lied: Fr = self.changes.header.iter().filter(|(i, _)| *i == 1).map(|(_, change)| change(&header)).sum();
            let mut open = Open { witness: self, sigma, rho: rho + lied, moved: HashMap::new() };
            let mut vectors: Vec<[Vec<Fr>; 2]> =
                parts.claims.products.iter().map(|p| p.sides.each_ref().map(|terms| open.side(p.length, terms))).collect();
            for (product, side, entry, change) in &self.changes.vectors {
                vectors[*product][*side][*entry] += change(&header);
            }
            Second { sigma, rho, sums, inverses, trees, vectors }
        })
    }

    /// The entries of a committed value, as its cells say.
    pub(super) fn entries(&self, value: usize) -> Vec<Fr> {
        let (parts, layout) = (self.parts(), &self.parts().layout);
        let (_, width) = matrix(parts.graph.facts(value));
        if let Some((g, m)) = layout.matrix(value) {
            let group = &layout.weights[g];
            let offset = 1i128 << group.offset_bits;
            let cell = |row: usize, at: usize| i128::from(self.weights[g][at % group.columns][m.row(row, at / group.columns)]) - offset;
            return (0..m.rows * m.width).map(|i| signed(cell(i / m.width, i % m.width))).collect();
        }
        if let Some(rows) = layout.data_rows(value) {
            let (columns, offset) = (self.data.len(), i128::from(parts.graph.tensors()[value].offset));
            let row =
                |run: &Run| -> Vec<Fr> { (0..width).map(|at| signed(i128::from(self.data[at % columns][run.row(at / columns)]) - offset)).collect() };
            return rows.runs.iter().flat_map(row).collect();
        }
        if let Some(forest) = layout.forest.as_ref().filter(|f| f.forest.value == value) {
            return self.scores(forest);
        }
        let (unit, member) = layout.unit(value).expect("what is committed is a tensor or a unit's output");
        let kind = &layout.kinds[unit.kind];
        let lanes = kind.lanes(&layout.shape).0;
        let row =
            |run: &Run| -> Vec<Fr> { (0..width).map(|at| self.relations(kind, run, at / lanes, at % lanes).swap_remove(member).output).collect() };
        unit.runs.iter().flat_map(row).collect()
    }
}

/// Values with tau left open, given sigma and rho.
struct Open<'a> {
    witness: &'a Witness,
    sigma: Fr,
    rho: Fr,
    /// Of what updates give.
    moved: HashMap<Evaluation, Vec<Fr>>,
}

impl Open<'_> {
    fn point(&self, p: Point) -> Fr {
        match p {
            Point::Sigma => self.sigma,
            Point::Rho => self.rho,
            Point::One => Fr::ONE,
            Point::Tau | Point::Each => unreachable!("drawn later, or none"),
        }
    }

    /// One side of a product, or a value that an update gives.
    fn side(&mut self, length: usize, terms: &[Term]) -> Vec<Fr> {
        let mut out = vec![Fr::ZERO; length];
        for t in terms {
            let open = match &t.atom {
                Atom::Committed(e) => self.committed(*e),
                Atom::Moved(e) => self.moved(*e),
                Atom::Rows(sides) => self.rows(sides),
                Atom::One(place) => (0..length).map(|i| Fr::from(u64::from(i == *place))).collect(),
                Atom::Product(_) => unreachable!("a product of products is refused"),
            };
            let mut factor = factor(t) * t.rate.map_or(Fr::ONE, |(i, f)| self.witness.rates[i] * ratio(f.numerator, f.denominator));
            factor *= power(&self.rho, t.behind);
            // Repetition along what is open repeats the entries; along what is closed it is a factor.
            for r in t.repeats.iter().filter(|r| r.point != Point::Tau) {
                let x = power(&self.point(r.point), r.period);
                factor *= powers(x, r.count).iter().sum::<Fr>();
            }
            out.iter_mut().zip(open.iter().cycle()).for_each(|(o, v)| *o += factor * v);
        }
        out
    }

    /// A committed value.
    fn committed(&self, e: Evaluation) -> Vec<Fr> {
        let (rows, width) = matrix(self.witness.parts().graph.facts(e.value));
        let values = self.witness.entries(e.value);
        if e.last == Point::Tau {
            return combined(width, powers(self.point(e.rows), rows).into_iter().zip(values.chunks(width)));
        }
        let p = powers(self.point(e.last), width);
        values.chunks(width).map(|row| row.iter().zip(&p).map(|(v, p)| *v * p).sum()).collect()
    }

    /// A trained tensor after some of the steps.
    fn moved(&mut self, e: Evaluation) -> Vec<Fr> {
        if let Some(v) = self.moved.get(&e) {
            return v.clone();
        }
        let parts = self.witness.parts().clone();
        let (rows, width) = matrix(parts.graph.facts(e.value));
        let v = self.side(if e.last == Point::Tau { width } else { rows }, &parts.claims.moved[&e]);
        self.moved.insert(e, v.clone());
        v
    }

    /// `sum_i a_i b_i` over the rows of two values, one of them with its last axis open.
    fn rows(&self, sides: &[Vec<Term>; 2]) -> Vec<Fr> {
        let open = |terms: &[Term]| terms.iter().any(|t| matches!(t.atom, Atom::Committed(e) if e.last == Point::Tau));
        let [closed, open] = if open(&sides[1]) { [0, 1] } else { [1, 0] }.map(|i| &sides[i]);
        let mut factors: Vec<Fr> = vec![];
        for (e, times) in closed.iter().map(each) {
            let values = self.committed(Evaluation { rows: Point::One, ..e });
            factors.resize(values.len(), Fr::ZERO);
            factors.iter_mut().zip(&values).for_each(|(f, v)| *f += times * v);
        }
        let mut out: Vec<Fr> = vec![];
        for (e, times) in open.iter().map(each) {
            let (_, width) = matrix(self.witness.parts().graph.facts(e.value));
            let values = self.witness.entries(e.value);
            out.resize(width, Fr::ZERO);
            let sum = combined(width, factors.iter().map(|f| times * f).zip(values.chunks(width)));
            out.iter_mut().zip(sum).for_each(|(o, v)| *o += v);
        }
        out
    }
}

/// Of a sum of rows, what is committed and how often it counts.
fn each(t: &Term) -> (Evaluation, Fr) {
    let Atom::Committed(e) = t.atom else { unreachable!("rows of products are refused") };
    (e, factor(t))
}

fn factor(t: &Term) -> Fr {
    signed(t.coefficient.into()) * power_of_two(t.shift)
}

/// The sum of rows, each times its factor.
fn combined<'a>(width: usize, rows: impl Iterator<Item = (Fr, &'a [Fr])>) -> Vec<Fr> {
    let mut out = vec![Fr::ZERO; width];
    for (factor, row) in rows {
        out.iter_mut().zip(row).filter(|(_, v)| **v != Fr::ZERO).for_each(|(o, v)| *o += factor * v);
    }
    out
}

impl Second {
    /// Assigns phase 2.
    pub fn assign(&self, config: &Config, witness: &Witness, put: &mut Put<'_>) {
        let pairs = config.lookup.pairs.iter().flat_map(|p| [&p.used, &p.listed]).zip(self.inverses.iter().flatten());
        for (column, cells) in config.lookup.sums.iter().zip(&self.sums).chain(pairs) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, *v));
        }
        if let Some((columns, trees)) = config.forest.as_ref().zip(self.trees.as_ref()) {
            trees.assign(columns, put);
        }
        let Some(c) = &config.vectors else { return };
        for (run, sides) in witness.parts().layout.vectors.iter().zip(&self.vectors) {
            for (column, side) in c.sides.iter().zip(sides) {
                side.iter().enumerate().for_each(|(i, v)| put(*column, run.row(i), *v));
            }
            for (i, sum) in self.inner(run, sides, &witness.changes) {
                put(c.inner, run.row(i), sum);
            }
        }
    }

    /// The running sum of a run's products.
    pub(super) fn inner(&self, run: &Run, [u, v]: &[Vec<Fr>; 2], changes: &Changes) -> Vec<(usize, Fr)> {
        let header = [self.sigma, self.rho, Fr::ZERO, Fr::ZERO];
        let lie = |block: usize| -> Fr {
            let here = changes.sums.iter().filter(|(s, end, b, _)| (*s, *end, *b) == (Source::Inner, run.end(), block));
            here.map(|(.., change)| change(&header)).sum()
        };
        accumulate(run, Fr::ONE, |i| u[i] * v[i] + lie(i))
    }
}
