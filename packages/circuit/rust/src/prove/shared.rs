//! Shared columns of a content: cells, secret rows, commitments.

use super::salt::secret_rows;
use crate::circuit::Parts;
use crate::gadgets::algebra::signed;
use crate::ops::Value;
use crate::statement::{Group, Spec};
use crate::witness::{input_cells, output_cells, weight_cells, Entries};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::halo2curves::group::{Curve, GroupEncoding};
use halo2_axiom::poly::commitment::{Blind, Params, ParamsProver};
use halo2_axiom::poly::EvaluationDomain;
use pot_proof_system::digest::POINT_BYTES;
use pot_proof_system::engine::{self, Srs};
use pot_proof_system::error::PotError;
use pot_proof_system::srs::has_basis;

/// Values whose entries a group's columns hold, in their order.
pub fn values(parts: &Parts, group: Group) -> Vec<Value> {
    let layout = &parts.layout;
    match group {
        Group::Weights | Group::After => layout.weights[0].matrices.iter().map(|m| m.value).collect(),
        Group::Frozen => layout.weights[1].matrices.iter().map(|m| m.value).collect(),
        Group::State | Group::StateAfter => layout.weights[2].matrices.iter().map(|m| m.value).collect(),
        Group::Inputs => layout.data.iter().map(|r| r.value).collect(),
        Group::Outputs => layout.outputs.iter().map(|r| r.value).collect(),
    }
}

/// Commitments to a group's columns, 32 bytes each: of entries by value, which are in their ranges. Errors: `SPEC_INVALID`.
pub fn commitments(of: (&Spec, &Parts, &Srs), group: Group, salt: &[u8; 32], entries: Entries<'_>) -> Result<Vec<u8>, PotError> {
    Ok(committed(of, group, salt, entries, &[])?.1)
}

/// Commitments to an optimiser's state before a run's first step: all of it is 0, and blinded by zeros, since everyone knows it. Empty
/// where there is no state. Errors: `SPEC_INVALID`.
pub fn first_state(of: (&Spec, &Parts, &Srs)) -> Result<Vec<u8>, PotError> {
    let parts = of.1;
    if Group::State.columns(parts) == 0 {
        return Ok(vec![]);
    }
    let longest = values(parts, Group::State).iter().map(|v| parts.graph.facts(*v).len()).max().unwrap_or(0);
    let zeros = vec![0i128; longest];
    commitments(of, Group::State, &[0; 32], &|v| &zeros[..parts.graph.facts(v).len()])
}

/// The secret rows of a group's columns, and their commitments: those that are known, or new ones. Errors: `SPEC_INVALID`, `INPUT_SHAPE`.
pub(super) fn committed(
    (spec, parts, srs): (&Spec, &Parts, &Srs),
    group: Group,
    salt: &[u8; 32],
    entries: Entries<'_>,
    known: &[u8],
) -> Result<(Vec<Vec<Fr>>, Vec<u8>), PotError> {
    let wanted = group.columns(parts) * POINT_BYTES;
    if !known.is_empty() && known.len() != wanted {
        let message = format!("commitments to {}: {} bytes, expected {wanted}", group.name(), known.len());
        return Err(PotError::new("INPUT_SHAPE", message));
    }
    if wanted == 0 {
        return Ok((vec![], vec![]));
    }
    let rows = secret_rows(spec, parts, group, salt, values(parts, group).into_iter().flat_map(entries))?;
    if !known.is_empty() {
        return Ok((rows, known.to_vec()));
    }
    let points = commit(srs, whole(parts, group, entries, &rows));
    Ok((rows, points))
}

/// The whole columns of a group's content: its cells, 0 where there is no value, then its secret rows. Errors: `SPEC_INVALID`.
pub(super) fn whole_columns((spec, parts): (&Spec, &Parts), group: Group, salt: &[u8; 32], entries: Entries<'_>) -> Result<Vec<Vec<Fr>>, PotError> {
    let rows = secret_rows(spec, parts, group, salt, values(parts, group).into_iter().flat_map(entries))?;
    Ok(whole(parts, group, entries, &rows))
}

fn whole(parts: &Parts, group: Group, entries: Entries<'_>, rows: &[Vec<Fr>]) -> Vec<Vec<Fr>> {
    let cells = match group {
        Group::Weights | Group::After => weight_cells(parts, 0, entries),
        Group::Frozen => weight_cells(parts, 1, entries),
        Group::State | Group::StateAfter => weight_cells(parts, 2, entries),
        Group::Inputs => input_cells(parts, entries),
        Group::Outputs => output_cells(parts, entries),
    };
    let with = |(cells, secret): (Vec<i64>, &Vec<Fr>)| cells.into_iter().map(|v| signed(v.into())).chain(secret.iter().copied()).collect();
    cells.into_iter().zip(rows).map(with).collect()
}

/// Commitments to whole columns, also without a Lagrange basis, which a verifier has none of.
pub(super) fn commit(srs: &Srs, columns: Vec<Vec<Fr>>) -> Vec<u8> {
    if has_basis(srs) {
        return engine::commit(srs, columns);
    }
    let domain = EvaluationDomain::<Fr>::new(2, srs.k());
    let point = |c: Vec<Fr>| {
        let polynomial = domain.lagrange_to_coeff(domain.lagrange_from_vec(c));
        srs.commit(&polynomial, Blind::default()).to_affine().to_bytes().as_ref().to_vec()
    };
    columns.into_iter().flat_map(point).collect()
}
