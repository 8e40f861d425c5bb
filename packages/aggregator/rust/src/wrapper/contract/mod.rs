//! The Solidity verifier, and the calldata that it takes.
//!
//! snark-verifier generates a text. On its own it takes an input as its value modulo the scalar field, reads missing
//! calldata as zeros and ignores what follows: one proof would have many encodings, and a public input several names. And it
//! keeps every value in a memory word of its own. So it is read ([`read`]), as what it computes ([`program`]), and written anew
//! ([`write`]): the same checks, those that make it take one encoding, and less gas. docs/protocol/evm.md says why it takes nothing more.

pub mod program;
mod read;
mod write;

use super::wrapped::Wrapped;
use crate::plonk::Kzg;
use crate::stock::ACCUMULATOR;
use crate::stock::{BITS, LIMBS};
use crate::window::parts;
use halo2_axiom::halo2curves::bn256::{Bn256, Fq, Fr, G1Affine};
use halo2_axiom::poly::commitment::ParamsProver;
use num_bigint::BigUint;
use pot_proof_system::engine::{Srs, Vk};
use pot_proof_system::error::PotError;
use program::{Point, Program, POINT, WORD};
use snark_verifier::loader::evm::{encode_calldata, EvmLoader};
use snark_verifier::pcs::kzg::{KzgDecidingKey, LimbsEncoding};
use snark_verifier::system::halo2::transcript::evm::EvmTranscript;
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::PlonkVerifier;
use snark_verifier::verifier::SnarkVerifier;
use std::rc::Rc;

type Evm = Rc<EvmLoader>;
type EvmVerifier = PlonkVerifier<Kzg, LimbsEncoding<LIMBS, BITS>>;
/// Orders of the curve's coordinates and of the scalar field.
const BASE: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
const SCALAR: &str = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

/// What the generated text begins with, up to the function that checks points...
const HEAD: &str = r#"// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;
contract Halo2Verifier {
    fallback(bytes calldata) external returns (bytes memory) {
        assembly ("memory-safe") {
            // Enforce that Solidity memory layout is respected
            let data := mload(0x40)
            if iszero(eq(data, 0x80)) {
                revert(0, 0)
            }
            let success := true
            let f_p := BASE
            let f_q := SCALAR
"#;
/// ... that function: coordinates below the modulus, and the curve's equation. (0, 0) does not satisfy it...
const CHECK: &str = r#"            function validate_ec_point(x, y) -> valid {
                {
                    let x_lt_p := lt(x, BASE)
                    let y_lt_p := lt(y, BASE)
                    valid := and(x_lt_p, y_lt_p)
                }
                {
                    let y_square := mulmod(y, y, BASE)
                    let x_square := mulmod(x, x, BASE)
                    let x_cube := mulmod(x_square, x, BASE)
                    let x_cube_plus_3 := addmod(x_cube, 3, BASE)
                    let is_affine := eq(x_cube_plus_3, y_square)
                    valid := and(valid, is_affine)
                }
            }
"#;
/// ... and what it ends with.
const END: &str = r#"            // Revert if anything fails
            if iszero(success) { revert(0, 0) }
            // Return empty bytes on success
            return(0, 0)
        }
    }
}
"#;

/// Solidity text (for solc 0.8.19) of a contract whose fallback takes [`calldata`], returns nothing, and reverts unless the
/// proof holds. `instances` public inputs, the first 12 of which are an accumulator. The same text for the same key.
///
/// Errors: `CONTRACT_FAILED`.
pub fn solidity(srs: &Srs, vk: &Vk, instances: usize) -> Result<String, PotError> {
    rewritten(&generated(srs, vk, instances)?).map_err(failed)
}

fn failed(e: String) -> PotError {
    PotError::new("CONTRACT_FAILED", format!("no verifier contract could be generated: {e}"))
}

/// snark-verifier's text, and the bytes of the calldata that it is for. It takes more than one encoding: to be compared with.
///
/// Errors: `CONTRACT_FAILED`.
pub fn generated(srs: &Srs, vk: &Vk, instances: usize) -> Result<(String, usize), PotError> {
    let config = Config::kzg().with_num_instance(vec![instances]);
    let protocol = compile(srs, vk, config.with_accumulator_indices(Some((0..ACCUMULATOR).map(|i| (0, i)).collect())));
    let key = KzgDecidingKey::<Bn256>::new(srs.get_g()[0], srs.g2(), srs.s_g2());
    let loader = EvmLoader::new::<Fq, Fr>();
    let loaded = protocol.loaded(&loader);
    let mut transcript = EvmTranscript::<G1Affine, Evm, usize, _>::new(&loader);
    let public = transcript.load_instances(vec![instances]);
    let proof = EvmVerifier::read_proof(&key, &loaded, &public, &mut transcript).map_err(|e| failed(format!("{e:?}")))?;
    EvmVerifier::verify(&key, &loaded, &public, &proof).map_err(|e| failed(format!("{e:?}")))?;
    let [points, evaluations, last] = parts(&protocol);
    Ok((loader.solidity_code(), instances * WORD + points * POINT + evaluations * WORD + last * POINT))
}

/// A generated text written anew, for calldata of so many bytes. Errors, in words: a text that is not of the known form.
pub fn rewritten((text, bytes): &(String, usize)) -> Result<String, String> {
    let filled = |text: &str| text.replace("BASE", BASE).replace("SCALAR", SCALAR);
    // Spaces at lines' ends and beginnings, and the template's blank lines, carry nothing.
    let lines = |text: &str| text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
    let text = lines(text);
    let body = text
        .strip_prefix(&lines(&filled(&[HEAD, CHECK].concat())))
        .and_then(|rest| rest.strip_suffix(&lines(END)))
        .ok_or("snark-verifier's text does not begin or end as expected")?;
    let order = BigUint::parse_bytes(&SCALAR.as_bytes()[2..], 16).expect("a number");
    let program = read::program(body, order)?;
    covers(&program, *bytes)?;
    Ok([&filled(HEAD), &write::body(&program, *bytes)?, END].concat())
}

/// Every word of calldata is a scalar or a coordinate of a point, once, and is checked as such.
fn covers(program: &Program, bytes: usize) -> Result<(), String> {
    let mut words = program.scalars.clone();
    for &point in &program.checked {
        if let Point::Given(offset) = program.points[point] {
            words.extend([offset, offset + WORD]);
        }
    }
    words.sort_unstable();
    words.into_iter().eq((0..bytes).step_by(WORD)).then_some(()).ok_or_else(|| "calldata is not read word by word".into())
}

/// What the contract is called with: public inputs as 32-byte big-endian words, then the proof.
pub fn calldata(wrapped: &Wrapped) -> Vec<u8> {
    encode_calldata(std::slice::from_ref(&wrapped.instance), &wrapped.proof)
}
