//! Steps by an optimiser's rule, and of activations and losses that docs/protocol/protocol.md does not have: of the graph, which has them
//! for whatever is trained.

use super::{adapters::given, Executor, StepReport};
use crate::network::{graph, rate_bits, Content};
use crate::optimizer::Optimizer;
use crate::spec::{Kind, Mode, SgdSpec};
use pot_circuit::autodiff::{optimised, Training};
use pot_proof_system::error::PotError;

/// One step of a specification's rule; none of plain SGD of a plain network. Errors: `GRAPH_*`.
pub(super) fn training(spec: &SgdSpec) -> Result<Option<Training>, PotError> {
    let of = |rule| optimised(&graph(spec)?, 1, rate_bits(spec), &rule);
    let rule = spec.optimizer().or((!spec.plain()).then(Optimizer::default));
    rule.map(of).transpose()
}

impl Executor {
    /// Errors: as [`Executor::step`]; `DATA_RANGE`.
    pub(super) fn step_by_rule(&mut self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<StepReport, PotError> {
        let rate = self.check_step(x, y, eta, number)?;
        self.spec.check_rate(rate)?;
        if self.spec.local() {
            given(&self.spec, y)?;
        }
        let training = self.training.as_ref().expect("a graph");
        let window = SgdSpec { kind: Kind::Window, mode: Mode::Exact, ..self.spec.clone() };
        let content = Content { weights: &self.weights, base: &self.base, x, y, taken: &[] };
        let mut tensors = content.tensors(&training.graph, &window, 1);
        let run = training.steps(&mut tensors, &[i128::from(rate)], None)?;
        let moved = training.updates.iter().map(|u| u.0).chain(training.states.iter().map(|s| s.0));
        // Within the ranges of weights and states, which 64 bits hold.
        self.weights = moved.flat_map(|v| tensors[v].iter().map(|e| *e as i64)).collect();
        if self.spec.local() {
            return Ok(StepReport { loss: 0.0, correct: 0 });
        }
        // The loss, and penalties beside it.
        let losses = run.losses.iter().map(|l| &l.1);
        Ok(losses.fold(StepReport { loss: 0.0, correct: 0 }, |r, l| StepReport { loss: r.loss + l.value, correct: r.correct + l.correct }))
    }
}
