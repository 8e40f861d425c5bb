//! `pot-chain-fixtures < statements.json > proofs.json`
//!
//! Reads statements (the wrapper's public inputs 12..21 as 0x hex: run id, eta, first step, end step, weights in, weights
//! out, dataset root, schedule, base, depth) and writes for each a real proof by the Keccak transcript, over the insecure
//! development SRS, with an accumulator that holds; and the Solidity verifier of the circuit, as snark-verifier
//! generates it. The circuit is *not* the wrapper: whoever runs this proves any statement. The registry's tests need
//! proofs of hundreds of statements; the wrapper's take minutes each.

mod circuit;
mod evm;

use circuit::INPUTS;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::poly::commitment::ParamsProver;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// Rows 2^K: 22 inputs and the blinding rows.
const K: u32 = 5;

#[derive(Deserialize)]
struct Statement {
    name: String,
    /// The wrapper's inputs 12..21.
    aggregate: Vec<String>,
}

#[derive(Serialize)]
struct Proof {
    name: String,
    /// All 22 inputs and the proof: 32-byte words.
    calldata: String,
}

#[derive(Serialize)]
struct Output {
    solidity: String,
    #[serde(rename = "proofBytes")]
    proof_bytes: usize,
    proofs: Vec<Proof>,
}

fn field(hex_text: &str) -> Fr {
    let mut bytes: [u8; 32] = hex::decode(hex_text.trim_start_matches("0x")).expect("hex").try_into().expect("32 bytes");
    bytes.reverse();
    Option::from(Fr::from_repr(bytes)).expect("a canonical field element")
}

/// The coordinates of (lhs, rhs) in limbs of 88 bits, lowest first.
fn limbs(points: [G1Affine; 2]) -> Vec<Fr> {
    let mut out = Vec::with_capacity(12);
    for coordinate in points.iter().flat_map(|p| [p.x, p.y]) {
        let bytes = coordinate.to_repr();
        for limb in bytes.as_ref().chunks(11) {
            let mut repr = [0u8; 32];
            repr[..limb.len()].copy_from_slice(limb);
            out.push(Fr::from_repr(repr).unwrap());
        }
    }
    out
}

fn main() {
    let statements: Vec<Statement> = serde_json::from_reader(std::io::stdin()).expect("statements");
    let srs = pot_proof_system::srs::development(K).expect("the development SRS");
    let (key, solidity) = evm::verifier(&srs);
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let mut proof_bytes = 0;
    let proofs = statements
        .into_iter()
        .map(|s| {
            // e(a [tau]_1, [1]_2) = e(a [1]_1, [tau]_2)
            let a = Fr::random(&mut rng);
            let g = srs.get_g();
            let accumulator = [(g[1] * a).into(), (g[0] * a).into()];
            let inputs: Vec<Fr> = limbs(accumulator).into_iter().chain(s.aggregate.iter().map(|x| field(x))).collect();
            let inputs: [Fr; INPUTS] = inputs.try_into().expect("10 inputs a statement");
            let proof = evm::prove(&srs, &key, inputs, &mut rng);
            proof_bytes = proof.len();
            let words = inputs.iter().flat_map(|x| x.to_repr().into_iter().rev()).chain(proof).collect::<Vec<u8>>();
            Proof { name: s.name, calldata: format!("0x{}", hex::encode(words)) }
        })
        .collect();
    serde_json::to_writer(std::io::stdout(), &Output { solidity, proof_bytes, proofs }).expect("written");
}
