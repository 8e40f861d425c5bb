//! Times one window: `prove 784,128,10 BATCH STEPS [PROFILE default|compact] [RUNS] [k,c,cx,lanes,columns|auto] [blake2b|poseidon]`. Random data, insecure reference string.

use halo2_axiom::poly::commitment::ParamsProver;
use pot_proof_system::engine::{Srs, Transcript};
use pot_sgd::network::Network;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover, WindowInput, WindowPoints};
use pot_sgd::spec::{Activation, Kind, Layer, Loss, Mode, Scales, SgdSpec};
use pot_sgd::statement::{data_digest, field_to_hex, weights_digest, Public};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::time::Instant;

/// Verifications that the shown time is the mean of.
const VERIFICATIONS: u32 = 50;

/// Processor time of all threads: what a machine with other work can still measure.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.get(11..13).map_or(f64::NAN, |f| f.iter().filter_map(|v| v.parse::<f64>().ok()).sum::<f64>() / 100.0)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let widths: Vec<usize> = args[0].split(',').map(|v| v.parse().expect("a width")).collect();
    let (batch, steps): (usize, usize) = (args[1].parse().expect("batch"), args[2].parse().expect("steps"));
    let compact = args.get(3).is_some_and(|p| p == "compact");
    let runs: usize = args.get(4).map_or(1, |v| v.parse().expect("runs"));
    let n = widths.len() - 1;
    let layers = (0..n)
        .map(|i| Layer {
            inputs: widths[i],
            outputs: widths[i + 1],
            activation: if i + 1 == n { Activation::Softmax } else { Activation::Relu },
            bias: true,
        })
        .collect();
    let scales = if compact { Scales { a: 8, d: 14, e: 14, b: 9, p: 9 } } else { Scales { a: 8, d: 14, e: 14, b: 12, p: 12 } };
    let spec = SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers,
        loss: Loss::SoftmaxCrossEntropy,
        batch,
        steps,
        scales,
        x_offset: 0,
        y_offset: 0,
        tolerance_limbs: 0,
        lora: None,
        optimizer: None,
        rates_per_step: false,
        penalties: vec![],
        shape: None,
    };
    let t = Instant::now();
    let (mut spec, mut info) = plan(&spec, Constraints::default()).expect("a shape");
    if let Some(shape) = args.get(5).filter(|s| *s != "auto") {
        let v: Vec<usize> = shape.split(',').map(|v| v.parse().expect("a number")).collect();
        spec.shape =
            Some(pot_sgd::spec::Shape { k: v[0] as u32, weight_columns: v[1], data_columns: v[2], lanes: v[3], lane_columns: v[4], base_columns: 0 });
        info = pot_sgd::plan::info(&spec).expect("a circuit");
    }
    println!("plan {:.2} s: {:?} {:?}", t.elapsed().as_secs_f64(), spec.shape, info);
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
    let mut w0: Vec<i64> = vec![];
    for l in &spec.layers {
        let limit = ((6.0 / (l.inputs + l.outputs) as f64).sqrt() * (1u64 << scales.w()) as f64) as u64;
        w0.extend((0..l.inputs * l.outputs).map(|_| (rng.next_u64() % (2 * limit)) as i64 - limit as i64));
        w0.extend(std::iter::repeat_n(0, l.outputs));
    }
    let samples = batch * steps;
    // A fifth of the inputs is not zero, as in handwritten digits.
    let x: Vec<i32> = (0..samples * widths[0]).map(|_| if rng.next_u64() % 5 == 0 { (rng.next_u64() % 256) as i32 } else { 0 }).collect();
    let mut y = vec![0; samples * widths[n]];
    y.chunks_mut(widths[n]).for_each(|r| r[(rng.next_u64() % r.len() as u64) as usize] = 1);
    let t = Instant::now();
    let transcript = args.get(6).map_or(Transcript::default(), |name| Transcript::from_name(name).expect("a transcript"));
    let mut p = Prover::with_transcript(Srs::new(spec.shape.expect("planned").k), transcript);
    println!("srs {:.2} s", t.elapsed().as_secs_f64());
    let t = Instant::now();
    p.keygen(&spec).expect("keys");
    println!("keygen {:.2} s", t.elapsed().as_secs_f64());
    let input = WindowInput {
        w0: &w0,
        salt0: &[1; 32],
        wk: None,
        salt_k: &[2; 32],
        x: &x,
        y: &y,
        data_salt: &[3; 32],
        base: Base::NONE,
        points: WindowPoints::default(),
    };
    let t = Instant::now();
    let network = Network::new(&spec).expect("a circuit");
    let w1 = Prover::executed(&spec, &network, &input, &[51], 0).expect("in range").1;
    println!("executed {:.2} s", t.elapsed().as_secs_f64());
    let t = Instant::now();
    let w0_points = p.commit_weights(&spec, &w0, &[1; 32]).expect("points");
    let weights_in = weights_digest(&spec, &w0_points).expect("digest");
    println!("commit weights {:.2} s", t.elapsed().as_secs_f64());
    // A window's end is the next one's start: of the three commitments two are made anew for each window.
    let (t, cpu) = (Instant::now(), processor_seconds());
    let wk_points = p.commit_weights(&spec, &w1, &[2; 32]).expect("points");
    let weights_out = weights_digest(&spec, &wk_points).expect("digest");
    let data_points = p.commit_data(&spec, &x, &y, &[3; 32]).expect("points");
    let data = data_digest(&spec, &data_points).expect("digest");
    println!("commit window {:.2} s (processor {:.2} s)", t.elapsed().as_secs_f64(), processor_seconds() - cpu);
    let input = WindowInput { points: WindowPoints { w0: &w0_points, wk: &wk_points, base: &[], data: &data_points }, ..input };
    let public = Public {
        run_id: field_to_hex(&1u64.into()),
        first_step: 0,
        epoch: 0,
        eta: "51".into(),
        etas: vec![],
        weights_in: field_to_hex(&weights_in),
        weights_out: field_to_hex(&weights_out),
        data: field_to_hex(&data),
        base: String::new(),
    };
    for _ in 0..runs {
        let (t, cpu) = (Instant::now(), processor_seconds());
        let proof = p.prove_window(&spec, &public, &input).expect("a proof");
        let (prove, cpu) = (t.elapsed().as_secs_f64(), processor_seconds() - cpu);
        p.verify(&spec, &public, &proof).expect("verifies");
        let (t, verify_cpu) = (Instant::now(), processor_seconds());
        (0..VERIFICATIONS).for_each(|_| p.verify(&spec, &public, &proof).expect("verifies"));
        println!(
            "prove {prove:.2} s (processor {cpu:.2} s) = {:.3} s a step, verify {:.4} s (processor {:.4} s), {} bytes",
            prove / steps as f64,
            t.elapsed().as_secs_f64() / f64::from(VERIFICATIONS),
            (processor_seconds() - verify_cpu) / f64::from(VERIFICATIONS),
            proof.len()
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("peak memory unknown"));
}
