//! What a prover could put into the cells of a clamp, and of the losses whose gradients are clamped.

use super::networks::{adapters, clamped, penalised_by_name, penalties, regression, residuals};
use super::softmax::made;
use super::solve::header;
use super::updates::{ADAM, MOMENTUM};
use super::{violated, Case, FORMATS, GRADIENT_BITS};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::claims::matrix;
use pot_circuit::execute::Run;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::{UnitRuns, HEADER};
use pot_circuit::ops::unit::{Cells, Row};
use pot_circuit::ops::{Clamp, Huber, MeanAbsoluteError, Op};
use pot_circuit::witness::Witness;
use std::collections::{BTreeMap, BTreeSet};

/// An entry's numbers: the parts above the minimum and below the maximum, the excess. Plain cells: both flags, then a label, or the
/// gradient that passes or not.
const ABOVE: usize = 0;
const BELOW: usize = 1;
const EXCESS: usize = 2;
const BESIDE: usize = 2;

/// Between what an operator holds a number.
fn between(op: &Op) -> Option<(i128, i128)> {
    match op {
        Op::Clamp(c) => Some((c.minimum.into(), c.maximum.into())),
        Op::MeanAbsoluteError(_) => Some((-1, 1)),
        Op::Huber(h) => Some((-i128::from(h.delta), h.delta.into())),
        _ => None,
    }
}

/// An entry of a unit.
#[derive(Clone)]
struct Site {
    unit: UnitRuns,
    number: usize,
    x: i128,
    between: (i128, i128),
}

impl Site {
    fn inside(&self) -> bool {
        (self.between.0 + 1..self.between.1).contains(&self.x)
    }
    fn outside(&self) -> bool {
        !(self.between.0..=self.between.1).contains(&self.x)
    }

    /// The block's first row, and the lane.
    fn place(&self, w: &Witness) -> (usize, usize) {
        let (layout, (_, width)) = (&w.parts().layout, matrix(w.parts().graph.facts(self.unit.values[0])));
        let (row, at) = (self.number / width, self.number % width);
        let lanes = layout.kinds[self.unit.kind].lanes(&layout.shape).0;
        (self.unit.runs[row].row(at / lanes), at % lanes)
    }

    fn set(&self, w: &mut Witness, number: usize, v: i128) {
        let (row, lane) = self.place(w);
        let parts = w.parts().clone();
        let kind = &parts.layout.kinds[self.unit.kind];
        let first: usize = kind.numbers().take(number).map(|n| n.limbs).sum();
        let limbs = kind.numbers().nth(number).expect("a number").limbs;
        assert!((0..1 << (6 * limbs)).contains(&v), "{v} is no number of {limbs} limbs");
        for l in 0..limbs {
            let slot = kind.slot(&parts.layout.shape, lane, first + l);
            w.units[slot.column][row + slot.row] = (v >> (6 * l) & 63) as i64;
        }
    }

    fn plain<'w>(&self, w: &'w mut Witness, i: usize) -> &'w mut Fr {
        let (row, lane) = self.place(w);
        let slot = w.parts().layout.kinds[self.unit.kind].plain_slot(lane, i);
        &mut w.free[slot.column][row + slot.row]
    }

    fn write(&self, w: &mut Witness, numbers: [i128; 3], flags: [i128; 2]) {
        [ABOVE, BELOW, EXCESS].into_iter().zip(numbers).for_each(|(n, v)| self.set(w, n, v));
        (0..2).zip(flags).for_each(|(i, f)| *self.plain(w, i) = signed(f));
    }
}

/// All entries of such a unit.
fn sites(case: &Case, unit: &UnitRuns, run: &Run<i128>) -> Vec<Site> {
    let Some(between) = between(&case.parts.graph.nodes()[unit.nodes[0]].op) else { return vec![] };
    let x = &run.cells[unit.nodes[0]].iter().find(|c| c.0 == "x").expect("what is held").1;
    x.iter().enumerate().map(|(number, x)| Site { unit: unit.clone(), number, x: *x, between }).collect()
}

/// In each lane an entry between both ends, where such a unit has any.
fn inside(case: &Case, unit: &UnitRuns, run: &Run<i128>) -> Vec<Option<Site>> {
    let all = sites(case, unit, run);
    let lanes = if all.is_empty() { 0 } else { case.parts.layout.shape.lanes };
    let (_, width) = matrix(case.parts.graph.facts(unit.values[0]));
    (0..lanes).map(|lane| all.iter().find(|s| s.number % width % lanes == lane && s.inside()).cloned()).collect()
}

/// Whether lies can be told: of an entry inside in each lane, and of one outside.
pub fn lives(case: &Case, unit: &UnitRuns, run: &Run<i128>) -> bool {
    let all = sites(case, unit, run);
    all.is_empty() || (all.iter().any(Site::outside) && inside(case, unit, run).iter().all(Option::is_some))
}

/// Lies that one constraint of a clamp alone refuses, by its name, in each lane.
pub fn lies(case: &Case, header: &[Fr; HEADER]) -> Vec<(String, Witness)> {
    let run = case.run(None).expect("in range");
    let mut out = vec![];
    for site in case.parts.layout.units.iter().flat_map(|u| inside(case, u, &run)).flatten() {
        let ((minimum, maximum), x) = (site.between, site.x);
        let width = maximum - minimum;
        let (above, below) = (x - minimum, maximum - x);
        // The input is what it was in each of them.
        for (name, numbers, flags) in [
            ("both parts are the range", [above, below + 1, 0], [0, 0]),
            ("no excess inside", [above, below, 1], [0, 0]),
            ("what is over is at the maximum", [0, width, above - 1], [1, 0]),
            ("what is under is at the minimum", [width, 0, below - 1], [0, 1]),
            ("over the maximum is 0 or 1", [width, 0, 0], [-below, 0]),
            ("under the minimum is 0 or 1", [0, width, 0], [0, -above]),
        ] {
            let at = site.clone();
            out.push((name.to_string(), made(case, header, name, move |w| at.write(w, numbers, flags))));
        }
    }
    out
}

/// Limbs of a penalty's remainder, which a weight is a multiple of.
fn remainders(case: &Case) -> Vec<Witness> {
    let penalties = case.parts.layout.units.iter().filter(|u| matches!(case.parts.graph.nodes()[u.nodes[0]].op, Op::L2Penalty(_)));
    let other = |unit: &UnitRuns| {
        let (mut w, layout) = (case.honest(), &case.parts.layout);
        let slot = layout.kinds[unit.kind].slot(&layout.shape, 0, 0);
        let cell = &mut w.units[slot.column][unit.runs[0].row(0) + slot.row];
        *cell += if *cell == 0 { 1 } else { -1 };
        w
    };
    penalties.map(other).collect()
}

/// Witnesses of which one claim is false: of a penalised weight; of another input outside, of another label, of another gradient where none passes.
pub fn false_values(case: &Case) -> Vec<Witness> {
    let run = case.run(None).expect("in range");
    let mut out = remainders(case);
    for site in case.parts.layout.units.iter().filter_map(|u| sites(case, u, &run).into_iter().find(Site::outside)) {
        let node = &case.parts.graph.nodes()[site.unit.nodes[0]];
        let mut w = case.honest();
        let (minimum, maximum) = site.between;
        site.set(&mut w, EXCESS, (minimum - site.x - 1).max(site.x - maximum - 1) + 1);
        out.push(w);
        let mut w = case.honest();
        if let Some(labels) = node.inputs.get(1).and_then(|y| case.parts.layout.data_rows(*y)) {
            w.data[0][labels.runs[0].end()] += 1;
            out.push(w);
        } else if site.unit.nodes.len() > 1 {
            *site.plain(&mut w, BESIDE) += Fr::one();
            out.push(w);
        }
    }
    out
}

fn cases() -> Vec<Case> {
    let huber = Huber { delta: 20, gradient_bits: GRADIENT_BITS };
    let absolute = MeanAbsoluteError { gradient_bits: GRADIENT_BITS };
    vec![
        Case::lively(|seed| Case::training(&clamped(2, [2, 2, 2]), seed)),
        Case::lively(|seed| Case::training(&residuals(2, [2, 2], huber), seed)),
        Case::lively(|seed| Case::training(&residuals(2, [2, 2], absolute), seed)),
    ]
}

#[test]
fn each_constraint_refuses_its_own_lie() {
    for case in cases() {
        let header = header(&case);
        let run = case.run(None).expect("in range");
        // What the tests write is what the executor and the witness say.
        for site in case.parts.layout.units.iter().flat_map(|u| inside(&case, u, &run)).flatten() {
            let (honest, mut w) = (case.honest(), case.honest());
            site.write(&mut w, [site.x - site.between.0, site.between.1 - site.x, 0], [0, 0]);
            assert_eq!((&w.units, &w.free), (&honest.units, &honest.free));
        }
        let lies = lies(&case, &header);
        assert!(lies.len() >= 6);
        for (name, witness) in lies {
            let violations = case.violated(&witness);
            assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(&name)), "{name}: {violations:?}");
        }
    }
}

/// All that cells can say of a small range, limbs and flags beyond their own among them: where every constraint holds, an input has one
/// output, the nearest number, and one flag.
#[test]
fn an_input_has_one_output() {
    for (minimum, maximum) in [(-1i64, 1i64), (0, 1), (-1, 0), (-2, 3), (0, 4)] {
        let op: Op = Clamp { maximum, minimum }.into();
        let mut found: BTreeMap<i128, BTreeSet<(i128, i128)>> = BTreeMap::new();
        let small: BTreeMap<Fr, i128> = (-40..=40).map(|v| (signed(v), v)).collect();
        let each = |numbers: [i128; 3], flags: [i128; 2]| {
            let (numbers, plain) = (numbers.map(signed), flags.map(signed));
            let relation = op.relation(Cells { numbers: &numbers, plain: &plain, row: &Row::none() }, &[], &FORMATS, None);
            let holds = relation.zero.iter().all(|z| z.each == Fr::zero() && z.along == Fr::zero());
            holds.then(|| (small[&relation.inputs[0]], (small[&relation.output], small[&relation.lent.expect("a flag")])))
        };
        for (u, v, excess) in (0..8).flat_map(|u| (0..8).flat_map(move |v| (0..8).map(move |e| (u, v, e)))) {
            for flags in (-2..4).flat_map(|over| (-2..4).map(move |under| [over, under])) {
                if let Some((x, given)) = each([u, v, excess], flags) {
                    found.entry(x).or_default().insert(given);
                }
            }
        }
        for x in i128::from(minimum) - 8..=i128::from(maximum) + 8 {
            let held = x.clamp(minimum.into(), maximum.into());
            assert_eq!(found[&x], BTreeSet::from([(held, i128::from(held == x))]), "{x} in {minimum} to {maximum}");
        }
    }
}

/// Penalties too: of several steps, by each rule, and of adapters.
#[test]
fn honest_steps_hold() {
    let penalised = penalties(&regression(1, [2, 2]), &[2, 3]);
    let adapter = adapters(&regression(1, [2, 2]), &[(2, 2, 4)]);
    let of_adapter = penalised_by_name(&adapter, &["t2.a", "t2.b"]);
    let more = [
        Case::in_range(|seed| Case::window(&penalised, 2, seed)),
        Case::in_range(|seed| Case::optimised(&penalised, 2, &MOMENTUM, seed)),
        Case::in_range(|seed| Case::optimised(&penalised, 1, &ADAM, seed)),
        Case::in_range(|seed| Case::window(&of_adapter, 2, seed)),
    ];
    for case in cases().into_iter().chain(more) {
        assert_eq!(violated(case.honest(), &[]), BTreeSet::new());
    }
}
