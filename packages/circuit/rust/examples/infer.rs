//! Times a proof of inference: `infer 784,128,10 BATCH [k] [weight columns]`. Random weights and data, insecure SRS.

use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::front::dense::{dense_inference, Dense, DenseLayer, DenseLoss};
use pot_circuit::plan::Like;
use pot_circuit::prove::{Hidden, Prover, Salt, Salts, Secrets, Verifier};
use pot_circuit::statement::{Kind, Named, Spec};
use pot_circuit::tensor::{Formats, Role};
use pot_proof_system::error::PotError;
use pot_proof_system::srs;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::time::Instant;

fn main() -> Result<(), PotError> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args.get(i).map(|v| v.parse::<usize>().expect("a number"));
    let widths: Vec<usize> = args[0].split(',').map(|v| v.parse().expect("a width")).collect();
    let layers = (1..widths.len()).map(|i| DenseLayer::new(widths[i], i + 1 < widths.len(), true)).collect();
    let graph = dense_inference(&Dense {
        formats: Formats { limb_bits: 12, table_bits: 12 },
        bits: 8,
        gradient_bits: 14,
        weight_bits: 36,
        batch: number(1).expect("a batch"),
        inputs: widths[0],
        layers,
        loss: DenseLoss::SoftmaxCrossEntropy,
        x_offset: 0,
        y_offset: 0,
    })?;
    let like = Like { k: number(2).map(|k| k as u32), weight_columns: number(3), ..Like::default() };
    let spec = Spec::planned(&graph, Kind::Infer, Named::SoftmaxCrossEntropy, like)?;
    println!("{}", spec.settings_text());
    let srs = srs::development(spec.settings().shape.k)?;
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let tensors: Vec<Vec<i128>> = graph.tensors().iter().enumerate().map(|(i, t)| entries(&mut rng, t.role, graph.facts(i).len())).collect();

    let start = Instant::now();
    let prover = Prover::new(&spec, &srs)?;
    println!("proving key: {:?}", start.elapsed());
    let start = Instant::now();
    let verifier = Verifier::new(&spec, &srs::powers_alone(&srs, spec.settings().shape.k)?)?;
    println!("verifying key: {:?}", start.elapsed());
    for hidden in [true, false] {
        let mut salts = Salts::public();
        salts.weights = Hidden::By(Salt::new([1; 32]));
        if hidden {
            (salts.inputs, salts.outputs) = (Hidden::By(Salt::new([2; 32])), Hidden::By(Salt::new([3; 32])));
        }
        let start = Instant::now();
        let (statement, proof) =
            prover.prove(Secrets { tensors: &tensors, rate: 0, first_step: 0, context: Fr::zero(), salts: &mut salts }, &mut rng)?;
        let (proven, start) = (start.elapsed(), Instant::now());
        verifier.verify(&statement, &proof)?;
        println!("{}: proof of {} bytes in {proven:?}, verified in {:?}", if hidden { "committed" } else { "public" }, proof.len(), start.elapsed());
    }
    Ok(())
}

fn entries(rng: &mut ChaCha20Rng, role: Role, len: usize) -> Vec<i128> {
    let one = |v: u64| -> i128 {
        match role {
            Role::Data | Role::Label => (v % 256).into(),
            _ => i128::from(v as i64 >> 31),
        }
    };
    (0..len).map(|_| one(rng.next_u64())).collect()
}
