//! The equations of a graph's claims, between what accumulators end with.

use super::program::{Lies, Program, Scalar};
use crate::claims::{after_point, matrix, Atom, Claim, Claims, Evaluation, Point, Repeat, Target, Term};
use crate::gadgets::algebra::{power_of_two, ratio, signed};
use crate::graph::Graph;
use crate::layout::{Held, Layout, HEADER};
use crate::ops::Value;
use crate::tensor::RateFactor;
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
    /// Of trees' scores, its point's number.
    Trees(usize),
    Output,
    /// The inner product of two vectors, and their sum with omega at tau.
    Inner,
    Vectors,
}

/// What the column gets from elsewhere; zeros during key generation.
pub struct Exports<'a> {
    /// Sigma, rho, tau, omega.
    pub header: [Fr; HEADER],
    /// The public rates; none of them during key generation.
    pub rates: &'a [Fr],
    pub at: &'a dyn Fn(Source, usize) -> Fr,
    /// Trained tensors and states before the step, where they are read beside what is after it.
    pub before: &'a dyn Fn(usize) -> Fr,
    pub lies: Lies,
}

impl<'a> Exports<'a> {
    /// For key generation.
    pub fn none() -> Self {
        Self { header: [Fr::zero(); HEADER], rates: &[], at: &|_, _| Fr::zero(), before: &|_| Fr::zero(), lies: Lies::default() }
    }
}

pub(super) struct Equations<'a> {
    pub(super) graph: &'a Graph,
    pub(super) claims: &'a Claims,
    pub(super) layout: &'a Layout,
    exports: &'a Exports<'a>,
    pub(super) program: Program,
    header: [Scalar; HEADER],
    rates: Vec<Scalar>,
    /// What tensors that move are before the step: free cells.
    pub(super) before: Vec<(usize, Scalar)>,
    /// Evaluations that are in the column already, of what updates give too.
    pub(super) known: HashMap<Evaluation, Scalar>,
    /// `<u, v>` of each product.
    products: Vec<Scalar>,
    /// Of tensors of data what each row has to get added, where they are stored with an offset, by the tensor and the last axis' point.
    pub(super) offsets: HashMap<(Value, Point), Scalar>,
    /// Multiples of a constant, by its row: by which rate, and by which power of rho.
    factors: HashMap<(usize, Option<usize>, usize), Scalar>,
}

/// The program of a graph's claims. Errors: `CIRCUIT_TOO_LARGE`.
pub fn program(graph: &Graph, claims: &Claims, layout: &Layout, exports: &Exports<'_>) -> Result<Program, PotError> {
    let mut program = Program::new(layout.taken.clone(), layout.shape.limit(), exports.lies.clone());
    let header = std::array::from_fn(|i| program.put(i, exports.header[i]));
    let rates = layout.rates.iter().enumerate().map(|(i, row)| program.put(*row, exports.rates.get(i).copied().unwrap_or_default())).collect();
    let mut me = Equations {
        graph,
        claims,
        layout,
        exports,
        program,
        header,
        rates,
        before: vec![],
        known: HashMap::new(),
        products: vec![],
        offsets: HashMap::new(),
        factors: HashMap::new(),
    };
    for (weight, _) in &claims.updates {
        let free = me.program.free_cell((exports.before)(*weight))?;
        me.before.push((*weight, free));
    }
    me.exports();
    me.products()?;
    for claim in &claims.claims {
        match claim.targets[..] {
            [(Target::After(weight), _)] => me.after(weight, &claim.terms)?,
            _ => me.inputs(claim)?,
        }
    }
    me.outputs()?;
    Ok(me.program)
}

impl Equations<'_> {
    pub(super) fn point(&self, p: Point) -> Scalar {
        match p {
            Point::Sigma => self.header[0],
            Point::Rho => self.header[1],
            Point::Tau => self.header[2],
            Point::One | Point::Each => unreachable!("no challenge"),
        }
    }

    /// Units' inputs at (rho, sigma), one behind the other.
    fn inputs(&mut self, claim: &Claim) -> Result<(), PotError> {
        let mut shown: Option<Scalar> = None;
        for (target, behind) in &claim.targets {
            let Target::Input { node, input } = *target else { unreachable!("what moves has a claim of its own") };
            let (input, lift) = self.input(node, input)?;
            // What is shown of it is shifted.
            let factor = power_of_two(lift).invert().expect("not 0");
            shown = Some(self.add_times(shown, input, factor, None, *behind)?);
        }
        let sum = self.sum(&claim.terms)?;
        self.program.equal(shown.expect("a claim is about something"), sum);
        Ok(())
    }

    /// What a unit shows of an input, and by how many bits it is shifted.
    fn input(&mut self, node: usize, input: usize) -> Result<(Scalar, u32), PotError> {
        let layout = self.layout;
        let (unit, member) = layout.units.iter().find_map(|u| Some((u, u.nodes.iter().position(|n| *n == node)?))).expect("a unit's");
        let held = layout.kinds[unit.kind].holds(Held::Input(member, input, Point::Sigma));
        let rows: Vec<Scalar> = unit.runs.iter().map(|r| self.export(Source::Unit(unit.kind, held), r.end(), held)).collect();
        Ok((self.program.at(self.header[1], &rows)?, if input == 0 { unit.lifts[member] } else { 0 }))
    }

    /// A tensor that moves: what is exported is `before + omega after`.
    fn after(&mut self, weight: usize, terms: &[Term]) -> Result<(), PotError> {
        let both = self.weights(weight, after_point(&self.graph.tensors()[weight]));
        let after = self.sum(terms)?;
        let before = self.before.iter().find(|(w, _)| *w == weight).expect("it moves").1;
        let sum = self.program.mul_add(before, self.header[3], after)?;
        self.program.equal(sum, both);
        Ok(())
    }

    /// Export number `i` of a run that ends at `row`.
    pub(super) fn export(&mut self, source: Source, row: usize, i: usize) -> Scalar {
        let v = (self.exports.at)(source, row);
        self.program.put(row + i, v)
    }

    /// Every export of data and units: gates fix them all, whether an equation asks for them or not.
    fn exports(&mut self) {
        let layout = self.layout;
        for run in layout.data.iter().flat_map(|d| &d.runs) {
            for i in 0..layout.data_points.len() {
                self.export(Source::Data(i), run.end(), i);
            }
        }
        for unit in &layout.units {
            for (run, i) in unit.runs.iter().flat_map(|r| (0..layout.kinds[unit.kind].held.len()).map(move |i| (r, i))) {
                self.export(Source::Unit(unit.kind, i), run.end(), i);
            }
        }
        for (run, i) in layout.forest.iter().flat_map(|f| f.runs.iter().flat_map(|r| (0..f.points.len()).map(move |i| (r, i)))) {
            self.export(Source::Trees(i), run.end(), i);
        }
    }

    /// Of a value that a unit or trees give, where its rows are exported, their last axis at a point; none of a tensor.
    pub(super) fn exported(&mut self, value: Value, point: Point) -> Option<Vec<Scalar>> {
        let layout = self.layout;
        if let Some(f) = layout.forest.as_ref().filter(|f| f.forest.value == value) {
            let i = f.points.iter().position(|p| *p == point).expect("every evaluation that is wanted is held");
            return Some(f.runs.iter().map(|r| self.export(Source::Trees(i), r.end(), i)).collect());
        }
        let (unit, member) = layout.unit(value)?;
        let held = layout.kinds[unit.kind].holds(Held::Output(member, point));
        Some(unit.runs.iter().map(|r| self.export(Source::Unit(unit.kind, held), r.end(), held)).collect())
    }

    /// `u(tau) + omega v(tau)` of each product is what its sides' terms say.
    fn products(&mut self) -> Result<(), PotError> {
        for (product, run) in self.claims.products.iter().zip(&self.layout.vectors) {
            let inner = self.export(Source::Inner, run.end(), 0);
            let vectors = self.export(Source::Vectors, run.end(), 1);
            // What has no term is 0.
            let u = if product.sides[0].is_empty() { self.program.constant(Fr::zero())? } else { self.sum(&product.sides[0])? };
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
            let shift = self.geometric_offset(Point::Sigma, rows.value, output_offset_bits(self.graph))?;
            let values = self.exported(rows.value, Point::Sigma).expect("an output is a unit's");
            for (run, value) in rows.runs.iter().zip(values) {
                let stored = self.export(Source::Output, run.end(), 0);
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

    pub(super) fn sum(&mut self, terms: &[Term]) -> Result<Scalar, PotError> {
        let mut sum: Option<Scalar> = None;
        for t in terms {
            let mut v = match &t.atom {
                Atom::Product(i) => self.products[*i],
                Atom::One(place) => self.program.power(self.header[2], *place)?,
                Atom::Committed(e) => self.evaluation(*e)?,
                Atom::Moved(e) => self.moved(*e)?,
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
            let factor = signed(t.coefficient.into()) * power_of_two(t.shift);
            sum = Some(self.add_times(sum, v, factor, t.rate, t.behind)?);
        }
        Ok(sum.expect("a form has an input"))
    }

    /// The sum so far and a multiple of a value.
    fn add_times(
        &mut self,
        sum: Option<Scalar>,
        v: Scalar,
        factor: Fr,
        rate: Option<(usize, RateFactor)>,
        behind: usize,
    ) -> Result<Scalar, PotError> {
        match sum {
            None if factor == Fr::one() && rate.is_none() && behind == 0 => Ok(v),
            None => {
                let factor = self.factor(factor, rate, behind)?;
                self.program.mul(v, factor)
            }
            Some(sum) => {
                let factor = self.factor(factor, rate, behind)?;
                self.program.mul_add(sum, v, factor)
            }
        }
    }

    /// A constant, maybe times a rate and a fraction of it, and times a power of rho: once in the column.
    fn factor(&mut self, factor: Fr, rate: Option<(usize, RateFactor)>, behind: usize) -> Result<Scalar, PotError> {
        // The quotient in the field is that of integers: who reads the rate saw that there is one.
        let factor = factor * rate.map_or(Fr::one(), |(_, f)| ratio(f.numerator, f.denominator));
        let constant = self.program.constant(factor)?;
        let key = (constant.row, rate.map(|r| r.0), behind);
        if let Some(known) = self.factors.get(&key) {
            return Ok(*known);
        }
        let mut times = constant;
        if let Some((i, _)) = rate {
            times = self.program.mul(times, self.rates[i])?;
        }
        if behind > 0 {
            let power = self.program.power(self.header[1], behind)?;
            times = if factor == Fr::one() && rate.is_none() { power } else { self.program.mul(times, power)? };
        }
        self.factors.insert(key, times);
        Ok(times)
    }
}

/// Outputs are stored with an offset, so that they are not negative: the largest that a rounding gives is `2^(2b)`.
pub fn output_offset_bits(graph: &Graph) -> u32 {
    2 * graph.formats().limb_bits
}
