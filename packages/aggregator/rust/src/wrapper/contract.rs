//! The Solidity verifier, and the calldata that it takes.
//!
//! snark-verifier generates the text. On its own it takes an input as its value modulo the scalar field, reads missing
//! calldata as zeros and ignores what follows: one proof would have many encodings, and a public input several names.
//! What is added here makes it take exactly one.

use super::keys::Wrapped;
use crate::plonk::Kzg;
use crate::stock::ACCUMULATOR;
use crate::stock::{BITS, LIMBS};
use crate::window::parts;
use halo2_axiom::halo2curves::bn256::{Bn256, Fq, Fr, G1Affine};
use halo2_axiom::poly::commitment::ParamsProver;
use pot_halo2::engine::{Srs, Vk};
use pot_halo2::error::PotError;
use snark_verifier::loader::evm::{encode_calldata, EvmLoader};
use snark_verifier::pcs::kzg::{KzgDecidingKey, LimbsEncoding};
use snark_verifier::system::halo2::transcript::evm::EvmTranscript;
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::PlonkVerifier;
use snark_verifier::verifier::SnarkVerifier;
use std::rc::Rc;

type Evm = Rc<EvmLoader>;
type EvmVerifier = PlonkVerifier<Kzg, LimbsEncoding<LIMBS, BITS>>;
/// Where the checks go in: the last line before the generated verification.
const ANCHOR: &str = "            function validate_ec_point(x, y) -> valid {\n";
/// Bytes of a word of calldata, and of a point.
const WORD: usize = 32;
const POINT: usize = 64;

/// Solidity text (for solc 0.8.19) of a contract whose fallback takes [`calldata`], returns nothing, and reverts unless the
/// proof holds. `instances` public inputs, the first 12 of which are an accumulator. The same text for the same key.
///
/// Errors: `CONTRACT_FAILED`.
pub fn solidity(srs: &Srs, vk: &Vk, instances: usize) -> Result<String, PotError> {
    let failed = |e: String| PotError::new("CONTRACT_FAILED", format!("no verifier contract could be generated: {e}"));
    let config = Config::kzg().with_num_instance(vec![instances]);
    let protocol = compile(srs, vk, config.with_accumulator_indices(Some((0..ACCUMULATOR).map(|i| (0, i)).collect())));
    let [points, evaluations, last] = parts(&protocol);
    let key = KzgDecidingKey::<Bn256>::new(srs.get_g()[0], srs.g2(), srs.s_g2());

    let loader = EvmLoader::new::<Fq, Fr>();
    let loaded = protocol.loaded(&loader);
    let mut transcript = EvmTranscript::<G1Affine, Evm, usize, _>::new(&loader);
    let public = transcript.load_instances(vec![instances]);
    let proof = EvmVerifier::read_proof(&key, &loaded, &public, &mut transcript).map_err(|e| failed(format!("{e:?}")))?;
    EvmVerifier::verify(&key, &loaded, &public, &proof).map_err(|e| failed(format!("{e:?}")))?;
    let text = loader.solidity_code();

    let scalars = instances * WORD + points * POINT;
    let end = scalars + evaluations * WORD;
    let below = |from: usize, to: usize| {
        format!(
            "            for {{ let o := {from} }} lt(o, {to}) {{ o := add(o, {WORD}) }} {{ success := and(lt(calldataload(o), f_q), success) }}\n"
        )
    };
    let checks = [
        "            // One encoding: the exact length, and every scalar below the modulus.\n".into(),
        format!("            if iszero(eq(calldatasize(), {})) {{ revert(0, 0) }}\n", end + last * POINT),
        below(0, instances * WORD),
        below(scalars, end),
        "            if iszero(success) { revert(0, 0) }\n".into(),
    ]
    .concat();
    if text.matches(ANCHOR).count() != 1 {
        return Err(failed("snark-verifier's text is not as expected".into()));
    }
    let text = text.replace(ANCHOR, &(checks + ANCHOR));
    // Trailing spaces and the template's blank lines carry nothing.
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    Ok(lines.join("\n") + "\n")
}

/// What the contract is called with: public inputs as 32-byte big-endian words, then the proof.
pub fn calldata(wrapped: &Wrapped) -> Vec<u8> {
    encode_calldata(std::slice::from_ref(&wrapped.instance), &wrapped.proof)
}
