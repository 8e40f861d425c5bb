//! The operator graph of a specification, and what is proven of it.

pub use crate::content::Content;
use crate::limits::{MAX_COLUMNS, MAX_K, MAX_LANES, MAX_LANE_COLUMNS, MIN_K};
use crate::spec::{Activation, Kind, Mode, Part, Penalty, SgdSpec};
use pot_circuit::circuit::Parts;
use pot_circuit::front::adapters::{adapted, Adapter, Lora};
use pot_circuit::front::dense::{dense_graph, Dense, DenseLayer};
use pot_circuit::front::local::{local_graph, Local};
use pot_circuit::front::penalties;
use pot_circuit::graph::Graph;
use pot_circuit::layout::Shape;
use pot_circuit::ops::Value;
use pot_circuit::prove::values;
use pot_circuit::statement::{self, content_numbers, Group, Named, Settings, VERSION};
use pot_proof_system::error::PotError;
use std::collections::HashMap;
use std::sync::Arc;

/// A specification's circuit.
#[derive(Clone, Debug)]
pub struct Network {
    /// As the circuit's crate knows it.
    pub described: statement::Spec,
    pub parts: Arc<Parts>,
}

impl Network {
    /// Errors: `SPEC_INVALID`, `GRAPH_*`, `CIRCUIT_*`.
    pub fn new(spec: &SgdSpec) -> Result<Self, PotError> {
        spec.check()?;
        let settings = Settings { version: VERSION, kind: kind(spec), weights: named(spec), shape: shape(spec)? };
        let described = statement::Spec::new(graph(spec)?, settings)?;
        let me = Self { parts: described.parts()?, described };
        // Weights lie where the numbers of their digests say: refused otherwise.
        for group in [Group::Weights, Group::Frozen] {
            content_numbers(&me.described, &me.parts, group)?;
        }
        Ok(me)
    }

    /// Entries by tensor: [`Content::tensors`] of all steps.
    pub fn tensors(&self, spec: &SgdSpec, content: &Content<'_>) -> Vec<Vec<i128>> {
        content.tensors(self.described.graph(), spec, spec.steps)
    }

    /// Data and labels of all steps, by the value that has them in the circuit.
    pub fn data_by_value(&self, spec: &SgdSpec, content: &Content<'_>) -> HashMap<Value, Vec<i128>> {
        let steps = (0..spec.steps).flat_map(|t| content.data(spec, t));
        values(&self.parts, Group::Inputs).into_iter().zip(steps).collect()
    }
}

/// The forward graph, with its loss. Errors: `GRAPH_*`.
pub fn graph(spec: &SgdSpec) -> Result<Graph, PotError> {
    let s = &spec.scales;
    let formats = spec.formats();
    if let (true, Some(adapter)) = (spec.local(), spec.adapter(0)) {
        return local_graph(&Local {
            formats,
            bits: s.a,
            gradient_bits: s.d,
            weight_bits: s.w(),
            batch: spec.batch,
            inputs: spec.inputs(),
            outputs: spec.outputs(),
            rank: adapter.rank,
            alpha: adapter.alpha,
            x_offset: spec.x_offset,
        });
    }
    let layers = spec.layers.iter().enumerate().map(|(i, l)| match spec.bends(i) {
        Some(activation) => DenseLayer::bent(l.outputs, activation, l.bias),
        None => DenseLayer::new(l.outputs, l.activation == Activation::Relu, l.bias),
    });
    let dense = dense_graph(&Dense {
        formats,
        bits: s.a,
        gradient_bits: s.d,
        weight_bits: s.w(),
        batch: spec.batch,
        inputs: spec.inputs(),
        layers: layers.collect(),
        loss: spec.loss.graph(),
        x_offset: spec.x_offset,
        y_offset: spec.y_offset,
    })?;
    let Some(lora) = &spec.lora else { return with_penalties(&dense, spec) };
    let adapter = |(l, a): (usize, &Option<crate::spec::Adapter>)| a.map(|a| Adapter { kernel: format!("kernel{l}"), rank: a.rank, alpha: a.alpha });
    let adapters = lora.adapters.iter().enumerate().filter_map(adapter).collect();
    adapted(&dense, &Lora { base_bits: lora.base_bits, gradient_bits: s.d, adapters })
}

fn with_penalties(dense: &Graph, spec: &SgdSpec) -> Result<Graph, PotError> {
    if spec.penalties.is_empty() {
        return Ok(dense.clone());
    }
    let penalty = |p: &Penalty| match p.of {
        Part::Kernel => penalties::Penalty { tensor: format!("kernel{}", p.layer), l2: p.l2 },
        Part::Bias => penalties::Penalty { tensor: format!("bias{}", p.layer), l2: p.l2 },
    };
    penalties::penalised(dense, &spec.penalties.iter().map(penalty).collect::<Vec<_>>())
}

/// Fractional bits of a step's rate.
pub fn rate_bits(spec: &SgdSpec) -> u32 {
    let s = &spec.scales;
    if spec.divides() {
        s.a + s.d
    } else {
        s.e
    }
}

/// What a proof says of the graph.
pub fn kind(spec: &SgdSpec) -> statement::Kind {
    let optimizer = spec.optimizer().unwrap_or_default();
    let (steps, tolerance_limbs, rate_bits) = (spec.steps, spec.tolerance_limbs, rate_bits(spec));
    match (spec.kind, spec.mode) {
        (Kind::Genesis, _) => statement::Kind::Genesis,
        (Kind::Window, _) if spec.local() => statement::Kind::Local { rate_bits, steps, optimizer, tolerance_limbs },
        (Kind::Window, Mode::Tolerance) => statement::Kind::Step { rate_bits, tolerance_limbs },
        (Kind::Window, Mode::Exact) if spec.rates_per_step => statement::Kind::Scheduled { rate_bits, steps, optimizer },
        (Kind::Window, Mode::Exact) => statement::Kind::Train { rate_bits, steps, optimizer },
    }
}

/// Which network the weights' digest is of.
pub fn named(spec: &SgdSpec) -> Named {
    spec.loss.named()
}

/// Values of a trained weight in a checkpoint, each with as many columns: itself, and an optimiser's states.
pub fn weight_groups(spec: &SgdSpec) -> usize {
    1 + spec.optimizer().map_or(0, |o| o.states())
}

/// Errors: `SPEC_INVALID` where there is none, or it does not fit.
pub(crate) fn shape(spec: &SgdSpec) -> Result<Shape, PotError> {
    let s = spec.shape()?;
    let within = |v: usize, most: usize| (1..=most).contains(&v);
    let sizes = [s.weight_columns, s.data_columns, s.base_columns.max(1)].iter().all(|c| within(*c, MAX_COLUMNS));
    if !(MIN_K..=MAX_K).contains(&s.k) || !sizes || !within(s.lanes, MAX_LANES) || !within(s.lane_columns, MAX_LANE_COLUMNS) {
        let message = format!(
            "shape: 2^{MIN_K} to 2^{MAX_K} rows, 1 to {MAX_COLUMNS} columns of each kind, 1 to {MAX_LANES} lanes of 1 to {MAX_LANE_COLUMNS} columns"
        );
        return Err(PotError::new("SPEC_INVALID", message));
    }
    let groups = weight_groups(spec);
    if s.weight_columns % groups != 0 {
        let message = format!("shape: {} weightColumns are not as many of weights as of an optimiser's states", s.weight_columns);
        return Err(PotError::new("SPEC_INVALID", message));
    }
    if (s.base_columns > 0) != spec.base_bits().is_some() {
        return Err(PotError::new("SPEC_INVALID", "shape: base columns with a frozen base, none without".into()));
    }
    let (k, weight_columns, frozen_columns) = (s.k, s.weight_columns / groups, s.base_columns.max(1));
    let window =
        Shape { k, weight_columns, frozen_columns, data_columns: s.data_columns, output_columns: 1, lanes: s.lanes, lane_columns: s.lane_columns };
    Ok(match spec.kind {
        Kind::Window => window,
        Kind::Genesis => Shape { data_columns: 1, lanes: 1, lane_columns: 1, ..window },
    })
}
