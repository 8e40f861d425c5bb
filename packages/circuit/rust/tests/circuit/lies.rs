//! Every kind of cell is lied about, with everything that follows recomputed. What a lie violates is known: where that is one
//! constraint alone, the lie is accepted by a circuit without it, so that its loss would be noticed. All constraints are noticed so.

use super::networks::{dense, products, residual, sums};
use super::solve::{header, mask_of_two, program, solved, Lie};
use super::{violated, Case};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::circuit::Config;
use pot_circuit::execute::Fault;
use pot_circuit::graph::Graph;
use pot_circuit::scalar::Source;
use pot_circuit::witness::Witness;
use std::collections::BTreeSet;
use std::sync::Arc;

const LAST: &str = "range lookup's ends: zero after the last row";

fn graphs() -> Vec<Graph> {
    vec![dense(2, [4, 3, 2]), residual(), products(), sums()]
}

fn only(name: &str) -> BTreeSet<String> {
    BTreeSet::from([name.to_string()])
}

#[test]
fn each_rule_of_each_node() {
    for g in graphs() {
        let case = Case::new(&g, 21);
        for (i, node) in g.nodes().iter().enumerate() {
            let entries = g.facts(g.tensors().len() + i).len();
            for (rule, entry) in node.op.rules().iter().flat_map(|r| [(r, 0), (r, entries - 1)]) {
                let fault = Fault { node: &node.name, rule, entry };
                let (Some(honest), Some(lie)) = (case.run(None), case.run(Some(&fault))) else { continue };
                if honest.values == lie.values && honest.cells == lie.cells {
                    continue;
                }
                let lie = case.witness(Some(&fault)).expect("in range");
                // A form that is wrong is not what its unit's input says, nor is a quotient without a remainder; else limbs are left.
                let bits = |v: usize| g.facts(v).bits;
                let exact = *rule == "quotient" && bits(node.inputs[0]) == bits(g.tensors().len() + i);
                let wanted = if *rule == "value" || exact { "copy" } else { LAST };
                assert_eq!(violated(lie, &[]), only(wanted), "{} {rule} {entry}", node.name);
            }
        }
    }
}

/// A cell that is changed alone, with everything downstream as it follows.
#[test]
fn each_cell_of_the_first_phase() {
    for g in graphs() {
        let case = Case::new(&g, 5);
        let layout = &case.parts.layout;
        let refused = |change: &dyn Fn(&mut Witness), what: String| {
            let mut w = case.honest();
            change(&mut w);
            assert!(!violated(w, &[]).is_empty(), "{what}");
        };
        for (i, group) in layout.weights.iter().enumerate() {
            for (m, column) in group.matrices.iter().flat_map(|m| (0..group.columns).map(move |c| (m, c))) {
                // Cells beyond the width among them.
                for row in [m.run.row(0), m.run.row(m.rows * m.chunks - 1)] {
                    refused(&|w| w.weights[i][column][row] += 1, format!("weight {column} {row}"));
                }
            }
        }
        for (run, column) in layout.data.iter().flat_map(|d| &d.runs).flat_map(|r| (0..layout.shape.data_columns).map(move |c| (r, c))) {
            refused(&|w| w.data[column][run.row0] += 1, format!("data {column} {}", run.row0));
        }
        for (run, column) in layout.outputs.iter().flat_map(|d| &d.runs).flat_map(|r| (0..layout.shape.output_columns).map(move |c| (r, c))) {
            refused(&|w| w.outputs[column][run.row0] += Fr::one(), format!("output {column} {}", run.row0));
        }
        for unit in &layout.units {
            let (kind, run) = (&layout.kinds[unit.kind], &unit.runs[unit.runs.len() - 1]);
            for (lane, limb) in (0..layout.shape.lanes).flat_map(|l| (0..kind.limbs()).map(move |i| (l, i))) {
                let slot = kind.slot(&layout.shape, lane, limb);
                for add in [1, -1, 1 << 20] {
                    refused(&|w| w.units[slot.column][run.row0 + slot.row] += add, format!("unit {} lane {lane} limb {limb}", unit.node));
                }
            }
        }
    }
}

/// Lies that one constraint alone refuses.
#[test]
fn each_constraint_alone_refuses_some_lie() {
    let (mut all, mut noticed) = (BTreeSet::new(), BTreeSet::new());
    let mut tell = |lies: Vec<(String, Witness)>| {
        for (name, witness) in lies {
            let violations = violated(witness, &[]);
            assert_eq!(violations.len(), 1, "{name}: {violations:?}");
            noticed.extend(violations);
        }
    };
    for g in graphs() {
        let case = Case::new(&g, 77);
        all.extend(constraints(&case));
        tell(lookups(&case));
        tell(masks(&case));
        tell(scalars(&case));
    }
    let unnoticed: Vec<&String> = all.difference(&noticed).collect();
    assert!(unnoticed.is_empty(), "nothing notices {unnoticed:?}");
}

/// Gate and name of every constraint.
fn constraints(case: &Case) -> BTreeSet<String> {
    let mut cs = ConstraintSystem::default();
    Config::new(&mut cs, &case.parts).gates(&mut cs, &case.parts);
    let names =
        |g: &halo2_axiom::plonk::Gate<Fr>| (0..g.polynomials().len()).map(|i| format!("{}: {}", g.name(), g.constraint_name(i))).collect::<Vec<_>>();
    cs.gates().iter().flat_map(names).collect()
}

/// A limb beyond the table, and the sum closed at one of the lookup's constraints.
fn lookups(case: &Case) -> Vec<(String, Witness)> {
    let layout = &case.parts.layout;
    // A unit's limbs: the lowest one takes the others' part, so that the number stays what it is.
    let unit = layout.units.iter().find(|u| layout.kinds[u.kind].numbers.iter().any(|n| n.limbs > 1)).expect("a number of two limbs");
    let kind = &layout.kinds[unit.kind];
    let first: usize = kind.numbers.iter().take_while(|n| n.limbs < 2).map(|n| n.limbs).sum();
    let [low, high] = [0, 1].map(|i| kind.slot(&layout.shape, 0, first + i));
    let row = unit.runs[0].row0;
    let mut wide = case.honest();
    wide.units[low.column][row + low.row] += 1 << 6;
    wide.units[high.column][row + high.row] -= 1;
    let looked = case.honest().data.len();
    let mut out = vec![("a limb beyond the table".to_string(), wide.clone())];
    let columns = looked + layout.shape.lanes * layout.shape.lane_columns;
    let mut closed = |name: &str, at: (usize, usize), mut w: Witness| {
        w.changes.closed = Some(at);
        out.push((format!("{name}, closed at {at:?}"), w));
    };
    closed("a limb beyond the table", (columns, 0), wide.clone());
    closed("a limb beyond the table", (1 + looked + low.column, row + low.row), wide.clone());
    closed("a limb beyond the table", (0, row + low.row), wide);
    out
}

/// A mask of 2, and the number as it was: 5 = 2 (2 1 + 1) - 1.
fn masks(case: &Case) -> Vec<(String, Witness)> {
    let layout = &case.parts.layout;
    let mut out = vec![];
    for unit in &layout.units {
        let kind = &layout.kinds[unit.kind];
        let Some(mask) = kind.numbers.iter().position(|n| n.name == "mask") else { continue };
        let before = |n: usize| kind.numbers[..n].iter().map(|n| n.limbs).sum::<usize>();
        out.extend(mask_of_two(case, unit, [before(mask - 1), before(mask)]));
    }
    out
}

/// Lies that are solved for: all equations hold, and one constraint does not.
fn scalars(case: &Case) -> Vec<(String, Witness)> {
    let (layout, header) = (&case.parts.layout, header(case));
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
    runs(Source::Output, layout.outputs.iter().map(|o| o.runs[0].end()).collect(), &mut kinds);
    for run in &layout.vectors {
        runs(Source::Inner, vec![run.end()], &mut kinds);
        runs(Source::Vectors, vec![run.end()], &mut kinds);
    }
    let program = program(&case.honest(), &header);
    kinds.extend([0, 1, 2, 3].map(Lie::Header));
    kinds.extend((0..program.mul_adds.len()).step_by(3).map(Lie::Result));
    kinds.extend((0..program.constants.len()).map(Lie::Constant));
    kinds.into_iter().filter_map(|lie| solved(case, &header, &lie).map(|w| (format!("{lie:?}"), w))).collect()
}

#[test]
fn each_operand_of_the_scalar_column() {
    let case = Case::new(&dense(2, [4, 3, 2]), 31);
    let header = header(&case);
    let program = program(&case.honest(), &header);
    // Behind the operands' copies stand those of what equations say, which false forms violate.
    let operands: Vec<usize> = (0..program.copies.len()).filter(|i| program.operands.contains(i)).collect();
    assert_eq!(operands.len() + program.equalities.len(), program.copies.len());
    for i in operands {
        let w = solved(&case, &header, &Lie::Operand(i)).unwrap_or_else(|| panic!("operand {i} cannot be made to fit"));
        if i % 7 == 0 {
            assert_eq!(violated(w, &[]), only("copy"), "operand {i}");
        }
    }
}

#[test]
fn changes_reach_the_witness() {
    let case = Case::new(&dense(1, [2, 2, 1]), 3);
    let mut w = case.honest();
    w.changes.header.push((3, Arc::new(|_| Fr::one())));
    assert!(violated(w, &[]).contains("scalars: omega"));
}
