//! Chooses rows and columns for a specification.

use crate::network::{graph, kind, named, weight_groups, Network};
use crate::spec::{Kind, SgdSpec, Shape};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::circuit::Config;
use pot_circuit::layout::BLINDING_ROWS;
use pot_circuit::plan::Like;
use pot_circuit::statement::Spec;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// What a planned shape must keep: the weight columns of all circuits of a run lie alike.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Constraints {
    pub k: Option<u32>,
    pub weight_columns: Option<usize>,
    pub base_columns: Option<usize>,
    /// The proofs will be aggregated: fewer columns, if need be in more rows.
    #[serde(default)]
    pub aggregated: bool,
}

/// What to expect of a planned circuit.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    pub rows: usize,
    pub advice_columns: usize,
    pub fixed_columns: usize,
    pub degree: usize,
    /// Exact length of a proof.
    pub proof_bytes: usize,
    /// Estimate of the prover's peak memory.
    pub memory_bytes: u64,
    /// Proofs that may open one commitment to data or weights before its secret rows are used up.
    pub max_uses: usize,
    /// The same for the commitment to a frozen base under a secret salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_max_uses: Option<usize>,
    /// Weights that are trained.
    pub weights: usize,
}

/// Fills in the shape. Errors: `SPEC_INVALID`, `CIRCUIT_TOO_LARGE` (nothing up to 2^18 rows fits).
pub fn plan(spec: &SgdSpec, constraints: Constraints) -> Result<(SgdSpec, Info), PotError> {
    SgdSpec { shape: None, ..spec.clone() }.check()?;
    let groups = weight_groups(spec);
    let weight_columns = match constraints.weight_columns {
        Some(c) if c % groups != 0 => return Err(too_large(spec)),
        given => given.map(|c| c / groups),
    };
    let like = Like { k: constraints.k, weight_columns, frozen_columns: constraints.base_columns, aggregated: constraints.aggregated };
    let window = SgdSpec { kind: Kind::Window, ..spec.clone() };
    let planned = graph(spec).and_then(|g| Spec::planned(&g, kind(&window), named(spec), like)).map_err(|e| match e.code {
        "CIRCUIT_TOO_LARGE" => too_large(spec),
        "GRAPH_INVALID" if e.details["reason"] == "size" => too_large(spec),
        _ => e,
    })?;
    let s = planned.settings().shape;
    let shape = Shape {
        k: s.k,
        weight_columns: s.weight_columns * groups,
        data_columns: s.data_columns,
        lanes: s.lanes,
        lane_columns: s.lane_columns,
        base_columns: if spec.base_bits().is_some() { s.frozen_columns } else { 0 },
    };
    let spec = SgdSpec { shape: Some(shape), ..spec.clone() };
    let info = info(&spec)?;
    Ok((spec, info))
}

fn too_large(spec: &SgdSpec) -> PotError {
    let (weights, samples) = (spec.weights() + spec.base_weights(), spec.batch * spec.steps);
    let message = format!("no shape of up to 2^18 rows holds {weights} weights and {samples} samples: use fewer steps a window or a smaller batch");
    PotError::new("CIRCUIT_TOO_LARGE", message)
}

/// Sizes of a shaped specification.
pub fn info(spec: &SgdSpec) -> Result<Info, PotError> {
    let network = Network::new(spec)?;
    let mut cs = ConstraintSystem::<Fr>::default();
    Config::new(&mut cs, &network.parts).gates(&mut cs, &network.parts);
    let (advice, fixed, degree) = (cs.num_advice_columns(), cs.num_fixed_columns(), cs.degree());
    let permuted = usize::from(spec.kind == Kind::Window);
    let points = advice + permuted + 1 + (degree - 1) + 2;
    // One grand product column is opened at two points (it is the last of its argument), and its sigma once.
    let scalars = cs.advice_queries().len() + cs.fixed_queries().len() + 1 + permuted * 3;
    let n = 1usize << spec.shape()?.k;
    Ok(Info {
        rows: n,
        advice_columns: advice,
        fixed_columns: fixed,
        degree,
        proof_bytes: 32 * (points + scalars),
        // In 64 bits: on wasm32 a large circuit's estimate does not fit usize.
        memory_bytes: n as u64 * (32 * (5 * fixed + 5 * advice) + 40 * advice + 128) as u64 + (24 << 20),
        max_uses: (BLINDING_ROWS - 1) / degree,
        base_max_uses: spec.base_bits().map(|_| (network.parts.layout.shape.frozen_blinding() - 1) / degree),
        weights: spec.weights(),
    })
}
