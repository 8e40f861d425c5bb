//! Random circuits through both crates: keys, proofs of the true witness, altered proofs, proofs of false witnesses.

use super::alteration::Alteration;
use super::difference::{Difference, Prover};
use super::verdict::Verdicts;
use super::{caught, ELEMENT_BYTES};
use crate::spec::{Cell, Spec};
use crate::{with_patched, with_stock};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Range};
use std::sync::Arc;

/// How much was compared: a comparison in which nothing was is none.
#[derive(Clone, Copy, Default)]
struct Counts {
    eliminated_columns: usize,
    linear_forms: usize,
    altered_proofs: usize,
    false_witnesses: usize,
}

/// What came out of one seed.
#[derive(Default)]
struct Outcome {
    counts: Counts,
    differences: Vec<Difference>,
}

impl Outcome {
    /// Of a seed whose comparison did not come to an end.
    fn of(difference: Difference) -> Self {
        Self { counts: Counts::default(), differences: vec![difference] }
    }
}

/// Compares the circuits of these seeds, a line for each, and returns how many differ.
pub fn compare_circuits(seeds: Range<u64>) -> usize {
    let mut differing = 0;
    let mut counts = vec![];
    for seed in seeds.clone() {
        let outcome = caught(|| compare_seed(seed)).unwrap_or_else(Outcome::of);
        let is_same = outcome.differences.is_empty();
        println!("seed {seed}: {}; {}", if is_same { "same" } else { "DIFFERENT" }, outcome.counts);
        for difference in &outcome.differences {
            println!("  {difference}");
        }
        differing += usize::from(!is_same);
        counts.push(outcome.counts);
    }
    let (Range { start, end }, seeds) = (seeds, counts.len());
    println!("seeds {start}..{end}: {differing} of {seeds} differ; {}", counts.into_iter().sum::<Counts>());
    differing
}

fn compare_seed(seed: u64) -> Outcome {
    let pair = Pair::new(seed);
    let mut outcome = Outcome::default();
    if pair.stock.key_bytes() != pair.patched.key_bytes() {
        // Proofs for other keys are other proofs: there is nothing more to compare.
        outcome.differences.push(Difference::VerifyingKey);
        return outcome;
    }
    (outcome.counts.eliminated_columns, outcome.counts.linear_forms) = pair.patched.linear_counts();
    let proof = pair.stock.prove(seed, None);
    pair.compare_true_proofs(&proof, &mut outcome);
    pair.compare_altered_proofs(&proof, &mut outcome);
    for false_cell in pair.spec.constrained_outputs() {
        pair.compare_false_proofs(false_cell, &mut outcome);
    }
    outcome
}

/// One circuit in both crates.
struct Pair {
    spec: Arc<Spec>,
    stock: with_stock::side::Side,
    patched: with_patched::side::Side,
}

impl Pair {
    fn new(seed: u64) -> Self {
        let spec = Arc::new(Spec::random(seed));
        Self { stock: with_stock::side::Side::new(&spec), patched: with_patched::side::Side::new(&spec), spec }
    }

    fn verdicts(&self, proof: &[u8]) -> Verdicts {
        Verdicts { stock: self.stock.verify(proof), patched: self.patched.verify(proof) }
    }

    /// All four ways to a proof give the same bytes, and both verifiers accept each.
    fn compare_true_proofs(&self, stock_proof: &[u8], outcome: &mut Outcome) {
        let seed = self.spec.seed;
        let proofs = [
            (Prover::Stock, stock_proof.to_vec()),
            (Prover::Patched, self.patched.prove(seed, None)),
            (Prover::PatchedColumns, self.patched.prove_from_columns(seed)),
            (Prover::PatchedKnownCommitments, self.patched.prove_with_known_commitments(seed)),
        ];
        for (prover, proof) in proofs {
            let verdicts = self.verdicts(&proof);
            if !verdicts.both_accept() {
                outcome.differences.push(Difference::TrueProofRefused { prover, verdicts });
            }
            if proof != stock_proof {
                let mut elements = proof.chunks(ELEMENT_BYTES).zip(stock_proof.chunks(ELEMENT_BYTES));
                outcome.differences.push(Difference::ProofBytes {
                    prover,
                    element: elements.position(|(patched, stock)| patched != stock),
                    elements: stock_proof.len() / ELEMENT_BYTES,
                    stock_repeats: self.stock.prove(seed, None) == stock_proof,
                    has_lookups: self.spec.has_lookups(),
                });
            }
        }
    }

    /// Neither verifier accepts an altered proof, and both say the same of it.
    fn compare_altered_proofs(&self, proof: &[u8], outcome: &mut Outcome) {
        for alteration in Alteration::all(proof.len() / ELEMENT_BYTES, self.spec.seed) {
            let Some(altered) = alteration.apply(proof) else { continue };
            outcome.counts.altered_proofs += 1;
            let verdicts = self.verdicts(&altered);
            if verdicts.any_accepts() {
                outcome.differences.push(Difference::AlteredProofAccepted { alteration, verdicts });
            } else if !verdicts.are_alike() {
                outcome.differences.push(Difference::AlteredProofVerdicts { alteration, verdicts });
            }
        }
    }

    /// Of a witness with this cell false both make the same proof, which neither verifier accepts.
    fn compare_false_proofs(&self, false_cell: Cell, outcome: &mut Outcome) {
        outcome.counts.false_witnesses += 1;
        let of_stock = self.stock.prove(self.spec.seed, Some(false_cell));
        let of_patched = self.patched.prove(self.spec.seed, Some(false_cell));
        if of_stock != of_patched {
            outcome.differences.push(Difference::FalseProofBytes { false_cell });
        }
        for (prover, proof) in [(Prover::Stock, of_stock), (Prover::Patched, of_patched)] {
            let verdicts = self.verdicts(&proof);
            if verdicts.any_accepts() {
                outcome.differences.push(Difference::FalseProofAccepted { false_cell, prover, verdicts });
            } else if !verdicts.are_alike() {
                outcome.differences.push(Difference::FalseProofVerdicts { false_cell, prover, verdicts });
            }
        }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            eliminated_columns: self.eliminated_columns + other.eliminated_columns,
            linear_forms: self.linear_forms + other.linear_forms,
            altered_proofs: self.altered_proofs + other.altered_proofs,
            false_witnesses: self.false_witnesses + other.false_witnesses,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { eliminated_columns, linear_forms, altered_proofs, false_witnesses } = self;
        write!(out, "{eliminated_columns} columns eliminated in {linear_forms} linear forms, ")?;
        write!(out, "{altered_proofs} altered proofs, {false_witnesses} false witnesses")
    }
}
