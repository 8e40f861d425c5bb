//! Functions without state.
//!
//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.

use crate::api;
use crate::guard::export;
use napi::bindgen_prelude::{BigInt64Array, BigInt64ArraySlice, Uint8Array, Uint8ArraySlice};
use napi_derive::napi;

/// Fills in a specification's shape: its JSON, with the estimates under `info`.
#[napi]
pub fn plan(spec_json: String, constraints_json: String) -> napi::Result<String> {
    export(|| api::plan(&spec_json, &constraints_json))
}

/// What the circuit takes and keeps for itself, as JSON.
#[napi]
pub fn limits() -> napi::Result<String> {
    export(|| api::limits())
}

/// The insecure development SRS of 2^k points.
#[napi]
pub fn srs_development(k: u32) -> napi::Result<Uint8Array> {
    Ok(export(|| api::srs_development(k))?.into())
}

/// The first 2^k powers of a `.ptau` file, checked.
#[napi]
pub fn srs_from_ptau(ptau: Uint8ArraySlice<'_>, k: u32) -> napi::Result<Uint8Array> {
    let ptau = ptau.to_vec();
    Ok(export(|| api::srs_from_ptau(&ptau, k))?.into())
}

/// The first 2^k powers of a file of any known form, checked.
#[napi]
pub fn srs_import(file: Uint8ArraySlice<'_>, k: u32) -> napi::Result<Uint8Array> {
    let file = file.to_vec();
    Ok(export(|| api::srs_import(&file, k))?.into())
}

/// The SRS of the first 2^k powers, with its Lagrange basis.
#[napi]
pub fn srs_cut(srs: Uint8ArraySlice<'_>, k: u32) -> napi::Result<Uint8Array> {
    let srs = srs.to_vec();
    Ok(export(|| api::srs_cut(&srs, k))?.into())
}

/// `{"k", "hash", "development"}` of an SRS.
#[napi]
pub fn srs_inspect(srs: Uint8ArraySlice<'_>) -> napi::Result<String> {
    let srs = srs.to_vec();
    export(|| api::srs_inspect(&srs))
}

/// Poseidon chain of domain 0 over 32-byte little-endian field elements: 32 bytes.
#[napi]
pub fn poseidon(inputs: Uint8ArraySlice<'_>) -> napi::Result<Uint8Array> {
    let inputs = inputs.to_vec();
    Ok(export(|| api::poseidon(&inputs))?.into())
}

/// What a graph can be made of (docs/operators/graph.md): version, limits, roles and operators, as JSON.
#[napi]
pub fn graph_schema() -> napi::Result<String> {
    export(|| api::graph_schema())
}

/// The graph of a network of dense layers that goes forward, as its canonical text.
#[napi]
pub fn dense_inference(network_json: String) -> napi::Result<String> {
    export(|| api::dense_inference(&network_json))
}

/// The settings of the cheapest circuit of a graph for `{"kind", "weights", "like"?}`, as their canonical text.
#[napi]
pub fn plan_graph(graph_json: String, request_json: String) -> napi::Result<String> {
    export(|| api::plan_graph(&graph_json, &request_json))
}

/// The outputs that a graph makes of its tensors' entries, one after the other in the order of the nodes.
#[napi]
pub fn run_graph(graph_json: String, tensors: BigInt64ArraySlice<'_>) -> napi::Result<BigInt64Array> {
    let tensors = tensors.to_vec();
    Ok(export(|| api::run_graph(&graph_json, &tensors))?.into())
}
