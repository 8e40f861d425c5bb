//! Digests of groups of columns: Poseidon over what the columns hold, where it lies, and their commitments.

use super::dense::Dense;
use super::{Group, Named, Spec};
use crate::circuit::Parts;
use crate::layout::{Rows, WeightGroup};
use crate::ops::Value;
use crate::scalar::output_offset_bits;
use crate::tensor::Role;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::digest::column_group;
use pot_proof_system::error::PotError;
use sha2::{Digest, Sha256};

/// Domain tags. The first two are those of pot-sgd's windows, whose numbers come with them.
pub const WINDOW_WEIGHTS_DOMAIN: u64 = 0x706f7457;
pub const WINDOW_BASE_DOMAIN: u64 = 0x706f7442;
pub const WEIGHTS_DOMAIN: u64 = 0x706f746757;
pub const FROZEN_DOMAIN: u64 = 0x706f746742;
pub const STATE_DOMAIN: u64 = 0x706f74674d;
pub const INPUTS_DOMAIN: u64 = 0x706f746744;
pub const OUTPUTS_DOMAIN: u64 = 0x706f74674f;

/// The digest of a group's commitments (`points`: compressed, in the order of the columns). Errors: `SPEC_INVALID`, `POINT_INVALID`.
pub fn digest(spec: &Spec, parts: &Parts, group: Group, points: &[u8]) -> Result<Fr, PotError> {
    let (domain, numbers) = described(spec, parts, group)?;
    column_group(domain, &numbers, points)
}

fn described(spec: &Spec, parts: &Parts, group: Group) -> Result<(u64, Vec<u64>), PotError> {
    let (domain, mut numbers) = content_numbers(spec, parts, group)?;
    if let Some(dense) = dense(spec)? {
        let named = spec.settings().weights;
        match domain {
            WINDOW_WEIGHTS_DOMAIN => numbers.extend(dense.formats(spec.graph()).into_iter().chain(dense.function(named))),
            WINDOW_BASE_DOMAIN => numbers.extend(dense.function(named)),
            _ => {}
        }
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
    let [trained, frozen, states] = &layout.weights;
    Ok(match (group, dense(spec)?) {
        (Group::Weights | Group::After, Some(dense)) => (WINDOW_WEIGHTS_DOMAIN, dense.layout(&layout.shape, [trained, frozen])?),
        (Group::Weights | Group::After, None) => (WEIGHTS_DOMAIN, weights(parts, group, trained)),
        (Group::Frozen, Some(dense)) if dense.on_base() => (WINDOW_BASE_DOMAIN, dense.base_layout(&layout.shape, frozen)?),
        (Group::Frozen, _) => (FROZEN_DOMAIN, weights(parts, group, frozen)),
        (Group::State | Group::StateAfter, _) => (STATE_DOMAIN, weights(parts, group, states)),
        (Group::Inputs, _) => (INPUTS_DOMAIN, rows(parts, group, &layout.data)),
        (Group::Outputs, _) => (OUTPUTS_DOMAIN, rows(parts, group, &layout.outputs)),
    })
}

/// Rows, columns, secret rows; then as many numbers as the fourth says.
fn counted(parts: &Parts, group: Group, rest: Vec<u64>) -> Vec<u64> {
    let [k, columns, secret] = [parts.layout.shape.k as usize, group.columns(parts), group.blinding_rows(parts)];
    let mut v = [k, columns, secret, rest.len()].map(|n| n as u64).to_vec();
    v.extend(rest);
    v
}

/// A value's axes, how many first.
fn axes(parts: &Parts, value: Value) -> Vec<u64> {
    let shape = &parts.graph.facts(value).shape;
    std::iter::once(shape.len()).chain(shape.iter().copied()).map(|n| n as u64).collect()
}

/// The limbs' bits, which say in what ranges first weights are; the offset's bits; of each tensor its axes, fractional bits and first row,
/// and of a state which it is.
fn weights(parts: &Parts, group: Group, held: &WeightGroup) -> Vec<u64> {
    let mut v = vec![u64::from(parts.graph.formats().limb_bits), u64::from(held.offset_bits), held.matrices.len() as u64];
    for m in &held.matrices {
        v.extend(axes(parts, m.value));
        v.extend([u64::from(parts.graph.facts(m.value).bits), m.run.row0 as u64]);
        match parts.graph.tensors()[m.value].role {
            Role::Moment => v.push(0),
            Role::SecondMoment => v.push(1),
            _ => {}
        }
    }
    counted(parts, group, v)
}

/// The limbs' bits; of each value what it is (data 0, labels 1, outputs 2), its axes, fractional bits, offset, and a hash of its rows.
fn rows(parts: &Parts, group: Group, values: &[Rows]) -> Vec<u64> {
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
    counted(parts, group, v)
}
