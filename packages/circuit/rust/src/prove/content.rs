//! What a statement shows of a content, without a proof.

use super::shared::{commitments, values};
use super::verifier::parts;
use crate::circuit::Parts;
use crate::execute::check_tensor;
use crate::ops::Value;
use crate::statement::{digest, ranges, Group, Spec};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::poly::commitment::Params;
use pot_proof_system::engine::Srs;
use pot_proof_system::error::PotError;
use pot_proof_system::srs::powers_alone;
use std::collections::HashMap;

/// The digest of a group's content under a salt: what a statement shows of it. `entries`: those of its values, one after the other, data
/// and labels among the inputs. No proof opens anything here, and no key is made.
///
/// Errors: `INPUT_SHAPE` (also where the circuit has no such group), `DATA_RANGE`, `WEIGHT_RANGE`, `VALUE_RANGE`, `SRS_TOO_SMALL`, and
/// those of [`Spec::parts`].
pub fn content_digest(spec: &Spec, srs: &Srs, group: Group, entries: &[i128], salt: &[u8; 32]) -> Result<Fr, PotError> {
    let parts = parts(spec, srs)?;
    let there = if group.columns(&parts) > 0 { values(&parts, group) } else { vec![] };
    let lens = there.iter().map(|v| parts.graph.facts(*v).len());
    let wanted: usize = lens.clone().sum();
    if wanted == 0 || wanted != entries.len() {
        return Err(PotError::new("INPUT_SHAPE", format!("{}: {} entries, expected {wanted}", group.name(), entries.len())));
    }
    let starts = lens.clone().scan(0, |end, len| Some(std::mem::replace(end, *end + len)));
    let known: HashMap<Value, &[i128]> = there.iter().zip(starts.zip(lens)).map(|(v, (at, len))| (*v, &entries[at..at + len])).collect();
    match group {
        Group::Outputs => check_outputs(&parts, &known)?,
        _ => there.iter().try_for_each(|v| check_tensor(&parts.graph, *v, known[v]))?,
    }
    let k = parts.layout.shape.k;
    let cut = (k != srs.k()).then(|| powers_alone(srs, k)).transpose()?;
    let points = commitments((spec, &parts, cut.as_ref().unwrap_or(srs)), group, salt, &|v| known[&v])?;
    digest(spec, &parts, group, &points)
}

/// Errors: `VALUE_RANGE`.
fn check_outputs(parts: &Parts, known: &HashMap<Value, &[i128]>) -> Result<(), PotError> {
    for (rows, range) in ranges(parts, Group::Outputs) {
        let wide = i128::from(*range.start())..=i128::from(*range.end());
        if let Some(i) = known[&rows.value].iter().position(|v| !wide.contains(v)) {
            let message = format!("{}: entry {i} must lie in {}..={}", parts.graph.name(rows.value), range.start(), range.end());
            return Err(PotError::new("VALUE_RANGE", message).with("index", i));
        }
    }
    Ok(())
}
