//! Circuits of graphs that go forward: honest ones hold, and each lie is refused by the constraint that is about it.

mod activations;
mod clamps;
mod genesis;
mod held;
mod honest;
mod lies;
pub mod networks;
mod pairs;
mod predicates;
mod proof;
mod refusals;
mod report;
mod shared;
mod sigmoid;
mod softmax;
mod solve;
mod tolerance;
mod training;
mod trees;
mod units;
mod updates;

use crate::common::Numbers;
use halo2_axiom::dev::VerifyFailure;
use halo2_axiom::halo2curves::bn256::Fr;
use held::Held;
use pot_circuit::autodiff::{optimised, window};
use pot_circuit::circuit::Parts;
use pot_circuit::claims::matrix;
use pot_circuit::claims::Claims;
use pot_circuit::execute::{run, Fault, Run};
use pot_circuit::graph::Graph;
use pot_circuit::layout::{Shape, UnitRuns};
use pot_circuit::ops::Op;
use pot_circuit::optimizer::Optimizer;
use pot_circuit::plan::{plan, plan_claims, plan_training, Like};
use pot_circuit::prove::{GraphCircuit, Tamper};
use pot_circuit::tensor::{Formats, Role};
use pot_circuit::witness::{Blinding, Witness};
use pot_mock::MockProver;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// Small tables, so that the mock prover stays small.
pub const FORMATS: Formats = Formats { limb_bits: 6, table_bits: 6 };
/// Fractional bits of data and activations, and of weights: four limbs are rounded away.
pub const BITS: u32 = 6;
pub const WEIGHT_BITS: u32 = 24;
/// Those of activations that a table has, and of their gradients, which a difference of two of them fits.
pub const TABLE_BITS: u32 = 2;
pub const BENT_BITS: u32 = 6;

/// Those of gradients and of the rate: together as many as a weight has.
pub const GRADIENT_BITS: u32 = 10;
pub const RATE_BITS: u32 = 8;
/// The public rate of all steps: nine quarters of it are an integer.
pub const RATE: i128 = 36;

/// A graph's circuit and the entries of its tensors.
pub struct Case {
    pub parts: Arc<Parts>,
    pub tensors: Vec<Vec<i128>>,
    held: OnceLock<Mutex<Held>>,
    /// By how much each choice of 1 changes each equation of the honest witness.
    choices: OnceLock<Vec<Vec<Fr>>>,
}

impl Case {
    pub fn new(graph: &Graph, seed: u64) -> Self {
        Self::shaped(graph, plan(graph).expect("a shape"), seed)
    }

    pub fn shaped(graph: &Graph, shape: Shape, seed: u64) -> Self {
        Self::of(Parts::forward(graph, shape).expect("a circuit"), seed)
    }

    /// The first whose run is in range. By seeds entries alone differ: the circuit is planned once.
    pub fn in_range(made: impl Fn(u64) -> Self) -> Self {
        let parts = made(0).parts;
        // Of seed 0 all entries are 0.
        (1..2_000).map(|seed| Self::of(parts.clone(), seed)).find(|case| case.run(None).is_some()).expect("a seed")
    }

    /// The first whose run is in range, and where each column of each unit has a positive output: what is dead shows nothing; and where
    /// each unit with a mask has numbers that a mask of 2 could have, in each lane.
    pub fn lively(made: impl Fn(u64) -> Self) -> Self {
        let lives = |case: &Self| {
            let Some(run) = case.run(None) else { return false };
            let lanes = case.parts.layout.shape.lanes;
            let of = |u: &UnitRuns| &case.parts.graph.nodes()[u.nodes[0]].op;
            // Of updates and predicates zeros are as good.
            let any = |u: &UnitRuns| matches!(of(u), Op::Downscale(_) | Op::SecondMoment(_) | Op::ArgMax(_) | Op::Compare(_));
            case.parts.layout.units.iter().filter(|u| !any(u)).all(|u| {
                let (_, width) = matrix(case.parts.graph.facts(u.values[0]));
                let positive = |c: usize| run.values[u.values[0]].iter().skip(c).step_by(width).any(|v| *v > 0);
                let masked = case.parts.layout.kinds[u.kind].numbers().any(|n| n.name == "mask");
                (0..width).all(positive) && clamps::lives(case, u, &run) && (!masked || (0..lanes).all(|l| solve::double(case, u, l).is_some()))
            })
        };
        let parts = made(0).parts;
        (0..20_000).map(|seed| Self::of(parts.clone(), seed)).find(lives).expect("a lively seed")
    }

    /// A step of training.
    pub fn training(graph: &Graph, seed: u64) -> Self {
        Self::window(graph, 1, seed)
    }

    /// A step with a tolerance.
    pub fn tolerant(graph: &Graph, limbs: usize, seed: u64) -> Self {
        let t = window(graph, 1, RATE_BITS).expect("differentiable");
        let claims = Claims::tolerant(&t, limbs).expect("a circuit");
        let shape = plan_claims(&t.graph, &claims, Like::default()).expect("a shape");
        Self::of(Parts::tolerant(&t, limbs, shape).expect("a circuit"), seed)
    }

    /// First weights alone.
    pub fn genesis(graph: &Graph, seed: u64) -> Self {
        Self::genesis_shaped(graph, plan_claims(&graph.weights(), &Claims::genesis(graph), Like::default()).expect("a shape"), seed)
    }

    pub fn genesis_shaped(graph: &Graph, shape: Shape, seed: u64) -> Self {
        Self::of(Parts::genesis(graph, shape).expect("a circuit"), seed)
    }

    /// Steps of training.
    pub fn window(graph: &Graph, steps: usize, seed: u64) -> Self {
        Self::optimised(graph, steps, &Optimizer::default(), seed)
    }

    /// Steps by this rule.
    pub fn optimised(graph: &Graph, steps: usize, rule: &Optimizer, seed: u64) -> Self {
        let shape = plan_training(&optimised(graph, steps, RATE_BITS, rule).expect("differentiable")).expect("a shape");
        Self::optimised_shaped(graph, (steps, rule), shape, seed)
    }

    pub fn training_shaped(graph: &Graph, shape: Shape, seed: u64) -> Self {
        Self::optimised_shaped(graph, (1, &Optimizer::default()), shape, seed)
    }

    pub fn optimised_shaped(graph: &Graph, (steps, rule): (usize, &Optimizer), shape: Shape, seed: u64) -> Self {
        let training = optimised(graph, steps, RATE_BITS, rule).expect("differentiable");
        Self::of(Parts::training(&training, shape).expect("a circuit"), seed)
    }

    fn of(parts: Arc<Parts>, seed: u64) -> Self {
        let graph = &parts.graph;
        let mut n = Numbers(seed);
        let entries = |(i, t): (usize, &pot_circuit::tensor::Tensor)| {
            match t.role {
                Role::Rate => return vec![RATE],
                Role::CorrectedRate => return vec![RATE + i as i128],
                Role::Moment => return (0..graph.facts(i).len()).map(|_| n.signed(1 << 16).into()).collect(),
                Role::SecondMoment => return (0..graph.facts(i).len()).map(|_| (1 << 30) + n.below(1 << 34) as i128).collect(),
                _ => {}
            }
            if t.role == Role::Label && t.bits == 0 {
                return one_hot(&mut n, matrix(graph.facts(i)));
            }
            let data = matches!(t.role, Role::Data | Role::Label);
            let (limit, least) = if data { (15, -t.offset) } else { (1 << t.bits, i64::MIN) };
            (0..graph.facts(i).len()).map(|_| n.signed(limit).max(least).into()).collect()
        };
        let tensors = graph.tensors().iter().enumerate().map(entries).collect();
        Self { parts, tensors, held: OnceLock::new(), choices: OnceLock::new() }
    }

    /// What the executor gives; none where a lie leaves the ranges.
    pub fn run(&self, fault: Option<&Fault>) -> Option<Run<i128>> {
        run(&self.parts.graph, &self.tensors, fault).ok()
    }

    pub fn witness(&self, fault: Option<&Fault>) -> Option<Witness> {
        self.run(fault).map(|r| Witness::new(self.parts.clone(), &r, Blinding::none(&self.parts)).expect("it fits"))
    }

    pub fn honest(&self) -> Witness {
        self.witness(None).expect("in range")
    }

    /// What a witness of this case violates, as [`violated`] says, by the case's one mock prover. The honest one must hold.
    pub fn violated(&self, witness: &Witness) -> BTreeSet<String> {
        self.held().violated(witness)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.get_or_init(|| Mutex::new(Held::new(self))).lock().expect("no verdict has panicked")
    }
}

fn one_hot(n: &mut Numbers, (rows, classes): (usize, usize)) -> Vec<i128> {
    let mut labels = vec![0; rows * classes];
    labels.chunks_mut(classes).for_each(|row| row[n.below(classes)] = 1);
    labels
}

/// The public inputs of a circuit: the rate, or one a step in their rows.
fn instance(parts: &Parts) -> Vec<Fr> {
    if !parts.corrected() {
        return vec![Fr::from(RATE as u64)];
    }
    let rows = &parts.layout.rates;
    let mut all = vec![Fr::zero(); rows.iter().max().expect("a rate") + 1];
    rows.iter().zip(&parts.claims.rates).for_each(|(row, v)| all[*row] = Fr::from(RATE as u64 + *v as u64));
    all
}

/// What a witness violates: gate and constraint, or `copy`. Empty where it is accepted. By a mock prover of its own.
pub fn violated(witness: Witness, tamper: &[Tamper]) -> BTreeSet<String> {
    let parts = witness.parts().clone();
    let mut circuit = GraphCircuit::new(parts.clone(), Some(Arc::new(witness)));
    circuit.tamper = tamper.to_vec();
    let prover = MockProver::run(parts.layout.shape.k, &circuit, vec![instance(&parts)]).expect("it runs");
    failed(prover.verify())
}

fn failed(verdict: Result<(), Vec<VerifyFailure>>) -> BTreeSet<String> {
    verdict.err().unwrap_or_default().iter().map(named).collect()
}

/// Gate and constraint of a failure, by number and name. halo2's text: `Constraint 0 ('name') in gate 1 ('name')`.
fn named(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            let text = constraint.to_string();
            let number = |word: &str| text.split(word).nth(1).and_then(|t| t.split_whitespace().next()).unwrap_or("?").to_string();
            let quoted: Vec<&str> = text.split("('").skip(1).filter_map(|t| t.split("')").next()).collect();
            let (gate, name) = (quoted.get(1).unwrap_or(&"?"), quoted.first().unwrap_or(&"?"));
            constraint_name(&number("in gate "), gate, &number("Constraint "), name)
        }
        VerifyFailure::Permutation { .. } => "copy".into(),
        other => format!("{other}"),
    }
}

/// How tests name a constraint: `gate 3, round: 2, outputs at a point`.
pub fn constraint_name(gate: &str, gate_name: &str, number: &str, name: &str) -> String {
    format!("gate {gate}, {gate_name}: {number}, {name}")
}
