//! Phase 2: the lookup's running sums, and the vectors of products.

use super::{Changes, Put, Witness};
use crate::circuit::Config;
use crate::claims::{matrix, Atom, Evaluation, Point, Term};
use crate::gadgets::algebra::{power_of_two, powers, signed};
use crate::gadgets::range::sums;
use crate::gadgets::run::{accumulate, Run};
use crate::scalar::Source;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;

/// Cells of phase 2, and the challenges before it.
#[derive(Clone, Debug)]
pub struct Second {
    pub sigma: Fr,
    pub rho: Fr,
    /// `[column][row]`
    pub sums: Vec<Vec<Fr>>,
    /// Both sides of each product.
    pub vectors: Vec<[Vec<Fr>; 2]>,
}

impl Witness {
    /// Phase 2, computed once: sigma, rho, beta.
    pub fn second(&self, [sigma, rho, beta]: [Fr; 3]) -> &Second {
        self.second.get_or_init(|| {
            let parts = self.parts();
            let mut sums = sums(beta, &self.counted(), parts.layout.last, &self.looked_up());
            if let Some(from) = self.changes.closed {
                close(&mut sums, from);
            }
            let header = [sigma, rho, Fr::ZERO, Fr::ZERO];
            let lied: Fr = self.changes.header.iter().filter(|(i, _)| *i == 1).map(|(_, change)| change(&header)).sum();
            let side = |length: usize, terms: &[Term]| self.vector(length, terms, sigma, rho + lied);
            let mut vectors: Vec<[Vec<Fr>; 2]> =
                parts.claims.products.iter().map(|p| p.sides.each_ref().map(|terms| side(p.length, terms))).collect();
            for (product, side, entry, change) in &self.changes.vectors {
                vectors[*product][*side][*entry] += change(&header);
            }
            Second { sigma, rho, sums, vectors }
        })
    }

    /// One side of a product: its terms with tau left open.
    fn vector(&self, length: usize, terms: &[Term], sigma: Fr, rho: Fr) -> Vec<Fr> {
        let mut out = vec![Fr::ZERO; length];
        for t in terms {
            let Atom::Committed(e) = t.atom else { unreachable!("a product of products is refused") };
            debug_assert!(!t.rate, "a window of one step");
            let mut factor = signed(t.coefficient.into()) * power_of_two(t.shift);
            // Repetition along what is open repeats the entries; along what is closed it is a factor.
            let repeats = t.repeats.iter().filter(|r| r.point != Point::Tau);
            for r in repeats {
                let x = point(r.point, sigma, rho).pow([r.period as u64]);
                factor *= powers(x, r.count).iter().sum::<Fr>();
            }
            let open = self.open(e, sigma, rho);
            out.iter_mut().zip(open.iter().cycle()).for_each(|(o, v)| *o += factor * v);
        }
        out
    }

    /// A committed value with one of its coordinates at tau left open.
    fn open(&self, e: Evaluation, sigma: Fr, rho: Fr) -> Vec<Fr> {
        let (rows, width) = matrix(self.parts().graph.facts(e.value));
        let values = self.entries(e.value);
        if e.last == Point::Tau {
            let mut out = vec![Fr::ZERO; width];
            for (row, p) in values.chunks(width).zip(powers(point(e.rows, sigma, rho), rows)) {
                out.iter_mut().zip(row).filter(|(_, v)| **v != Fr::ZERO).for_each(|(o, v)| *o += p * v);
            }
            return out;
        }
        let p = powers(point(e.last, sigma, rho), width);
        values.chunks(width).map(|row| row.iter().zip(&p).map(|(v, p)| *v * p).sum()).collect()
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
        let (unit, member) = layout.unit(value).expect("what is committed is a tensor or a unit's output");
        let (kind, lanes) = (&layout.kinds[unit.kind], layout.shape.lanes);
        let row = |run: &Run| -> Vec<Fr> {
            (0..width).map(|at| self.relations(kind, run.row(at / lanes), at % lanes).swap_remove(member).output).collect()
        };
        unit.runs.iter().flat_map(row).collect()
    }
}

fn point(p: Point, sigma: Fr, rho: Fr) -> Fr {
    match p {
        Point::Sigma => sigma,
        Point::Rho => rho,
        Point::One => Fr::ONE,
        Point::Tau | Point::Each => unreachable!("drawn later, or none"),
    }
}

impl Second {
    /// Assigns phase 2.
    pub fn assign(&self, config: &Config, witness: &Witness, put: &mut Put<'_>) {
        for (column, cells) in config.lookup.sums.iter().zip(&self.sums) {
            cells.iter().enumerate().for_each(|(row, v)| put(*column, row, *v));
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

/// Moves a running sum from (column, row) on by what it lacks at its end.
fn close(sums: &mut [Vec<Fr>], (column, row): (usize, usize)) {
    let lacks = -*sums.last().and_then(|c| c.last()).expect("the table's");
    for (c, cells) in sums.iter_mut().enumerate() {
        let from = if c < column { row + 1 } else { row };
        cells.iter_mut().skip(from).for_each(|v| *v += lacks);
    }
}
