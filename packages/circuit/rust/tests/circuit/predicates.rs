//! What a prover could put into the cells of a choice and of comparisons: cells are written anew, as they follow from the lie. The lies
//! that other provers have accepted have tests of their own.

use super::lies::{only, LAST};
use super::networks::{counts, predicates};
use super::softmax::made;
use super::solve::header;
use super::Case;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::execute::Fault;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::{UnitRuns, HEADER};
use pot_circuit::ops::{Compare, Op};
use pot_circuit::witness::Witness;

/// A row with two largest scores, and one whose largest is one more than the last.
const TIED: [i128; 3] = [0, 4, 4];
const APART: [i128; 3] = [4, 6, 5];

const CHOSEN: &str = "what is chosen is the maximum";

fn case() -> Case {
    chosen(Case::new(&predicates(), 1))
}

/// With these scores, where a case has predicates.
pub fn chosen(mut case: Case) -> Case {
    if unit(&case, |op| matches!(op, Op::ArgMax(_))).is_some() {
        case.tensors[0] = [TIED, APART].concat();
    }
    case
}

/// The unit of an operator, unless the case has none.
fn unit(case: &Case, is: impl Fn(&Op) -> bool) -> Option<UnitRuns> {
    case.parts.layout.units.iter().find(|u| is(&case.parts.graph.nodes()[u.nodes[0]].op)).cloned()
}

/// Writes the numbers, of two limbs each, and the row cells of an entry.
fn write(w: &mut Witness, unit: &UnitRuns, [row, entry]: [usize; 2], numbers: &[i128], row_cells: &[Fr]) {
    let parts = w.parts().clone();
    let (shape, kind, at) = (&parts.layout.shape, &parts.layout.kinds[unit.kind], unit.runs[row].row(entry));
    for (limb, v) in numbers.iter().flat_map(|n| [n & 63, n >> 6]).enumerate() {
        let slot = kind.slot(shape, 0, limb);
        w.units[slot.column][at + slot.row] = v as i64;
    }
    row_cells.iter().enumerate().for_each(|(i, v)| w.free[0][at + i] = *v);
}

/// A row of a choice: of each entry the maximum, whether it is the choice, and choices so far; distances follow.
#[derive(Clone)]
struct Choice {
    row: usize,
    entries: [[i128; 3]; 3],
}

impl Choice {
    /// All that follows from a maximum and choices.
    fn of(row: usize, maximum: i128, choices: [i128; 3]) -> Self {
        let entry = |i: usize| [maximum, choices[i], choices[i..].iter().sum()];
        Self { row, entries: [entry(0), entry(1), entry(2)] }
    }

    fn with(mut self, entry: usize, cell: usize, v: i128) -> Self {
        self.entries[entry][cell] = v;
        self
    }

    /// With the comparison of the last entry's choice, as it follows.
    fn write(&self, case: &Case, w: &mut Witness) {
        let scores = if self.row == 0 { TIED } else { APART };
        let choice = unit(case, |op| matches!(op, Op::ArgMax(_))).expect("a choice");
        for (i, [max, chosen, met]) in self.entries.into_iter().enumerate() {
            let distance = max - (met - chosen) - scores[i];
            write(w, &choice, [self.row, i], &[distance], &[max, chosen, met].map(signed));
        }
        let class = unit(case, |op| *op == Compare { least: Some(1), most: None }.into()).expect("a class");
        let q = self.entries[2][1];
        write(w, &class, [self.row, 0], &[if q > 0 { q - 1 } else { -q }], &[signed(i128::from(q > 0))]);
    }
}

/// By the name of what was done wrong, which constraint alone refuses it.
fn choices() -> Vec<(&'static str, &'static str, Choice)> {
    vec![
        ("a select flag that is free", "the choice is 0 or 1", Choice::of(1, 5, [0, 2, -1])),
        ("a maximum that is not pinned: larger than all", CHOSEN, Choice::of(1, 9, [0, 1, 0])),
        ("a maximum that is not pinned: less than one", LAST, Choice::of(1, 5, [0, 0, 1])),
        ("an argmax that the prover chose", CHOSEN, Choice::of(1, 6, [1, 0, 0])),
        ("no choice at all", "one is chosen", Choice::of(1, 9, [0, 0, 0])),
        ("a maximum for each entry", "one maximum a row", Choice::of(1, 6, [1, 0, 0]).with(0, 0, 4)),
        ("of equal scores the last", LAST, Choice::of(0, 4, [0, 0, 1])),
        ("of equal scores both", "the choices so far", Choice::of(0, 4, [0, 1, 1]).with(1, 2, 1).with(0, 2, 1)),
    ]
}

/// A comparison whose flag of a limit is none, and a distance with which the number is what it was. None where that would be a flag.
fn flag(case: &Case, of: &UnitRuns, limit: usize) -> impl Fn(&mut Witness) + 'static {
    let cells = case.run(None).expect("in range").cells[of.nodes[0]].clone();
    let [m, u] = [0, 1].map(|i| cells[2 * limit + i].1[0]);
    let q = m * (2 * u + 1) - u;
    let false_flag = |u: i128| signed(q + u) * signed(2 * u + 1).invert().expect("odd");
    let other = (1..).find(|u| ![Fr::ZERO, Fr::ONE].contains(&false_flag(*u))).expect("a number");
    let (unit, sides) = (of.clone(), cells.len() / 2);
    move |w: &mut Witness| {
        let [mut flags, mut distances] = [0, 1].map(|i| (0..sides).map(|s| cells[2 * s + i].1[0]).collect::<Vec<_>>());
        distances[limit] = other;
        flags[limit] = 0;
        let mut flags: Vec<Fr> = flags.into_iter().map(signed).collect();
        flags[limit] = signed(q + other) * signed(2 * other + 1).invert().expect("odd");
        write(w, &unit, [0, 0], &distances, &flags);
    }
}

/// Lies that one constraint alone refuses. None where a case has no predicates.
pub fn lies(case: &Case, header: &[Fr; HEADER]) -> Vec<(String, Witness)> {
    named_lies(case, header).into_iter().map(|(name, _, w)| (name.to_string(), w)).collect()
}

fn named_lies(case: &Case, header: &[Fr; HEADER]) -> Vec<(&'static str, &'static str, Witness)> {
    let mut out = vec![];
    let chosen = unit(case, |op| matches!(op, Op::ArgMax(_))).is_some();
    for (name, constraint, choice) in choices().into_iter().filter(|_| chosen) {
        // `made` keeps what it is given: the case lives as long as the test.
        let mut w = case.honest();
        choice.write(case, &mut w);
        let (units, free) = (w.units.clone(), w.free.clone());
        let change = move |w: &mut Witness| (w.units, w.free) = (units.clone(), free.clone());
        out.push((name, constraint, made(case, header, name, change)));
    }
    let units = case.parts.layout.units.iter().filter(|u| matches!(case.parts.graph.nodes()[u.nodes[0]].op, Op::Compare(_)));
    for u in units {
        let limits = case.parts.layout.kinds[u.kind].numbers().count();
        for (limit, constraint) in ["the flag is 0 or 1", "the second flag is 0 or 1"].into_iter().enumerate().take(limits) {
            out.push(("a flag that is free", constraint, made(case, header, "a flag that is free", flag(case, u, limit))));
        }
        if limits == 2 {
            // The upper limit's flag is of another number, -1: what is above the band, 0, is said to be in it.
            let unit = u.clone();
            let change = move |w: &mut Witness| write(w, &unit, [0, 0], &[TIED[0] + 3, 0], &[Fr::ONE, Fr::ONE]);
            out.push(("a clamp of one side", "both limits are of one number", made(case, header, "one side", change)));
        }
    }
    out
}

#[test]
fn what_other_provers_accepted_is_refused() {
    let case = case();
    let header = header(&case);
    // What the tests write is what the executor and the witness say.
    let (mut w, honest) = (case.honest(), case.honest());
    Choice::of(0, 4, [0, 1, 0]).write(&case, &mut w);
    Choice::of(1, 6, [0, 1, 0]).write(&case, &mut w);
    assert_eq!((&w.units, &w.free), (&honest.units, &honest.free));
    for (name, constraint, witness) in named_lies(&case, &header) {
        let violations = case.violated(&witness);
        assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(constraint)), "{name}: {violations:?}");
    }
}

/// What is committed as a score is in the range of a cell, and what is committed as a flag is the flag.
#[test]
fn graph_inputs_and_outputs_that_are_not_ranged() {
    let case = case();
    let (mut wide, data) = (case.honest(), case.parts.layout.data[0].runs[0]);
    wide.data[0][data.end()] += 64;
    assert!(case.violated(&wide).iter().any(|v| v.ends_with(LAST)));
    for rows in &case.parts.layout.outputs {
        let mut w = case.honest();
        w.outputs[0][rows.runs[0].end()] += Fr::ONE;
        assert_eq!(case.violated(&w), only("copy"));
    }
}

/// Counts of pairs of choices, with every rule of every node broken.
#[test]
fn counts_are_of_these_choices() {
    let case = Case::in_range(|seed| Case::new(&counts(), seed));
    assert!(case.violated(&case.honest()).is_empty());
    for node in case.parts.graph.nodes() {
        for (rule, entry) in node.op.rules().iter().flat_map(|r| [(r, 0), (r, 4)]) {
            let fault = Fault { node: &node.name, rule, entry };
            let (honest, Some(lie)) = (case.run(None).expect("in range"), case.run(Some(&fault))) else { continue };
            if honest.values != lie.values || honest.cells != lie.cells {
                let violations = case.violated(&case.witness(Some(&fault)).expect("in range"));
                assert!(!violations.is_empty(), "{} {rule} {entry}", node.name);
            }
        }
    }
    for rows in &case.parts.layout.outputs {
        let mut w = case.honest();
        w.outputs[0][rows.runs[0].end()] += Fr::ONE;
        assert_eq!(case.violated(&w), only("copy"));
    }
}
