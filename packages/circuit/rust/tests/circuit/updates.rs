//! Steps of optimisers: honest ones hold, and what a prover could put into their cells is refused.

use super::networks::{classification, regression};
use super::{violated, Case, RATE_BITS};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::autodiff::optimised;
use pot_circuit::circuit::Parts;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::{Shape, UnitRuns};
use pot_circuit::ops::Op;
use pot_circuit::optimizer::Optimizer;
use pot_circuit::witness::{Closed, Witness};
use std::collections::BTreeSet;

pub const MOMENTUM: Optimizer = Optimizer::Momentum { momentum: 58, decay: 37 };
pub const ADAM: Optimizer = Optimizer::Adam { beta1: 58, beta2: 63, epsilon: 23, decay: 200 };
pub const RMSPROP: Optimizer = Optimizer::RmsProp { rho: 57, momentum: 40, epsilon: 77, decay: 0 };
const RULES: [Optimizer; 7] = [
    Optimizer::Sgd { decay: 99 },
    MOMENTUM,
    Optimizer::Momentum { momentum: 63, decay: 0 },
    Optimizer::Adam { beta1: 1, beta2: 60, epsilon: 1, decay: 0 },
    Optimizer::Nesterov { momentum: 58, decay: 7 },
    Optimizer::RmsProp { rho: 50, momentum: 0, epsilon: 1 << 20, decay: 30 },
    RMSPROP,
];

/// Numbers of an entry of a second moment and its ratio.
const OVER: usize = 0;
const UNDER: usize = 1;
const REST: usize = 4;
const ROOM: usize = 5;
/// And its plain cells.
const GRADIENT: usize = 0;
const PARITY: usize = 1;

/// An entry of a unit: the first of a row's in a lane.
struct Site<'a> {
    case: &'a Case,
    unit: &'a UnitRuns,
    lane: usize,
}

impl Site<'_> {
    /// A number as its limbs say it.
    fn number(&self, w: &Witness, number: usize) -> i128 {
        let (slots, row) = self.slots(number);
        slots.iter().rev().fold(0, |v, s| (v << 6) + i128::from(w.units[s.0][row + s.1]))
    }

    fn set(&self, w: &mut Witness, number: usize, v: i128) {
        let (slots, row) = self.slots(number);
        for (i, s) in slots.iter().enumerate() {
            w.units[s.0][row + s.1] = (v >> (6 * i) & 63) as i64;
        }
    }

    fn add(&self, w: &mut Witness, number: usize, by: i128) {
        let v = self.number(w, number) + by;
        self.set(w, number, v);
    }

    /// Column, and row of the block, of each limb; the block's first row.
    fn slots(&self, number: usize) -> (Vec<(usize, usize)>, usize) {
        let (layout, kind) = (&self.case.parts.layout, &self.case.parts.layout.kinds[self.unit.kind]);
        let first: usize = kind.numbers().take(number).map(|n| n.limbs).sum();
        let limbs = kind.numbers().nth(number).expect("a number").limbs;
        let slot = |l: usize| kind.slot(&layout.shape, self.lane, l);
        ((first..first + limbs).map(|l| (slot(l).column, slot(l).row)).collect(), self.unit.runs[0].row(0))
    }

    fn plain<'w>(&self, w: &'w mut Witness, i: usize) -> &'w mut Fr {
        let slot = self.case.parts.layout.kinds[self.unit.kind].plain_slot(self.lane, i);
        &mut w.free[slot.column][self.unit.runs[0].row(0) + slot.row]
    }
}

fn seconds(case: &Case) -> impl Iterator<Item = &UnitRuns> {
    case.parts.layout.units.iter().filter(|u| matches!(case.parts.graph.nodes()[u.nodes[0]].op, Op::SecondMoment(_)))
}

/// Lies that leave everything else as it is, in each lane: a parity of 2 or 3 with the halves one less, which give the same root; and a
/// remainder that does not end where the divisor does.
pub fn lies(case: &Case) -> Vec<(String, Witness)> {
    let mut out = vec![];
    for (unit, lane) in seconds(case).flat_map(|u| (0..case.parts.layout.shape.lanes).map(move |l| (u, l))) {
        let site = Site { case, unit, lane };
        let (mut parity, mut room) = (case.honest(), case.honest());
        if site.number(&parity, OVER) > 0 && site.number(&parity, UNDER) > 0 {
            *site.plain(&mut parity, PARITY) += Fr::from(2);
            [OVER, UNDER].into_iter().for_each(|n| site.add(&mut parity, n, -1));
            out.push((format!("a parity of {:?}, lane {lane}", unit.nodes), parity));
        }
        site.add(&mut room, ROOM, 1);
        out.push((format!("room of {:?}, lane {lane}", unit.nodes), room));
    }
    out
}

/// Witnesses of which one claim is false: of another state before the step; of another remainder, which a moment has; of another
/// gradient, and a second moment before the step that goes with it.
pub fn false_values(case: &Case) -> Vec<Witness> {
    let layout = &case.parts.layout;
    let other_state = |end: usize, by: i128| {
        let mut w = case.honest();
        w.weights[2][0][end] += by as i64;
        w
    };
    let mut out: Vec<Witness> = layout.weights[2].matrices.iter().map(|m| other_state(m.run.end(), 1)).collect();
    for unit in seconds(case) {
        let site = Site { case, unit, lane: 0 };
        let mut w = case.honest();
        let by = if site.number(&w, ROOM) > 0 { 1 } else { -1 };
        site.add(&mut w, REST, by);
        site.add(&mut w, ROOM, -by);
        out.push(w);
        let node = &case.parts.graph.nodes()[unit.nodes[0]];
        let (Op::SecondMoment(op), Some((_, m))) = (&node.op, layout.matrix(node.inputs[0])) else { continue };
        let g = case.run(None).expect("in range").values[node.inputs[1]][0];
        let (factor, extra) = (i128::from(op.factor), case.parts.graph.facts(node.inputs[0]).bits / 2 - case.parts.graph.facts(node.inputs[1]).bits);
        let mut w = other_state(m.run.end(), -((64 - factor) << (2 * extra)) * (2 * g + factor));
        *site.plain(&mut w, GRADIENT) += signed(factor);
        out.push(w);
    }
    out
}

#[test]
fn steps_of_each_rule_hold() {
    for (i, rule) in RULES.iter().enumerate() {
        let graph = if i % 2 == 0 { classification(2, [3, 2]) } else { regression(1, [2, 3, 2]) };
        for steps in [1, 2] {
            let case = Case::in_range(|seed| Case::optimised(&graph, steps, rule, seed));
            assert_eq!(violated(case.honest(), &[]), BTreeSet::new(), "{rule:?}, {steps} steps");
        }
    }
}

/// A window of Adam: a rate that is not the public one of its step, a moment in the middle that is another.
#[test]
fn each_step_has_its_own_rate_and_the_state_of_the_one_before() {
    let case = Case::lively(|seed| Case::optimised(&regression(1, [2, 2]), 2, &ADAM, seed));
    let wanted = |w: &Witness, name: &str| {
        let found = case.violated(w);
        assert!(found.iter().any(|v| v.ends_with(name)), "{name}: {found:?}");
    };
    for step in 0..2 {
        let mut w = case.honest();
        w.rates[step] += Fr::one();
        wanted(&w, "rate");
    }
    assert_eq!(case.parts.claims.rates.len(), 2);
    // The second step's numbers, as if it began elsewhere: its claims are about what the first step's cells say.
    for unit in seconds(&case) {
        let site = Site { case: &case, unit, lane: 0 };
        let mut w = case.honest();
        // One more over the root, so that the second moment is one more: with everything behind it as it follows.
        let parity = *site.plain(&mut w, PARITY) == Fr::one();
        *site.plain(&mut w, PARITY) = if parity { Fr::zero() } else { Fr::one() };
        site.add(&mut w, if parity { OVER } else { UNDER }, if parity { 1 } else { -1 });
        wanted(&w, "copy");
    }
}

#[test]
fn a_limb_beyond_the_table_is_refused_wherever_the_sum_is_closed() {
    let case = Case::lively(|seed| Case::optimised(&regression(1, [2, 2]), 1, &ADAM, seed));
    let unit = seconds(&case).next().expect("a second moment");
    let site = Site { case: &case, unit, lane: 0 };
    for number in 0..6 {
        let (slots, row) = site.slots(number);
        // The lowest limb takes the next one's part; of one limb it is beyond alone.
        let mut w = case.honest();
        let ((column, at), more) = (slots[0], slots.get(1));
        w.units[column][row + at] += 64;
        more.into_iter().for_each(|(column, at)| w.units[*column][row + at] -= 1);
        for closed in [None, Some(Closed::Sum(0, row + at))] {
            let mut w = w.clone();
            w.changes.closed = closed;
            assert!(!case.violated(&w).is_empty(), "number {number}");
        }
    }
}

/// So that one commitment of them serves training and inference: states and rates are behind them, however many steps there are.
#[test]
fn weights_lie_where_they_lie_without_an_optimiser() {
    let graph = regression(1, [2, 2]);
    let shape = Shape { k: 12, weight_columns: 2, frozen_columns: 1, data_columns: 2, output_columns: 1, lanes: 1, lane_columns: 4 };
    let places = |steps: usize, rule: &Optimizer| {
        let training = optimised(&graph, steps, RATE_BITS, rule).expect("differentiable");
        let parts = Parts::training(&training, shape).expect("a circuit");
        assert_eq!(parts.layout.rates.len(), if rule.corrects() { steps } else { 1 });
        parts.layout.weights[0].matrices.iter().map(|m| m.run).collect::<Vec<_>>()
    };
    let plain = places(1, &Optimizer::default());
    for steps in [1, 6] {
        assert_eq!(places(steps, &ADAM), plain);
        assert_eq!(places(steps, &MOMENTUM), plain);
    }
}
