//! Proving with the EVM's transcript (Keccak), and the Solidity verifier, both by snark-verifier.

use crate::circuit::{KnownInputs, INPUTS};
use halo2_axiom::halo2curves::bn256::{Bn256, Fq, Fr, G1Affine};
use halo2_axiom::plonk::{create_proof, ProvingKey};
use halo2_axiom::poly::commitment::ParamsProver;
use halo2_axiom::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_axiom::poly::kzg::multiopen::ProverSHPLONK;
use halo2_axiom::transcript::TranscriptWriterBuffer;
use pot_proof_system::engine;
use rand_core::RngCore;
use snark_verifier::loader::evm::EvmLoader;
use snark_verifier::pcs::kzg::{Bdfg21, KzgAs, LimbsEncoding};
use snark_verifier::system::halo2::{compile, transcript::evm::EvmTranscript, Config};
use snark_verifier::verifier::{plonk::PlonkVerifier, SnarkVerifier};
use std::rc::Rc;

type Verifier = PlonkVerifier<KzgAs<Bn256, Bdfg21>, LimbsEncoding<3, 88>>;
type Srs = ParamsKZG<Bn256>;
type Key = ProvingKey<G1Affine>;

/// The circuit's key and its verifier contract.
pub fn verifier(srs: &Srs) -> (Key, String) {
    let vk = engine::verifying_key(srs, &KnownInputs(None)).expect("key");
    let accumulator = (0..12).map(|i| (0, i)).collect();
    let config = Config::kzg().with_num_instance(vec![INPUTS]).with_accumulator_indices(Some(accumulator));
    let protocol = compile(srs, &vk, config);
    let deciding = (srs.get_g()[0], srs.g2(), srs.s_g2()).into();
    let loader = EvmLoader::new::<Fq, Fr>();
    let protocol = protocol.loaded(&loader);
    let mut transcript = EvmTranscript::<_, Rc<EvmLoader>, _, _>::new(&loader);
    let instances = transcript.load_instances(vec![INPUTS]);
    let proof = Verifier::read_proof(&deciding, &protocol, &instances, &mut transcript).expect("the proof's form");
    Verifier::verify(&deciding, &protocol, &instances, &proof).expect("the verifier's code");
    let key = engine::proving_key(srs, vk, &KnownInputs(None)).expect("key");
    (key, loader.solidity_code())
}

pub fn prove(srs: &Srs, key: &Key, inputs: [Fr; INPUTS], rng: impl RngCore) -> Vec<u8> {
    let mut transcript: EvmTranscript<G1Affine, _, Vec<u8>, _> = TranscriptWriterBuffer::<_, G1Affine, _>::init(Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<_>, _, _, _, _>(
        srs,
        key,
        &[KnownInputs(Some(inputs))],
        &[&[&inputs]],
        rng,
        &mut transcript,
    )
    .expect("proof");
    transcript.finalize()
}
