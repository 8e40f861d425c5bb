//! Draws a circuit from a seed. Another order of draws would give every seed another circuit.

use super::expression::{rotation, Readable};
use super::{below, one_of, Added, Cell, Gate, PairLookup, RangeLookup, Rng, Spec, INSTANCE_VALUES};
use rand_core::SeedableRng;

/// Circuits have 2^5 to 2^8 rows.
const SMALLEST_K: u32 = 5;
const SIZES: usize = 4;
/// halo2 has three phases.
const MOST_PHASES: usize = 3;
/// Copies between advice columns that are tried; those against the order of the phases are left out.
const COPIES: usize = 6;
const INSTANCE_COPIES: usize = 2;
const MOST_GATES: usize = 5;
/// The degree of a gate's expression, before switch and selector.
const MOST_DEGREE: usize = 4;

impl Spec {
    pub fn random(seed: u64) -> Self {
        let rng = &mut Rng::seed_from_u64(seed);
        let mut spec = Self {
            seed,
            k: SMALLEST_K + below(rng, SIZES) as u32,
            phases: 1 + below(rng, MOST_PHASES),
            fixed_columns: 2 + below(rng, 3),
            selectors: below(rng, 3),
            instance_columns: below(rng, 3),
            ..Self::default()
        };
        spec.add_free_columns(rng);
        let free = spec.advice_phases.len();
        let rotated: Vec<usize> = (0..free).filter(|_| below(rng, 4) == 0).collect();
        if below(rng, 3) > 0 {
            spec.equality_columns = (0..free).filter(|_| below(rng, 3) == 0).collect();
        }
        spec.add_copies(rng);
        spec.add_range_lookup(rng);
        spec.add_pair_lookup(rng);
        let mut readable: Vec<usize> = (0..spec.advice_phases.len()).collect();
        spec.add_unread_columns(rng);
        for _ in 0..1 + below(rng, MOST_GATES) {
            spec.add_gate(rng, &mut readable, &rotated);
        }
        spec
    }

    fn draw_phase(&self, rng: &mut Rng) -> usize {
        below(rng, self.phases)
    }

    fn add_column(&mut self, phase: usize) -> usize {
        self.advice_phases.push(phase);
        self.advice_phases.len() - 1
    }

    /// Columns that hold anything, at least one of each phase, and challenges.
    fn add_free_columns(&mut self, rng: &mut Rng) {
        self.advice_phases = (0..self.phases).collect();
        for _ in 0..3 + below(rng, 8) {
            let phase = self.draw_phase(rng);
            self.add_column(phase);
        }
        for _ in 0..below(rng, 5) {
            let phase = self.draw_phase(rng);
            self.challenge_phases.push(phase);
        }
    }

    /// Copies from the first half of the rows to the second one, so that no target is a source; each target once.
    fn add_copies(&mut self, rng: &mut Rng) {
        if self.equality_columns.len() < 2 {
            return;
        }
        let usable = self.usable_rows();
        let half = usable / 2;
        let later_row = |rng: &mut Rng| half + below(rng, usable - half);
        let mut targets = vec![];
        for _ in 0..COPIES {
            let (from, to) = (one_of(rng, &self.equality_columns), one_of(rng, &self.equality_columns));
            if self.advice_phases[from] > self.advice_phases[to] {
                continue;
            }
            let source = Cell { column: from, row: below(rng, half) };
            let target = Cell { column: to, row: later_row(rng) };
            if !targets.contains(&target) {
                targets.push(target);
                self.copies.push((source, target));
            }
        }
        if self.instance_columns == 0 {
            return;
        }
        for _ in 0..INSTANCE_COPIES {
            let column = one_of(rng, &self.equality_columns);
            let target = Cell { column, row: later_row(rng) };
            if !targets.contains(&target) {
                targets.push(target);
                self.instance_copies.push((target, below(rng, INSTANCE_VALUES - 1)));
            }
        }
    }

    fn add_range_lookup(&mut self, rng: &mut Rng) {
        if below(rng, 2) == 0 {
            let phase = self.draw_phase(rng);
            let column = self.add_column(phase);
            self.range_lookup = Some(RangeLookup { column, rotation: rotation(rng, 1) });
            // Nothing reads this draw. Without it every later one would be another.
            below(rng, self.fixed_columns);
        }
    }

    fn add_pair_lookup(&mut self, rng: &mut Rng) {
        if below(rng, 2) == 0 {
            let phase = self.draw_phase(rng);
            let [a, b, c, d] = [(); 4].map(|()| self.add_column(phase));
            let mixed = below(rng, 2) == 0;
            let mut table_rows: Vec<usize> = (0..self.usable_rows()).collect();
            for row in (1..table_rows.len()).rev() {
                table_rows.swap(row, below(rng, row + 1));
            }
            self.pair_lookup = Some(PairLookup { inputs: [a, b], tables: [c, d], mixed, table_rows });
        }
    }

    /// Columns that no constraint reads, some of them queried all the same.
    fn add_unread_columns(&mut self, rng: &mut Rng) {
        for _ in 0..below(rng, 3) {
            let phase = self.draw_phase(rng);
            let column = self.add_column(phase);
            if below(rng, 2) == 0 {
                self.unread_queries.push(column);
            }
        }
    }

    /// A gate with an output column of its own, which later gates may read.
    fn add_gate(&mut self, rng: &mut Rng, readable: &mut Vec<usize>, rotated: &[usize]) {
        let phase = self.draw_phase(rng);
        let known = |columns: &[usize]| -> Vec<usize> { columns.iter().copied().filter(|column| self.advice_phases[*column] <= phase).collect() };
        let reads = Readable {
            columns: known(readable),
            rotated: known(rotated),
            challenges: (0..self.challenge_phases.len()).filter(|c| self.challenge_phases[*c] < phase).collect(),
            fixed_columns: self.fixed_columns,
            instance_columns: self.instance_columns,
        };
        let degree = 1 + below(rng, MOST_DEGREE);
        let value = if below(rng, 2) == 0 { reads.linear(rng) } else { reads.polynomial(rng, degree) };
        let output = self.add_column(phase);
        let added = self.draw_added(rng);
        let switch = below(rng, self.fixed_columns);
        let has_selector = self.selectors > 0 && below(rng, 2) == 0;
        let selector = has_selector.then(|| below(rng, self.selectors));
        readable.push(output);
        self.gates.push(Gate { switch, selector, value, output, added });
    }

    fn draw_added(&self, rng: &mut Rng) -> Option<Added> {
        if self.gates.is_empty() || self.challenge_phases.is_empty() || below(rng, 2) == 0 {
            return None;
        }
        let gate = below(rng, self.gates.len());
        Some(Added { gate, challenge: below(rng, self.challenge_phases.len()) })
    }
}
