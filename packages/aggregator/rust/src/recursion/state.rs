//! What an aggregate says after its accumulator and its key: one state, of values or of cells.

use crate::form::Form;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::poseidon;

/// Domain tag of the schedule's hash.
pub const SCHEDULE_DOMAIN: u64 = 0x706f7453;

/// The schedule's hash before any window. `rates`: how many each window puts in: one a step where steps have rates of their own, else
/// none, so that a chain with rates is none without.
pub fn schedule_start(rates: usize, form: Form) -> Fr {
    poseidon::hash2(Fr::from(SCHEDULE_DOMAIN), Fr::from(rates as u64 + form.tag()))
}

/// The schedule's hash after a window of this epoch that used this shard, and took its steps at these rates where they are their own;
/// behind the window's rate, where the form has it.
pub fn schedule_next(before: Fr, epoch: u64, shard: u64, rates: &[Fr]) -> Fr {
    schedule_after(before, &[&[Fr::from(epoch), Fr::from(shard)], rates].concat())
}

/// The schedule's hash after a window that puts these in: its epoch; its shard's index, or the digests of shard and base; its
/// rate; its steps' rates. What its form does not have is left out.
pub fn schedule_after(before: Fr, window: &[Fr]) -> Fr {
    window.iter().fold(before, |h, v| poseidon::hash2(h, *v))
}

/// The public inputs of an aggregate after its accumulator and its own key, in order.
#[derive(Clone, Copy, Debug)]
pub struct State<T> {
    pub run_id: T,
    pub eta: T,
    pub first_step: T,
    /// The step after the last.
    pub end_step: T,
    pub weights_in: T,
    pub weights_out: T,
    pub dataset_root: T,
    pub schedule: T,
    /// Of the frozen base; 0 where there is none.
    pub base: T,
    /// Of the dataset's tree.
    pub depth: T,
}

/// Values of a state.
pub const STATE: usize = 10;

impl<T: Copy> State<T> {
    pub fn from_array(v: [T; STATE]) -> Self {
        let [run_id, eta, first_step, end_step, weights_in, weights_out, dataset_root, schedule, base, depth] = v;
        Self { run_id, eta, first_step, end_step, weights_in, weights_out, dataset_root, schedule, base, depth }
    }

    pub fn array(&self) -> [T; STATE] {
        let s = self;
        [s.run_id, s.eta, s.first_step, s.end_step, s.weights_in, s.weights_out, s.dataset_root, s.schedule, s.base, s.depth]
    }
}
