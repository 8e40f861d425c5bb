//! A case in the mock prover: set up once with its honest witness and checked in whole; then other witnesses of the case put their cells
//! in the place of these, are judged, and are taken away again.
//!
//! A verdict looks at every constraint that reads a changed cell, and at all copies. The other constraints read what they read in the
//! honest witness, which holds.

use super::networks::{classification, regression, residual};
use super::{failed, instance, violated, Case};
use crate::common::Numbers;
use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner};
use halo2_axiom::dev::AdviceCellValue;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem, Error};
use pot_circuit::circuit::Config;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::HEADER;
use pot_circuit::prove::{GraphCircuit, Params};
use pot_circuit::scalar::Source;
use pot_circuit::tensor::Role;
use pot_circuit::witness::{Change, Put, Witness};
use pot_mock::MockProver;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

pub struct Held {
    prover: MockProver,
    config: Config,
    /// Sigma, rho, beta, tau, omega.
    challenges: [Fr; 5],
    /// Of advice, by their numbers.
    columns: Vec<Column<Advice>>,
    /// At which distances gates read each.
    rotations: Vec<Vec<i32>>,
    /// Rows that halo2 leaves to the circuit.
    usable: usize,
    /// `[column][row]`
    honest: Vec<Vec<Fr>>,
}

impl Held {
    /// Panics where the honest witness does not hold.
    pub fn new(case: &Case) -> Self {
        let (parts, witness) = (&case.parts, case.honest());
        let rows = 1usize << parts.layout.shape.k;
        let mut cs = ConstraintSystem::default();
        let config = GraphCircuit::configure_with_params(&mut cs, Params(Some(parts.clone())));
        assert!(cs.lookups().is_empty(), "lookups are sums of the circuit's own");
        let mut rotations = vec![vec![]; cs.num_advice_columns()];
        cs.advice_queries().iter().for_each(|(column, at)| rotations[column.index()].push(at.0));
        let circuit = Watched { circuit: GraphCircuit::new(parts.clone(), Some(Arc::new(witness.clone()))), drawn: Arc::default() };
        let prover = MockProver::run(parts.layout.shape.k, &circuit, vec![instance(parts)]).expect("it runs");
        // Without equations nothing is drawn after phase 2; the cells are compared with the mock prover's below.
        let drawn: Vec<Fr> = circuit.drawn.lock().expect("one thread").iter().map(|c| c.unwrap_or(Fr::zero())).collect();
        let challenges = drawn.try_into().expect("five");
        let columns: BTreeMap<usize, Column<Advice>> = cs.advice_queries().iter().map(|(column, _)| (column.index(), *column)).collect();
        assert_eq!(columns.len(), cs.num_advice_columns(), "gates read every column");
        let mut held = Self {
            prover,
            challenges,
            columns: columns.into_values().collect(),
            rotations,
            usable: rows - cs.blinding_factors() - 1,
            honest: vec![vec![Fr::zero(); rows]; cs.num_advice_columns()],
            config,
        };
        assert_eq!(failed(held.prover.verify()), BTreeSet::new(), "the honest witness holds");
        held.honest = held.cells(&witness);
        for (column, cells) in held.columns.iter().zip(&held.honest) {
            let same = |(given, cell): (&AdviceCellValue<Fr>, &Fr)| matches!(given, AdviceCellValue::Assigned(v) if v.evaluate() == *cell);
            assert!(held.prover.advice_values(*column)[..held.usable].iter().zip(cells).all(same), "these cells are the circuit's");
        }
        held
    }

    /// Sigma, rho, tau, omega.
    pub fn header(&self) -> [Fr; HEADER] {
        let [sigma, rho, _, tau, omega] = self.challenges;
        [sigma, rho, tau, omega]
    }

    /// What another witness of the case violates.
    pub fn violated(&mut self, witness: &Witness) -> BTreeSet<String> {
        let cells = self.cells(witness);
        let changes: Vec<(usize, usize)> = (0..cells.len())
            .flat_map(|column| (0..cells[column].len()).map(move |row| (column, row)))
            .filter(|(column, row)| cells[*column][*row] != self.honest[*column][*row])
            .collect();
        changes.iter().for_each(|(column, row)| self.put(*column, *row, cells[*column][*row]));
        let reads = self.reads(&changes);
        let failed = failed(self.prover.verify_at_rows(&reads));
        changes.iter().for_each(|(column, row)| self.put(*column, *row, self.honest[*column][*row]));
        failed
    }

    fn put(&mut self, column: usize, row: usize, v: Fr) {
        assert!(row < self.usable, "row {row} is halo2's own");
        self.prover.assign_advice(self.columns[column], row, v);
    }

    /// Rows of which some gate reads one of these cells.
    fn reads(&self, cells: &[(usize, usize)]) -> Vec<usize> {
        let rows = self.honest[0].len();
        let mut reads = vec![false; rows];
        for (column, row) in cells {
            for by in &self.rotations[*column] {
                reads[(*row as i32 - by).rem_euclid(rows as i32) as usize] = true;
            }
        }
        // Those beyond are looked at in any case.
        (0..self.usable).filter(|row| reads[*row]).collect()
    }

    /// All cells of a witness.
    fn cells(&self, witness: &Witness) -> Vec<Vec<Fr>> {
        let mut cells = vec![vec![Fr::zero(); self.honest[0].len()]; self.columns.len()];
        assign(&self.config, &self.challenges, witness, &mut |column, row, v| cells[column.index()][row] = v);
        cells
    }
}

/// What a witness assigns.
fn assign(config: &Config, [sigma, rho, beta, tau, omega]: &[Fr; 5], witness: &Witness, put: &mut Put<'_>) {
    let limit = witness.parts().layout.shape.limit();
    // Blinding rows are in no gate, and the mock prover has its own.
    let mut put = |column: Column<Advice>, row: usize, v: Fr| {
        if row < limit {
            put(column, row, v);
        }
    };
    witness.first(config, &mut put);
    witness.second([*sigma, *rho, *beta]).assign(config, witness, &mut put);
    witness.third([*tau, *omega]).expect("it fits").assign(config, &mut put);
}

/// The circuit, and the mock prover's challenges: sigma, rho, beta, tau, omega.
struct Watched {
    circuit: GraphCircuit,
    drawn: Arc<Mutex<[Option<Fr>; 5]>>,
}

impl Circuit<Fr> for Watched {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Params;

    fn params(&self) -> Params {
        self.circuit.params()
    }
    fn without_witnesses(&self) -> Self {
        Self { circuit: self.circuit.without_witnesses(), drawn: self.drawn.clone() }
    }
    fn configure(cs: &mut ConstraintSystem<Fr>) -> Config {
        GraphCircuit::configure(cs)
    }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, params: Params) -> Config {
        GraphCircuit::configure_with_params(cs, params)
    }
    fn synthesize(&self, config: Config, layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let c = config.challenges;
        for (drawn, challenge) in self.drawn.lock().expect("one thread").iter_mut().zip([c.sigma, c.rho, c.beta, c.tau, c.omega]) {
            layouter.get_challenge(challenge).map(|v| *drawn = Some(v));
        }
        self.circuit.synthesize(config, layouter)
    }
}

/// A lie about a cell, or about what the scalar column takes or makes.
fn lie(n: &mut Numbers, w: &mut Witness) {
    let add = |v: i128| -> Change { Arc::new(move |_| signed(v)) };
    let by = n.signed(70) as i128;
    let parts = w.parts().clone();
    let row = n.below(parts.layout.last + 1);
    let unit = n.pick(&parts.layout.units).clone();
    match n.below(10) {
        0 => some(n, &mut w.weights[0])[row] += by as i64,
        1 => some(n, &mut w.data)[row] += by as i64,
        2 => some(n, &mut w.units)[row] += by as i64,
        3 if !w.free.is_empty() => some(n, &mut w.free)[row] += signed(by),
        4 if !w.after[0].is_empty() => some(n, &mut w.after[0])[row] += signed(by),
        5 => w.changes.header.push((n.below(HEADER), add(by))),
        6 => w.changes.sums.push((Source::Unit(unit.kind, 0), unit.runs[0].end(), 0, add(by))),
        7 => w.changes.exports.push((Source::Unit(unit.kind, 0), unit.runs[0].end(), add(by))),
        8 => w.changes.results.push((n.below(40), add(by))),
        _ => w.changes.operands.push((n.below(60), add(by))),
    }
}

fn some<'a, T>(n: &mut Numbers, of: &'a mut [T]) -> &'a mut T {
    let at = n.below(of.len());
    &mut of[at]
}

#[test]
fn a_witness_is_judged_as_by_a_mock_prover_of_its_own() {
    let (mut n, mut seen) = (Numbers(7), BTreeSet::new());
    for case in [Case::in_range(|seed| Case::new(&residual(), seed)), Case::in_range(|seed| Case::training(&classification(2, [2, 2, 3]), seed))] {
        for i in 0..60 {
            let mut w = case.honest();
            (0..=i % 2).for_each(|_| lie(&mut n, &mut w));
            let own = violated(w.clone(), &[]);
            assert_eq!(case.violated(&w), own);
            seen.extend(own.iter().map(|v| v.split(": ").last().unwrap_or_default().to_string()));
        }
        assert_eq!(failed(case.held().prover.verify()), BTreeSet::new(), "the honest cells are back");
    }
    assert!(seen.contains("copy") && seen.len() > 8, "{seen:?}");
}

#[test]
#[should_panic(expected = "the honest witness holds")]
fn a_case_that_does_not_hold_is_not_held() {
    let mut case = Case::in_range(|seed| Case::training(&regression(1, [2, 1]), seed));
    // Another rate than the public one.
    let rate = case.parts.graph.tensors().iter().position(|t| t.role == Role::Rate).expect("a rate");
    case.tensors[rate][0] += 1;
    Held::new(&case);
}
