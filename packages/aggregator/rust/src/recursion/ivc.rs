//! One IVC step: how a window continues a state.

use super::hash::hash2;
use super::logic::{assert_equal_if, select};
use super::state::State;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_chip::{Builder, Cell, Point};

/// One window's public inputs, with its shard's place; digests are those of `w0`, `wk`, the base's and the data's points already.
#[derive(Clone, Debug)]
pub struct Window {
    pub run_id: Cell,
    /// None where windows have rates of their own: then it is in `schedule`.
    pub eta: Option<Cell>,
    pub first_step: Cell,
    pub steps: u64,
    pub weights_in: Cell,
    pub weights_out: Cell,
    /// None where bases are renewed: then it is in `schedule`.
    pub base: Option<Cell>,
    /// What it puts into the schedule's hash, in order (`state::schedule_after`).
    pub schedule: Vec<Cell>,
    pub w0: Vec<Point>,
    pub wk: Vec<Point>,
}

impl Window {
    /// Where `continues` is 1, the window goes on where `before` ended.
    pub fn assert_continues(&self, b: &mut Builder, continues: Cell, before: &State<Cell>) {
        for (x, y) in [
            (Some(self.run_id), before.run_id),
            (self.eta, before.eta),
            (Some(self.first_step), before.end_step),
            (Some(self.weights_in), before.weights_out),
            (self.base, before.base),
        ] {
            if let Some(x) = x {
                assert_equal_if(b, continues, x, y);
            }
        }
    }

    /// Where `continues` is 1, the weights in are the weights out of `before`, commitment by commitment.
    pub fn assert_same_points(&self, b: &mut Builder, continues: Cell, before: &Window) {
        assert_eq!(self.w0.len(), before.wk.len(), "one layout");
        for (p, q) in self.w0.iter().zip(&before.wk) {
            assert_equal_if(b, continues, p.x, q.x);
            assert_equal_if(b, continues, p.y, q.y);
        }
    }

    /// The state after this window, if `active` is 1; otherwise `state`.
    pub fn apply(&self, b: &mut Builder, active: Cell, state: &State<Cell>) -> State<Cell> {
        let end = b.linear(&[(Fr::one(), self.first_step)], Fr::from(self.steps));
        let schedule = self.schedule.iter().fold(state.schedule, |h, v| hash2(b, h, *v));
        State {
            end_step: select(b, active, end, state.end_step),
            weights_out: select(b, active, self.weights_out, state.weights_out),
            schedule: select(b, active, schedule, state.schedule),
            ..*state
        }
    }
}
