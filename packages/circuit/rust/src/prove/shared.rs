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
use pot_proof_system::engine::{self, Srs};
use pot_proof_system::error::PotError;
use pot_proof_system::srs::has_basis;

/// Values whose entries a group's columns hold, in their order.
pub(super) fn values(parts: &Parts, group: Group) -> Vec<Value> {
    let layout = &parts.layout;
    match group {
        Group::Weights | Group::After => layout.weights[0].matrices.iter().map(|m| m.value).collect(),
        Group::Frozen => layout.weights[1].matrices.iter().map(|m| m.value).collect(),
        Group::State | Group::StateAfter => layout.weights[2].matrices.iter().map(|m| m.value).collect(),
        Group::Inputs => layout.data.iter().map(|r| r.value).collect(),
        Group::Outputs => layout.outputs.iter().map(|r| r.value).collect(),
    }
}

/// The secret rows of a group's columns, and their commitments. Errors: `SPEC_INVALID`.
pub(super) fn committed(
    (spec, parts, srs): (&Spec, &Parts, &Srs),
    group: Group,
    salt: &[u8; 32],
    entries: Entries<'_>,
) -> Result<(Vec<Vec<Fr>>, Vec<u8>), PotError> {
    if group.columns(parts) == 0 {
        return Ok((vec![], vec![]));
    }
    let rows = secret_rows(spec, parts, group, salt, values(parts, group).into_iter().flat_map(entries))?;
    let cells = match group {
        Group::Weights | Group::After => weight_cells(parts, 0, entries),
        Group::Frozen => weight_cells(parts, 1, entries),
        Group::State | Group::StateAfter => weight_cells(parts, 2, entries),
        Group::Inputs => input_cells(parts, entries),
        Group::Outputs => output_cells(parts, entries),
    };
    let columns =
        cells.into_iter().zip(&rows).map(|(cells, secret)| cells.into_iter().map(|v| signed(v.into())).chain(secret.iter().copied()).collect());
    let points = commit(srs, columns.collect());
    Ok((rows, points))
}

/// Commitments to whole columns, also without a Lagrange basis, which a verifier has none of.
fn commit(srs: &Srs, columns: Vec<Vec<Fr>>) -> Vec<u8> {
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
