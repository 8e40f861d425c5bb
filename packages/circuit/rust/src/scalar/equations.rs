//! The equations of a graph's claims, between what accumulators end with.

use super::program::{Lies, Program, Scalar};
use crate::claims::{matrix, Atom, Claims, Evaluation, Point, Repeat, Target, Term};
use crate::gadgets::algebra::{power_of_two, signed};
use crate::graph::Graph;
use crate::layout::{weight_point, Held, Layout, AFTER, HEADER};
use crate::tensor::Role;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use std::collections::HashMap;

/// An accumulator's end, by what it accumulates and the first row of its run's last block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Of a group of weights, its point's number.
    Weights(usize, usize),
    /// Of data, its point's number.
    Data(usize),
    /// Of a kind of unit, the accumulator's number.
    Unit(usize, usize),
    Output,
    /// The inner product of two vectors, and their sum with omega at tau.
    Inner,
    Vectors,
}

/// What the column gets from elsewhere; zeros during key generation.
pub struct Exports<'a> {
    /// Sigma, rho, tau, omega.
    pub header: [Fr; HEADER],
    /// The public rate, where there is one.
    pub rate: Fr,
    pub at: &'a dyn Fn(Source, usize) -> Fr,
    /// Trained tensors before the step, at (sigma, tau).
    pub before: &'a dyn Fn(usize) -> Fr,
    pub lies: Lies,
}

impl<'a> Exports<'a> {
    /// For key generation.
    pub fn none() -> Self {
        Self { header: [Fr::zero(); HEADER], rate: Fr::zero(), at: &|_, _| Fr::zero(), before: &|_| Fr::zero(), lies: Lies::default() }
    }
}

struct Equations<'a> {
    graph: &'a Graph,
    layout: &'a Layout,
    exports: &'a Exports<'a>,
    program: Program,
    header: [Scalar; HEADER],
    rate: Option<Scalar>,
    /// Trained tensors before the step, at (sigma, tau): free cells.
    before: Vec<(usize, Scalar)>,
    /// Evaluations that are in the column already.
    known: HashMap<Evaluation, Scalar>,
    /// `<u, v>` of each product.
    products: Vec<Scalar>,
}

/// The program of a graph's claims. Errors: `CIRCUIT_TOO_LARGE`.
pub fn program(graph: &Graph, claims: &Claims, layout: &Layout, exports: &Exports<'_>) -> Result<Program, PotError> {
    let mut program = Program::new(layout.taken.clone(), layout.shape.limit(), exports.lies.clone());
    let header = std::array::from_fn(|i| program.put(i, exports.header[i]));
    let rate = (!claims.updates.is_empty()).then(|| program.put(HEADER, exports.rate));
    let mut me = Equations { graph, layout, exports, program, header, rate, before: vec![], known: HashMap::new(), products: vec![] };
    for (weight, _) in &claims.updates {
        let free = me.program.free_cell((exports.before)(*weight))?;
        me.before.push((*weight, free));
    }
    me.data();
    me.products(claims)?;
    for claim in &claims.claims {
        match claim.target {
            Target::Input { node, input } => me.input(node, input, &claim.terms)?,
            Target::After(weight) => me.after(weight, &claim.terms)?,
        }
    }
    me.outputs()?;
    Ok(me.program)
}

impl Equations<'_> {
    fn point(&self, p: Point) -> Scalar {
        match p {
            Point::Sigma => self.header[0],
            Point::Rho => self.header[1],
            Point::Tau => self.header[2],
            Point::One | Point::Each => unreachable!("no challenge"),
        }
    }

    /// A unit's input at (rho, sigma).
    fn input(&mut self, node: usize, input: usize, terms: &[Term]) -> Result<(), PotError> {
        let layout = self.layout;
        let (unit, member) = layout.units.iter().find_map(|u| Some((u, u.nodes.iter().position(|n| *n == node)?))).expect("a unit's");
        let held = layout.kinds[unit.kind].holds(Held::Input(member, input, Point::Sigma));
        let rows: Vec<Scalar> = unit.runs.iter().map(|r| self.export(Source::Unit(unit.kind, held), r.end(), held)).collect();
        let input = self.program.horner(self.header[1], &rows)?;
        let sum = self.sum(terms)?;
        self.program.equal(input, sum);
        Ok(())
    }

    /// A trained tensor at (sigma, tau): what is exported is `before + omega after`.
    fn after(&mut self, weight: usize, terms: &[Term]) -> Result<(), PotError> {
        let both = self.weights(weight, AFTER);
        let after = self.sum(terms)?;
        let before = self.before.iter().find(|(w, _)| *w == weight).expect("it moves").1;
        let sum = self.program.mul_add(before, self.header[3], after)?;
        self.program.equal(sum, both);
        Ok(())
    }

    /// Export number `i` of a run that ends at `row`.
    fn export(&mut self, source: Source, row: usize, i: usize) -> Scalar {
        let v = (self.exports.at)(source, row);
        self.program.put(row + i, v)
    }

    /// Every export of data: a gate fixes them all, whether an equation asks for them or not.
    fn data(&mut self) {
        let layout = self.layout;
        for run in layout.data.iter().flat_map(|d| &d.runs) {
            for i in 0..layout.data_points.len() {
                self.export(Source::Data(i), run.end(), i);
            }
        }
    }

    /// `u(tau) + omega v(tau)` of each product is what its sides' terms say.
    fn products(&mut self, claims: &Claims) -> Result<(), PotError> {
        for (product, run) in claims.products.iter().zip(&self.layout.vectors) {
            let inner = self.export(Source::Inner, run.end(), 0);
            let vectors = self.export(Source::Vectors, run.end(), 1);
            let u = self.sum(&product.sides[0])?;
            let v = self.sum(&product.sides[1])?;
            let both = self.program.mul_add(u, self.header[3], v)?;
            self.program.equal(both, vectors);
            self.products.push(inner);
        }
        Ok(())
    }

    /// What is committed as the graph's outputs is what its units give, row by row.
    fn outputs(&mut self) -> Result<(), PotError> {
        let layout = self.layout;
        for rows in &layout.outputs {
            let (unit, member) = layout.unit(rows.value).expect("an output is a unit's");
            let held = layout.kinds[unit.kind].holds(Held::Output(member, Point::Sigma));
            let shift = self.geometric_offset(Point::Sigma, rows.value, output_offset_bits(self.graph))?;
            for (run, from) in rows.runs.iter().zip(&unit.runs) {
                let stored = self.export(Source::Output, run.end(), 0);
                let value = self.export(Source::Unit(unit.kind, held), from.end(), held);
                let sum = self.program.add(value, shift)?;
                self.program.equal(stored, sum);
            }
        }
        Ok(())
    }

    /// `2^bits (1 + x + ..)`, over the last axis of a value: what its cells' offset is at x.
    fn geometric_offset(&mut self, x: Point, value: usize, bits: u32) -> Result<Scalar, PotError> {
        let (_, width) = matrix(self.graph.facts(value));
        let ones = self.program.geometric(self.point(x), width)?;
        let offset = self.program.constant(power_of_two(bits))?;
        self.program.mul(ones, offset)
    }

    fn sum(&mut self, terms: &[Term]) -> Result<Scalar, PotError> {
        let mut sum: Option<Scalar> = None;
        for t in terms {
            let mut v = match &t.atom {
                Atom::Product(i) => self.products[*i],
                Atom::Committed(e) => self.evaluation(*e)?,
                Atom::Rows(sides) => self.product_of_rows(sides)?,
            };
            for Repeat { point, period, count } in &t.repeats {
                let times = match point {
                    Point::One => self.program.constant(Fr::from(*count as u64))?,
                    point => {
                        let step = self.program.power(self.point(*point), *period)?;
                        self.program.geometric(step, *count)?
                    }
                };
                v = self.program.mul(v, times)?;
            }
            if t.rate {
                let rate = self.rate.expect("a graph with updates has a rate");
                v = self.program.mul(v, rate)?;
            }
            let factor = signed(t.coefficient.into()) * power_of_two(t.shift);
            sum = Some(match sum {
                None if factor == Fr::one() => v,
                None => {
                    let factor = self.program.constant(factor)?;
                    self.program.mul(v, factor)?
                }
                Some(sum) => {
                    let factor = self.program.constant(factor)?;
                    self.program.mul_add(sum, v, factor)?
                }
            });
        }
        Ok(sum.expect("a form has an input"))
    }

    /// `sum_i a_i b_i` over the rows of two values.
    fn product_of_rows(&mut self, sides: &[Vec<Term>; 2]) -> Result<Scalar, PotError> {
        let [left, right] = [self.each_row(&sides[0])?, self.each_row(&sides[1])?];
        let zero = self.program.constant(Fr::zero())?;
        left.into_iter().zip(right).try_fold(zero, |sum, (a, b)| self.program.mul_add(sum, a, b))
    }

    /// A sum of committed values, row by row.
    fn each_row(&mut self, terms: &[Term]) -> Result<Vec<Scalar>, PotError> {
        let mut sums: Option<Vec<Scalar>> = None;
        for t in terms {
            let Atom::Committed(e) = t.atom else { unreachable!("rows of products are refused") };
            let rows = self.rows(e)?;
            let factor = signed(t.coefficient.into()) * power_of_two(t.shift);
            sums = Some(match sums {
                None if factor == Fr::one() => rows,
                sums => {
                    let factor = self.program.constant(factor)?;
                    let zero = self.program.constant(Fr::zero())?;
                    let before = sums.unwrap_or_else(|| vec![zero; rows.len()]);
                    before.into_iter().zip(rows).map(|(sum, r)| self.program.mul_add(sum, r, factor)).collect::<Result<_, _>>()?
                }
            });
        }
        Ok(sums.expect("a form has an input"))
    }

    /// A committed value at a point, once in the column.
    fn evaluation(&mut self, e: Evaluation) -> Result<Scalar, PotError> {
        if let Some(s) = self.known.get(&e) {
            return Ok(*s);
        }
        let s = match self.layout.matrix(e.value) {
            Some(_) => {
                let point = weight_point(&self.graph.tensors()[e.value], &e);
                match self.before.iter().find(|(w, _)| *w == e.value && point == AFTER) {
                    Some((_, before)) => *before,
                    None => self.weights(e.value, point),
                }
            }
            None => {
                let rows = self.rows(e)?;
                let x = if e.rows == Point::One { self.program.constant(Fr::one())? } else { self.point(e.rows) };
                self.program.horner(x, &rows)?
            }
        };
        self.known.insert(e, s);
        Ok(s)
    }

    fn weights(&mut self, value: usize, wanted: [Point; 2]) -> Scalar {
        let layout = self.layout;
        let (group, m) = layout.matrix(value).expect("a tensor of weights");
        let class = &layout.weights[group].classes[m.class];
        let (i, point) = class.iter().enumerate().find(|(_, p)| layout.weights[group].points[**p] == wanted).expect("laid out for it");
        self.export(Source::Weights(group, *point), m.run.end(), i)
    }

    /// Each row of data or of a unit's output, its last axis at the point.
    fn rows(&mut self, e: Evaluation) -> Result<Vec<Scalar>, PotError> {
        let layout = self.layout;
        if let Some((unit, member)) = layout.unit(e.value) {
            let held = layout.kinds[unit.kind].holds(Held::Output(member, e.last));
            return Ok(unit.runs.iter().map(|r| self.export(Source::Unit(unit.kind, held), r.end(), held)).collect());
        }
        let rows = layout.data_rows(e.value).expect("data, where it is neither weights nor a unit's");
        let i = layout.data_points.iter().position(|p| *p == e.last).expect("laid out for it");
        let exported: Vec<Scalar> = rows.runs.iter().map(|r| self.export(Source::Data(i), r.end(), i)).collect();
        let t = &self.graph.tensors()[e.value];
        debug_assert!(matches!(t.role, Role::Data | Role::Label));
        if t.offset == 0 {
            return Ok(exported);
        }
        let (_, width) = matrix(self.graph.facts(e.value));
        let ones = self.program.geometric(self.point(e.last), width)?;
        let less = self.program.constant(signed(-i128::from(t.offset)))?;
        exported.into_iter().map(|x| self.program.mul_add(x, ones, less)).collect()
    }
}

/// Outputs are stored with an offset, so that they are not negative: the largest that a rounding gives is `2^(2b)`.
pub fn output_offset_bits(graph: &Graph) -> u32 {
    2 * graph.formats().limb_bits
}
