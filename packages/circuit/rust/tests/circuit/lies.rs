//! Every kind of cell is lied about, with everything that follows recomputed. What a lie violates is known: where that is one
//! constraint alone, the lie is accepted by a circuit without it, so that its loss would be noticed. All constraints are noticed so.

use super::networks::{
    self, adapters, bent, binary, clamped, classification, dense, local, penalties, products, regression, residual, residuals, sums,
};
use super::solve::{double, header, only_wrong, program, solved, Lie};
use super::updates::{self, ADAM, MOMENTUM, RMSPROP};
use super::{activations, clamps, constraint_name, predicates, sigmoid, softmax, trees, violated, Case, GRADIENT_BITS};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, Gate};
use pot_circuit::circuit::Config;
use pot_circuit::execute::Fault;
use pot_circuit::layout::forest::{CELLS, DISTANCE};
use pot_circuit::layout::{Rows, Shape, HEADER};
use pot_circuit::ops::activation::Name;
use pot_circuit::ops::{MeanAbsoluteError, Op};
use pot_circuit::scalar::Source;
use pot_circuit::witness::{Closed, Witness};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

pub const LAST: &str = "zero after the last row";

/// With one mock prover each, for all tests.
pub fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| CIRCUITS.iter().map(|(_, made)| trees::asked(predicates::chosen(Case::lively(made)))).collect())
}

/// Two lanes, and more than one column of each kind.
const WIDE: Shape = Shape { k: 9, weight_columns: 3, frozen_columns: 2, data_columns: 3, output_columns: 2, lanes: 2, lane_columns: 3 };

/// What each case is of, in the report's words.
#[allow(clippy::type_complexity)]
pub const CIRCUITS: &[(&str, fn(u64) -> Case)] = &[
    ("inference", |seed| Case::new(&dense(2, [4, 3, 2]), seed)),
    ("inference, a residual network", |seed| Case::new(&residual(), seed)),
    ("inference, products of data", |seed| Case::new(&products(), seed)),
    ("inference, sums", |seed| Case::new(&sums(), seed)),
    ("a step, squared error", |seed| Case::training(&regression(2, [4, 3, 2]), seed)),
    ("two steps, squared error", |seed| Case::window(&regression(1, [2, 2, 2]), 2, seed)),
    ("a step, softmax with cross-entropy", |seed| Case::training(&classification(2, [4, 2, 3]), seed)),
    ("a step with a tolerance", |seed| Case::tolerant(&regression(1, [2, 2, 2]), 2, seed)),
    ("a step of adapters", |seed| Case::training(&adapters(&regression(1, [2, 2, 2]), &[(2, 2, 4), (4, 2, 3)]), seed)),
    ("two steps of an adapter", |seed| Case::window(&adapters(&regression(1, [2, 2]), &[(2, 2, 3)]), 2, seed)),
    ("two steps of a layer alone", |seed| Case::window(&local([2, 3, 2, 2]), 2, seed)),
    ("inference, predicates", |seed| Case::new(&networks::predicates(), seed)),
    ("inference, two lanes", |seed| Case::shaped(&dense(2, [4, 3, 3]), WIDE, seed)),
    // Outputs that fill their last block and that do not; data of two widths, neither of which does.
    ("inference, several columns", |seed| Case::shaped(&residual(), Shape { lanes: 1, ..WIDE }, seed)),
    ("a step, several columns", |seed| Case::training_shaped(&regression(2, [4, 3, 2]), Shape { lanes: 1, ..WIDE }, seed)),
    ("a step by momentum", |seed| Case::optimised(&regression(2, [2, 2]), 1, &MOMENTUM, seed)),
    ("a step by AdamW", |seed| Case::optimised(&regression(1, [2, 3]), 1, &ADAM, seed)),
    ("a step by RMSProp", |seed| Case::optimised(&regression(1, [2, 2]), 1, &RMSPROP, seed)),
    // Adapters, whose B' moves by twice the rate, on a base that has rows of its own.
    ("a step of an adapter by AdamW", |seed| Case::optimised(&adapters(&regression(1, [2, 2]), &[(2, 2, 4)]), 1, &ADAM, seed)),
    ("a step through GELU and a sigmoid", |seed| Case::training(&bent(2, [3, 2, 2], &[Name::Gelu, Name::Sigmoid]), seed)),
    ("a step through tanh and a softmax", |seed| Case::training(&bent(2, [2, 2, 2], &[Name::Tanh]), seed)),
    ("a step through LeakyReLU, two lanes", |seed| {
        let graph = bent(2, [3, 3, 3], &[Name::LeakyRelu, Name::LeakyRelu]);
        Case::training_shaped(&graph, Shape { lane_columns: 4, ..WIDE }, seed)
    }),
    ("a step by AdamW, two lanes", |seed| {
        Case::optimised_shaped(&regression(2, [3, 2]), (1, &ADAM), Shape { k: 10, data_columns: 1, lane_columns: 5, ..WIDE }, seed)
    }),
    ("a step, absolute error", |seed| Case::training(&residuals(2, [2, 2], MeanAbsoluteError { gradient_bits: GRADIENT_BITS }), seed)),
    ("a step, binary cross-entropy", |seed| Case::training(&binary(2, [2, 2], 40), seed)),
    ("a step, penalties", |seed| Case::training(&penalties(&regression(1, [2, 2]), &[2, 3]), seed)),
    ("inference, trees", |seed| Case::new(&networks::forest(networks::grown()), seed)),
    ("inference, trees side by side", |seed| Case::shaped(&networks::forest(networks::boosted()), WIDE, seed)),
    ("inference, trees of several values side by side", |seed| Case::shaped(&networks::forest(networks::grown()), WIDE, seed)),
    // A hidden layer's values, with their gradient; two lanes.
    ("a step, values clamped, Huber's loss", |seed| Case::training_shaped(&clamped(2, [2, 2, 2]), WIDE, seed)),
];

pub fn only(name: &str) -> BTreeSet<String> {
    BTreeSet::from([name.to_string()])
}

/// A rule of an operator, and a constraint that refuses it broken.
type Refusal = (&'static str, &'static str, String);

/// Rules of each case's operators, and what refuses each when it is broken with everything downstream recomputed.
pub fn rules_refused() -> &'static [Vec<Refusal>] {
    static REFUSED: OnceLock<Vec<Vec<Refusal>>> = OnceLock::new();
    REFUSED.get_or_init(|| cases().iter().map(broken_rules).collect())
}

fn broken_rules(case: &Case) -> Vec<Refusal> {
    let (g, mut out) = (&case.parts.graph, vec![]);
    for (i, node) in g.nodes().iter().enumerate() {
        // What a given gradient is of is in no cell.
        let value = g.tensors().len() + i;
        let users = || g.nodes().iter().filter(|n| n.inputs.contains(&value));
        if users().count() > 0 && users().all(|n| matches!(n.op, Op::GivenGradient(_)) && n.inputs[1] != value) {
            continue;
        }
        let entries = g.facts(g.tensors().len() + i).len();
        for (rule, entry) in node.op.rules().iter().flat_map(|r| [(r, 0), (r, entries - 1)]) {
            let fault = Fault { node: &node.name, rule, entry };
            let (Some(honest), Some(lie)) = (case.run(None), case.run(Some(&fault))) else { continue };
            if honest.values == lie.values && honest.cells == lie.cells {
                continue;
            }
            let lie = case.witness(Some(&fault)).expect("in range");
            let violations: BTreeSet<String> = case.violated(&lie);
            let expected = refusing(case, i, rule);
            assert!(violations.iter().any(|v| v.ends_with(expected)), "{} {rule} {entry}: {violations:?}", node.name);
            // Where a mask is another one, its gradient too is not the executor's; what is no label is so in several ways; by another
            // root than the block's the moment is another too, and by the slope of another value a gradient; a later choice leaves entries
            // before it that are no less; a distance is of one number for both limits.
            let several = ["mask", "label", "root", "choice", "distance"].contains(rule) || matches!(node.op, Op::Activation(_));
            assert!(violations.len() == 1 || several, "{} {rule} {entry}: {violations:?}", node.name);
            out.extend(violations.into_iter().map(|v| (node.op.name(), *rule, v)));
        }
    }
    out
}

#[test]
fn each_rule_of_each_node() {
    // What is asserted of each is in there.
    assert!(rules_refused().iter().all(|refused| !refused.is_empty()));
}

/// What refuses a broken rule. What has no cells of its own is not what a unit's input says, nor is a quotient without a remainder, nor
/// what is made of a gradient whose mask is another; else limbs are left.
fn refusing(case: &Case, node: usize, rule: &str) -> &'static str {
    let g = &case.parts.graph;
    let bits = |v: usize| g.facts(v).bits;
    let exact = bits(g.nodes()[node].inputs[0]) == bits(g.tensors().len() + node);
    match (&g.nodes()[node].op, rule) {
        (Op::Round(_), "mask") => LAST,
        (Op::Round(_) | Op::RoundGradient(_), "quotient") if !exact => LAST,
        (Op::Activation(_) | Op::ActivationGradient(_), "quotient") if !exact => LAST,
        (Op::Activation(_), "mask" | "value" | "product") | (Op::ActivationGradient(_), "product") => LAST,
        (Op::Activation(_), "clamp") => "at the table's end",
        (Op::ActivationGradient(_), "slope") => "the gradient times the slope",
        (Op::SoftmaxCrossEntropy(_), "exponential" | "quotient") => LAST,
        (Op::Downscale(_) | Op::SecondMoment(_) | Op::Ratio(_), "quotient") => LAST,
        (Op::Ratio(_), "root") => "the remainder is below the divisor",
        (Op::SigmoidCrossEntropy(_), "exponential" | "quotient") | (Op::L2Penalty(_), "quotient") => LAST,
        (Op::Clamp(_) | Op::MeanAbsoluteError(_) | Op::Huber(_), "clamp" | "side") => LAST,
        (Op::Trees(_), "child" | "leaf") => LAST,
        (Op::ArgMax(_), "maximum" | "choice") => "what is chosen is the maximum",
        (Op::Compare(_), "flag" | "second flag") => LAST,
        (Op::Compare(_), "second distance") => "both limits are of one number",
        (Op::SoftmaxCrossEntropy(_), "maximum") => "the maximum is met",
        (Op::SoftmaxCrossEntropy(_), "sum") => "the last sum so far is the sum and a label",
        _ => "copy",
    }
}

/// A cell that is changed alone, with everything downstream as it follows.
#[test]
fn each_cell_of_the_first_phase() {
    for case in cases() {
        let layout = &case.parts.layout;
        let refused = |change: &dyn Fn(&mut Witness), what: String| {
            let mut w = case.honest();
            change(&mut w);
            assert!(!case.violated(&w).is_empty(), "{what} of {}", case.parts.graph.to_json());
        };
        for (i, group) in layout.weights.iter().enumerate() {
            for (m, column) in group.matrices.iter().flat_map(|m| (0..group.columns).map(move |c| (m, c))) {
                // Cells beyond the width among them.
                for row in [m.run.row(0), m.run.row(m.rows * m.chunks - 1)] {
                    refused(&|w| w.weights[i][column][row] += 1, format!("weight {column} {row}"));
                }
            }
        }
        for (i, g) in [0, 2].into_iter().enumerate() {
            for (m, column) in layout.weights[g].matrices.iter().flat_map(|m| (0..case.honest().after[i].len()).map(move |c| (m, c))) {
                refused(&|w| w.after[i][column][m.run.row0] += Fr::one(), format!("after {i} {column} {}", m.run.row0));
            }
        }
        let beside = (0..case.honest().beside[0].len()).flat_map(|c| layout.weights[0].matrices.iter().map(move |m| (c, m.run.row0)));
        for (column, row) in beside {
            for add in [1, -1, 1 << 20] {
                refused(&|w| w.beside[0][column][row] += add, format!("beside weights {column} {row}"));
            }
        }
        // Of samples that trees decide on, the first one is asked for all that it has; what nobody asks for is free.
        let asked = if layout.forest.is_some() { 1 } else { usize::MAX };
        for (run, column) in
            layout.data.iter().flat_map(|d| d.runs.iter().take(asked)).flat_map(|r| (0..layout.shape.data_columns).map(move |c| (r, c)))
        {
            refused(&|w| w.data[column][run.row0] += 1, format!("data {column} {}", run.row0));
        }
        for (run, column) in layout.outputs.iter().flat_map(|d| &d.runs).flat_map(|r| (0..layout.shape.output_columns).map(move |c| (r, c))) {
            refused(&|w| w.outputs[column][run.row0] += Fr::one(), format!("output {column} {}", run.row0));
        }
        for (column, row) in trees::bound_cells(layout) {
            for add in [1, -1, 1 << 20] {
                refused(&|w| w.paths[column][row] += add, format!("trees {column} {row}"));
            }
        }
        for unit in &layout.units {
            let (kind, run) = (&layout.kinds[unit.kind], &unit.runs[unit.runs.len() - 1]);
            for (row, i) in [run.row0, run.end()].into_iter().flat_map(|r| (0..kind.row_cells()).map(move |i| (r, i))) {
                refused(&|w| w.free[0][row + i] += Fr::one(), format!("unit {:?} row cell {i} {row}", unit.nodes));
            }
            for (lane, i) in (0..kind.lanes(&layout.shape).0).flat_map(|l| (0..kind.plain()).map(move |i| (l, i))) {
                let slot = kind.plain_slot(lane, i);
                refused(&|w| w.free[slot.column][run.row0 + slot.row] += Fr::one(), format!("unit {:?} lane {lane} plain cell {i}", unit.nodes));
            }
            for (lane, limb) in (0..kind.lanes(&layout.shape).0).flat_map(|l| (0..kind.limbs()).map(move |i| (l, i))) {
                let slot = kind.slot(&layout.shape, lane, limb);
                for add in [1, -1, 1 << 20] {
                    refused(&|w| w.units[slot.column][run.row0 + slot.row] += add, format!("unit {:?} lane {lane} limb {limb}", unit.nodes));
                }
            }
        }
    }
}

/// Lies of each case that one constraint alone refuses: what the lie is, and the constraint.
pub fn refused_by_one() -> &'static [Vec<(String, String)>] {
    static REFUSED: OnceLock<Vec<Vec<(String, String)>>> = OnceLock::new();
    REFUSED.get_or_init(|| cases().iter().enumerate().map(|(i, case)| alone(i, case)).collect())
}

fn alone(i: usize, case: &Case) -> Vec<(String, String)> {
    let header = header(case);
    // Every row of the scalar column of a forward graph and of a step of training; of the others some, which the same code lays out.
    let every = if [0, 4].contains(&i) { 1 } else { 7 };
    let all = lookups(case)
        .into_iter()
        .chain(masks(case, &header))
        .chain(softmax::lies(case, &header))
        .chain(predicates::lies(case, &header))
        .chain(trees::lies(case))
        .chain(updates::lies(case))
        .chain(clamps::lies(case, &header))
        .chain(activations::lies(case, &header))
        .chain(sigmoid::lies(case, &header))
        .chain(scalars(case, &header, every));
    let judged = all.map(|(name, witness)| {
        let violations = case.violated(&witness);
        assert_eq!(violations.len(), 1, "{name}: {violations:?}");
        (name, violations.into_iter().next().expect("one"))
    });
    judged.collect()
}

#[test]
fn each_constraint_alone_refuses_some_lie() {
    // Those of the scalar column by name, whichever circuit.
    let (mut scalar_names, mut found) = (BTreeSet::new(), BTreeSet::new());
    let name = |c: &String| c.split(": ").last().and_then(|n| n.split(", ").last()).unwrap_or_default().to_string();
    for (case, refused) in cases().iter().zip(refused_by_one()) {
        let noticed: BTreeSet<String> = refused.iter().map(|(_, constraint)| constraint.clone()).collect();
        // Without vectors nothing can be made to fit but outputs.
        let all = constraints(case);
        let (scalar, others): (BTreeSet<String>, BTreeSet<String>) = all.into_iter().partition(|c| c.contains(", scalars: "));
        scalar_names.extend(scalar.iter().map(name));
        found.extend(noticed.iter().map(name));
        let unnoticed: Vec<&String> = others.difference(&noticed).collect();
        assert!(unnoticed.is_empty() || case.parts.claims.products.is_empty(), "nothing notices {unnoticed:?}");
    }
    let unnoticed: Vec<&String> = scalar_names.difference(&found).collect();
    assert!(unnoticed.is_empty(), "nothing notices {unnoticed:?}");
}

/// Each equation of the scalar column is the only one that some witness violates.
#[test]
fn each_equation_alone_refuses_some_lie() {
    for case in cases() {
        let (header, claims) = (header(case), &case.parts.claims);
        let rows: usize = case.parts.layout.outputs.iter().map(|o| o.runs.len()).sum();
        let equations = program(&case.honest(), &header).equalities.len();
        assert_eq!(equations, claims.products.len() + claims.claims.len() + rows);
        for i in 0..equations {
            let w = only_wrong(case, &header, i).unwrap_or_else(|| panic!("equation {i} is never the only one that is wrong"));
            assert_eq!(case.violated(&w), only("copy"), "equation {i}");
        }
    }
}

/// Gate and name of every constraint.
pub fn constraints(case: &Case) -> BTreeSet<String> {
    let mut cs = ConstraintSystem::default();
    Config::new(&mut cs, &case.parts).gates(&mut cs, &case.parts);
    let gates = cs.gates().iter().enumerate();
    let names = |(i, g): (usize, &Gate<Fr>)| -> Vec<String> {
        let each = (0..g.polynomials().len()).map(|c| constraint_name(&i.to_string(), g.name(), &c.to_string(), g.constraint_name(c)));
        each.collect()
    };
    gates.flat_map(names).collect()
}

/// A limb beyond the table, and the sum closed at one of the lookup's constraints.
fn lookups(case: &Case) -> Vec<(String, Witness)> {
    let layout = &case.parts.layout;
    // A unit's limbs: the lowest one takes the others' part, so that the number stays what it is.
    let unit = layout.units.iter().find(|u| layout.kinds[u.kind].numbers().any(|n| n.limbs > 1)).expect("a number of two limbs");
    let kind = &layout.kinds[unit.kind];
    let first: usize = kind.numbers().take_while(|n| n.limbs < 2).map(|n| n.limbs).sum();
    let [low, high] = [0, 1].map(|i| kind.slot(&layout.shape, 0, first + i));
    let row = unit.runs[0].row0;
    let mut wide = case.honest();
    wide.units[low.column][row + low.row] += 1 << 6;
    wide.units[high.column][row + high.row] -= 1;
    let looked = case.honest().data.len();
    let mut out = vec![("a limb beyond the table".to_string(), wide.clone())];
    let units = layout.unit_columns();
    let beside = wide.beside[0].len();
    let columns = looked + units + beside + wide.paths.len() / CELLS;
    let mut closed = |name: &str, at: (usize, usize), mut w: Witness| {
        w.changes.closed = Some(Closed::Sum(at.0, at.1));
        out.push((format!("{name}, closed at {at:?}"), w));
    };
    closed("a limb beyond the table", (columns, 0), wide.clone());
    closed("a limb beyond the table", (1 + looked + low.column, row + low.row), wide.clone());
    closed("a limb beyond the table", (0, row + low.row), wide);
    // Behind all runs: each column has a lookup of its own.
    for column in 0..columns {
        let mut w = case.honest();
        let cells = match column.checked_sub(looked) {
            None => &mut w.data[column],
            Some(c) if c < units => &mut w.units[c],
            Some(c) if c < units + beside => &mut w.beside[0][c - units],
            Some(c) => &mut w.paths[(c - units - beside) * CELLS + DISTANCE],
        };
        cells[layout.last] = 1 << 6;
        closed("a cell beyond the table", (1 + column, layout.last), w);
    }
    out
}

/// A mask of 2 in each lane of each kind, and the number as it was: 5 = 2 (2 1 + 1) - 1.
fn masks(case: &Case, header: &[Fr; HEADER]) -> Vec<(String, Witness)> {
    let layout = &case.parts.layout;
    let mut out = vec![];
    for unit in &layout.units {
        let kind = &layout.kinds[unit.kind];
        let Some(mask) = kind.numbers().position(|n| n.name == "mask") else { continue };
        let before = |n: usize| kind.numbers().take(n).map(|n| n.limbs).sum::<usize>();
        for lane in 0..layout.shape.lanes {
            let Some(entry) = double(case, unit, lane) else { continue };
            let lie = Lie::Mask(unit.clone(), [before(mask - 1), before(mask)], entry);
            out.extend(solved(case, header, &lie).map(|w| (format!("a mask of 2 in {:?}, lane {lane}", unit.nodes), w)));
        }
    }
    out
}

/// Lies that are solved for: all equations hold, and one constraint does not. Of results and constants one in `every`.
fn scalars(case: &Case, header: &[Fr; HEADER], every: usize) -> Vec<(String, Witness)> {
    let layout = &case.parts.layout;
    let mut kinds: Vec<Lie> = vec![];
    let runs = |source: Source, ends: Vec<usize>, lies: &mut Vec<Lie>| {
        for end in ends {
            lies.push(Lie::Export(source, end));
            lies.push(Lie::Sum(source, end));
        }
    };
    for (g, group) in layout.weights.iter().enumerate() {
        for m in &group.matrices {
            group.classes[m.class].iter().for_each(|p| runs(Source::Weights(g, *p), vec![m.run.end()], &mut kinds));
        }
    }
    for i in 0..layout.data_points.len() {
        runs(Source::Data(i), layout.data.iter().map(|d| d.runs[0].end()).collect(), &mut kinds);
    }
    for unit in &layout.units {
        for i in 0..layout.kinds[unit.kind].held.len() {
            runs(Source::Unit(unit.kind, i), vec![unit.runs[0].end()], &mut kinds);
        }
    }
    for (i, end) in layout.forest.iter().flat_map(|f| (0..f.points.len()).map(move |i| (i, f.runs[0].end()))) {
        runs(Source::Trees(i), vec![end], &mut kinds);
    }
    let beyond = |rows: &[Rows], columns: usize| -> Vec<(usize, usize)> {
        // A run's last block comes first.
        let each = |r: &Rows| (r.width % columns > 0).then(|| (r.width % columns, r.runs[0].row0));
        rows.iter().filter_map(each).collect()
    };
    kinds.extend(beyond(&layout.data, layout.shape.data_columns).into_iter().map(|(c, r)| Lie::BesideData(c, r)));
    kinds.extend(beyond(&layout.outputs, layout.shape.output_columns).into_iter().map(|(c, r)| Lie::BesideOutput(c, r)));
    runs(Source::Output, layout.outputs.iter().map(|o| o.runs[0].end()).collect(), &mut kinds);
    for run in &layout.vectors {
        runs(Source::Inner, vec![run.end()], &mut kinds);
        runs(Source::Vectors, vec![run.end()], &mut kinds);
    }
    let program = program(&case.honest(), header);
    kinds.extend([0, 1, 2, 3].map(Lie::Header));
    kinds.extend((!case.parts.claims.updates.is_empty()).then_some(Lie::Rate));
    kinds.extend((0..program.mul_adds.len()).step_by(every).map(Lie::Result));
    kinds.extend((0..program.constants.len()).step_by(every).map(Lie::Constant));
    kinds.into_iter().filter_map(|lie| solved(case, header, &lie).map(|w| (format!("{lie:?}"), w))).collect()
}

#[test]
fn each_operand_of_the_scalar_column() {
    operands(&Case::lively(|seed| Case::new(&dense(2, [4, 3, 2]), seed)));
    operands(&Case::lively(|seed| Case::training(&regression(2, [3, 2, 2]), seed)));
    operands(&Case::lively(|seed| Case::window(&regression(2, [2, 1]), 2, seed)));
    operands(&Case::lively(|seed| Case::window(&regression(1, [2, 2, 2]), 2, seed)));
    operands(&Case::lively(|seed| Case::training(&classification(2, [2, 2, 3]), seed)));
}

fn operands(case: &Case) {
    let header = header(case);
    let program = program(&case.honest(), &header);
    // Behind the operands' copies stand those of what equations say, which false forms violate.
    let operands: Vec<usize> = (0..program.copies.len()).filter(|i| program.operands.contains(i)).collect();
    assert_eq!(operands.len() + program.equalities.len(), program.copies.len());
    for i in operands {
        let w = solved(case, &header, &Lie::Operand(i)).unwrap_or_else(|| panic!("operand {i} cannot be made to fit"));
        if i % 7 == 0 {
            assert_eq!(case.violated(&w), only("copy"), "operand {i}");
        }
    }
}

#[test]
fn changes_reach_the_witness() {
    let case = Case::new(&dense(1, [2, 2, 1]), 3);
    let mut w = case.honest();
    w.changes.header.push((3, Arc::new(|_| Fr::one())));
    assert!(violated(w, &[]).iter().any(|v| v.ends_with("omega")));
}
