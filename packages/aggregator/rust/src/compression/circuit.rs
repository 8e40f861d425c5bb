//! The compression circuit: one aggregate verified up to its pairing, its accumulator added to the proof's own.

use crate::recursion::circuit::{accumulator_points, verify};
use crate::recursion::loader::loader;
use crate::recursion::statement::{points_of_halves, ACCUMULATOR, OWN_KEY};
use crate::recursion::terms::evaluate;
use crate::window::Snark;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use pot_chip::Builder;
use pot_proof_system::error::PotError;
use snark_verifier::verifier::plonk::PlonkProtocol;

/// Records the circuit for an aggregate of the key with this protocol and digest, both constants of the circuit.
/// Gives its public inputs: the accumulator's halves, then the aggregate's public inputs after its own key.
///
/// Errors: `AGGREGATE_PROOF`, `AGGREGATE_ACCUMULATOR`.
pub fn build(key: &PlonkProtocol<G1Affine>, digest: Fr, snark: &Snark) -> Result<(Builder, Vec<Fr>), PotError> {
    let points = points_of_halves(&snark.instance[..ACCUMULATOR])?;
    let chip = loader(Builder::default());
    let protocol = key.loaded(&chip);
    let (open, seen) = verify(&chip, &protocol, snark, 0)?;
    drop(protocol);
    let mut b = chip.take_ctx();
    let b = &mut b;
    b.assert_constant(seen.instance[OWN_KEY], digest);
    let old = accumulator_points(b, &seen.instance, points);
    let mut public = vec![];
    for (mut sum, point) in open.sides.into_iter().zip(old) {
        // The challenge was drawn after the proof and the public inputs, the accumulator's halves among them: were one of
        // the two pairings false, their sum would be for all challenges but one.
        sum.variable.push((Some(open.seal), point));
        let point = evaluate(b, sum);
        public.extend(b.halves(&point));
    }
    public.extend(&seen.instance[OWN_KEY + 1..]);
    b.expose(&public);
    let instance = public.iter().map(|c| c.value).collect();
    Ok((std::mem::take(b), instance))
}
