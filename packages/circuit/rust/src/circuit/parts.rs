//! What a circuit is made of.

use super::Config;
use crate::autodiff::Training;
use crate::claims::Claims;
use crate::graph::Graph;
use crate::layout::{Layout, Shape, BLINDING_ROWS};
use crate::scalar::{program, Exports, Program};
use halo2_axiom::plonk::ConstraintSystem;
use pot_proof_system::error::PotError;
use std::sync::Arc;

/// What a circuit follows from: a graph, what it claims, and where that lies.
#[derive(Clone, Debug)]
pub struct Parts {
    pub graph: Graph,
    pub claims: Claims,
    pub layout: Layout,
}

impl Parts {
    /// Of a graph that goes forward. Errors: `GRAPH_UNSUPPORTED`, `CIRCUIT_SHAPE`, `CIRCUIT_TOO_LARGE`.
    pub fn forward(graph: &Graph, shape: Shape) -> Result<Arc<Self>, PotError> {
        Self::of(graph, Claims::forward(graph)?, shape)
    }

    /// Of a step of training. Errors: the same.
    pub fn training(training: &Training, shape: Shape) -> Result<Arc<Self>, PotError> {
        Self::of(&training.graph, Claims::training(training)?, shape)
    }

    /// Of a step whose weights after may deviate from what it gives, by what so many limbs hold. Errors: the same.
    pub fn tolerant(training: &Training, limbs: usize, shape: Shape) -> Result<Arc<Self>, PotError> {
        Self::of(&training.graph, Claims::tolerant(training, limbs)?, shape)
    }

    /// Of first weights, those of a graph: that they are in their ranges. Errors: `CIRCUIT_SHAPE`, `CIRCUIT_TOO_LARGE`.
    pub fn genesis(graph: &Graph, shape: Shape) -> Result<Arc<Self>, PotError> {
        Self::of(&graph.weights(), Claims::genesis(graph), shape)
    }

    /// Of a graph and what is claimed of it. Errors: `CIRCUIT_SHAPE`, `CIRCUIT_TOO_LARGE`.
    pub fn of(graph: &Graph, claims: Claims, shape: Shape) -> Result<Arc<Self>, PotError> {
        let layout = Layout::new(graph, &claims, shape)?;
        let me = Self { graph: graph.clone(), claims, layout };
        let mut cs = ConstraintSystem::default();
        let config = Config::new(&mut cs, &me);
        super::size::check(&cs, &me.layout)?;
        me.program(&Exports::none())?;
        config.gates(&mut cs, &me);
        // Those that halo2 blinds itself, and one more for each time that a column is opened.
        if cs.blinding_factors() + 2 > BLINDING_ROWS {
            let message = format!("a column is read at {} rows at once: {} fit", cs.blinding_factors(), BLINDING_ROWS - 2);
            return Err(PotError::new("CIRCUIT_TOO_LARGE", message));
        }
        Ok(Arc::new(me))
    }

    /// Whether there is a rate for each step.
    pub fn corrected(&self) -> bool {
        self.claims.corrected(&self.graph)
    }

    /// The scalar column's program.
    pub fn program(&self, exports: &Exports<'_>) -> Result<Program, PotError> {
        program(&self.graph, &self.claims, &self.layout, exports)
    }
}
