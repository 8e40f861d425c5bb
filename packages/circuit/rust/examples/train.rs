//! Times a proof of steps of training: `train 784,128,10 BATCH STEPS (sgd | momentum | adam) [K | auto] [ACTIVATION] [plan]`. Random
//! weights and data, insecure SRS; 2^K rows; hidden layers have ReLU, or an activation by name (`gelu`) that takes no parameter. With
//! `plan` the circuit is described alone.

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::circuit::Config;
use pot_circuit::front::dense::{dense_graph, Dense, DenseActivation, DenseLayer, DenseLoss};
use pot_circuit::optimizer::Optimizer;
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
    let widths: Vec<usize> = args[0].split(',').map(|v| v.parse().expect("a width")).collect();
    // Of a learning rate of 0.001: Adam's has 22 fractional bits, others 14.
    let (optimizer, rate_bits, rate) = match args[3].as_str() {
        "momentum" => (Optimizer::Momentum { momentum: 3686, decay: 0 }, 14, 1),
        "adam" => (Optimizer::Adam { beta1: 3686, beta2: 4092, epsilon: 23, decay: 168 }, 22, 4194),
        _ => (Optimizer::default(), 14, 1),
    };
    let planned = args.iter().any(|a| a == "plan");
    let bent = args.iter().skip(5).find(|a| *a != "plan").map(|a| serde_json::from_value(a.clone().into()).expect("an activation"));
    let layer = |i: usize| match bent {
        Some(name) if i + 1 < widths.len() => DenseLayer::bent(widths[i], DenseActivation { name, alpha: 0 }, true),
        _ => DenseLayer::new(widths[i], i + 1 < widths.len(), true),
    };
    let layers = (1..widths.len()).map(layer).collect();
    let graph = dense_graph(&Dense {
        formats: Formats { limb_bits: 12, table_bits: 12 },
        bits: 8,
        gradient_bits: 14,
        weight_bits: 36,
        batch: args[1].parse().expect("a batch"),
        inputs: widths[0],
        layers,
        loss: DenseLoss::SoftmaxCrossEntropy,
        x_offset: 0,
        y_offset: 0,
    })?;
    let start = Instant::now();
    let steps = args[2].parse().expect("steps");
    let like = Like { k: args.get(4).and_then(|k| k.parse().ok()), ..Like::default() };
    let spec = Spec::planned(&graph, Kind::Train { rate_bits, steps, optimizer }, Named::Graph, like)?;
    let mut cs = ConstraintSystem::default();
    Config::new(&mut cs, &*spec.parts()?);
    println!("{} in {:?}", spec.settings_text(), start.elapsed());
    println!("{} advice columns of 2^{} rows", cs.num_advice_columns(), spec.settings().shape.k);
    if planned {
        return Ok(());
    }
    let srs = srs::development(spec.settings().shape.k)?;
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let mut tensors: Vec<Vec<i128>> =
        graph.tensors().iter().enumerate().map(|(i, t)| entries(&mut rng, t.role, graph.facts(i).shape.as_slice())).collect();
    let data: Vec<Vec<i128>> = tensors[..2].to_vec();
    (1..steps).for_each(|_| tensors.extend(data.clone()));
    let trained = || graph.tensors().iter().enumerate().filter(|(_, t)| t.role == Role::Trained);
    (0..optimizer.states()).for_each(|_| tensors.extend(trained().map(|(v, _)| vec![0; graph.facts(v).len()])));

    let start = Instant::now();
    let prover = Prover::new(&spec, &srs)?;
    println!("proving key: {:?}", start.elapsed());
    let mut salts = Salts::public();
    (salts.weights, salts.after) = (Hidden::By(Salt::new([1; 32])), Hidden::By(Salt::new([2; 32])));
    (salts.state_after, salts.inputs) = (Hidden::By(Salt::new([3; 32])), Hidden::By(Salt::new([4; 32])));
    let start = Instant::now();
    let (statement, proof) = prover.prove(Secrets { tensors: &tensors, rate, first_step: 0, context: Fr::zero(), salts: &mut salts }, &mut rng)?;
    let proven = start.elapsed();
    let verifier = Verifier::new(&spec, &srs::powers_alone(&srs, spec.settings().shape.k)?)?;
    let start = Instant::now();
    verifier.verify(&statement, &proof)?;
    println!("proof of {} bytes in {proven:?}, verified in {:?}", proof.len(), start.elapsed());
    Ok(())
}

fn entries(rng: &mut ChaCha20Rng, role: Role, shape: &[usize]) -> Vec<i128> {
    let len = shape.iter().product();
    match role {
        Role::Data => (0..len).map(|_| i128::from(rng.next_u64() % 256)).collect(),
        Role::Label => {
            let classes = *shape.last().expect("classes");
            (0..len / classes)
                .flat_map(|_| (0..classes).map(|_| 0))
                .enumerate()
                .map(|(i, _)| i128::from(i % classes == i / classes % classes))
                .collect()
        }
        // Below 1/8 in absolute value.
        _ => (0..len).map(|_| i128::from(rng.next_u64() as i64 >> 30)).collect(),
    }
}
