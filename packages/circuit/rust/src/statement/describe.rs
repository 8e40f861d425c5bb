//! Digests of groups of columns: Poseidon over what the columns hold, where it lies, and their commitments.

use super::dense::Dense;
use super::{Group, Named, Spec};
use crate::circuit::Parts;
use crate::layout::{Rows, WeightGroup, BLINDING_ROWS};
use crate::ops::Value;
use crate::scalar::output_offset_bits;
use crate::tensor::Role;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::digest::column_group;
use pot_proof_system::error::PotError;
use sha2::{Digest, Sha256};

/// Domain tags. The first is that of pot-sgd's windows, whose numbers come with it.
pub const WINDOW_WEIGHTS_DOMAIN: u64 = 0x706f7457;
pub const WEIGHTS_DOMAIN: u64 = 0x706f746757;
pub const FROZEN_DOMAIN: u64 = 0x706f746742;
pub const INPUTS_DOMAIN: u64 = 0x706f746744;
pub const OUTPUTS_DOMAIN: u64 = 0x706f74674f;

/// The digest of a group's commitments (`points`: compressed, in the order of the columns). Errors: `SPEC_INVALID`, `POINT_INVALID`.
pub fn digest(spec: &Spec, parts: &Parts, group: Group, points: &[u8]) -> Result<Fr, PotError> {
    let (domain, numbers) = described(spec, parts, group)?;
    column_group(domain, &numbers, points)
}

fn described(spec: &Spec, parts: &Parts, group: Group) -> Result<(u64, Vec<u64>), PotError> {
    let (domain, mut numbers) = content_numbers(spec, parts, group)?;
    if let (WINDOW_WEIGHTS_DOMAIN, Some(dense)) = (domain, dense(spec)?) {
        numbers.extend(dense.function(spec.graph(), spec.settings().weights));
    }
    Ok((domain, numbers))
}

fn dense(spec: &Spec) -> Result<Option<Dense>, PotError> {
    match spec.settings().weights {
        Named::Graph => Ok(None),
        named => Dense::of(spec.graph(), spec.settings().kind, named).map(Some),
    }
}

/// Numbers that say what a group's columns hold and where, and the domain that they are of. The first numbers of each fix how many
/// there are. Errors: `SPEC_INVALID`.
pub fn content_numbers(spec: &Spec, parts: &Parts, group: Group) -> Result<(u64, Vec<u64>), PotError> {
    let layout = &parts.layout;
    let [trained, frozen] = &layout.weights;
    Ok(match (group, dense(spec)?) {
        (Group::Weights | Group::After, Some(dense)) => (WINDOW_WEIGHTS_DOMAIN, dense.layout(layout.shape.k, trained)?),
        (Group::Weights | Group::After, None) => (WEIGHTS_DOMAIN, weights(parts, trained)),
        (Group::Frozen, _) => (FROZEN_DOMAIN, weights(parts, frozen)),
        (Group::Inputs, _) => (INPUTS_DOMAIN, rows(parts, layout.shape.data_columns, &layout.data)),
        (Group::Outputs, _) => (OUTPUTS_DOMAIN, rows(parts, layout.shape.output_columns, &layout.outputs)),
    })
}

/// Rows, columns, secret rows; then as many numbers as the fourth says.
fn counted(parts: &Parts, columns: usize, rest: Vec<u64>) -> Vec<u64> {
    let mut v = vec![u64::from(parts.layout.shape.k), columns as u64, BLINDING_ROWS as u64, rest.len() as u64];
    v.extend(rest);
    v
}

/// A value's axes, how many first.
fn axes(parts: &Parts, value: Value) -> Vec<u64> {
    let shape = &parts.graph.facts(value).shape;
    std::iter::once(shape.len()).chain(shape.iter().copied()).map(|n| n as u64).collect()
}

/// The limbs' bits, which say in what ranges first weights are; the offset's bits; of each tensor its axes, fractional bits and first row.
fn weights(parts: &Parts, group: &WeightGroup) -> Vec<u64> {
    let mut v = vec![u64::from(parts.graph.formats().limb_bits), u64::from(group.offset_bits), group.matrices.len() as u64];
    for m in &group.matrices {
        v.extend(axes(parts, m.value));
        v.extend([u64::from(parts.graph.facts(m.value).bits), m.run.row0 as u64]);
    }
    counted(parts, group.columns, v)
}

/// The limbs' bits; of each value what it is (data 0, labels 1, outputs 2), its axes, fractional bits, offset, and a hash of its rows.
fn rows(parts: &Parts, columns: usize, values: &[Rows]) -> Vec<u64> {
    let graph = &parts.graph;
    let mut v = vec![u64::from(graph.formats().limb_bits), values.len() as u64];
    for r in values {
        let (what, offset) = match graph.tensors().get(r.value) {
            Some(t) => (u64::from(t.role == Role::Label), t.offset as u64),
            None => (2, 1 << output_offset_bits(graph)),
        };
        v.push(what);
        v.extend(axes(parts, r.value));
        v.extend([u64::from(graph.facts(r.value).bits), offset]);
        let mut h = Sha256::new();
        r.runs.iter().flat_map(|run| [run.row0, run.len]).for_each(|n| h.update((n as u64).to_le_bytes()));
        v.extend(h.finalize().chunks(8).map(|c| u64::from_le_bytes(c.try_into().expect("8 bytes"))));
    }
    counted(parts, columns, v)
}
