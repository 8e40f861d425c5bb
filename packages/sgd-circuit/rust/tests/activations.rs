//! Activations and losses of the operator graph in windows: honest ones satisfy the circuit, digests tell networks apart, and what no
//! circuit has is refused before there is a key.

use crate::common::{holds, layer_local, near, public, spec, with_adapters, with_optimizer, Case, ETA, TINY};
use pot_circuit::execute::run;
use pot_circuit::front::dense::{dense_inference, Dense, DenseActivation, DenseLayer};
use pot_circuit::plan::Like;
use pot_circuit::statement::{self, content_numbers, Group};
use pot_proof_system::srs;
use pot_sgd::executor::Executor;
use pot_sgd::network::{named, Network};
use pot_sgd::optimizer::Optimizer;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::Prover;
use pot_sgd::spec::{Activation, Activation::*, Loss, Loss::*, Mode, Part, Penalty, Scales, SgdSpec};
use pot_sgd::statement::{field_to_hex, weight_description, weights_digest};

/// Tables of 256 entries that cover [-8, 8).
const BENT: Scales = Scales { a: 4, d: 10, e: 10, b: 8, p: 8 };
const FUNCTIONS: [Activation; 11] =
    [Sigmoid, Tanh, Softplus, Elu { alpha: 256 }, LeakyRelu { alpha: 26 }, Gelu, GeluTanh, Silu, HardSigmoid { alpha: 51 }, HardSwish, Softsign];
const LOSSES: [Loss; 7] = [
    MeanSquaredError,
    SoftmaxCrossEntropy,
    SmoothedCrossEntropy { smoothing: 30 },
    SigmoidCrossEntropy { smoothing: 0 },
    SigmoidCrossEntropy { smoothing: 50 },
    MeanAbsoluteError,
    Huber { delta: 8 },
];

fn bent(widths: &[usize], hidden: &[Activation], loss: Loss, batch: usize, steps: usize) -> SgdSpec {
    SgdSpec { scales: BENT, ..spec(widths, hidden, loss, batch, steps) }
}

fn held(spec: SgdSpec, seed: u64) {
    holds(&Case::in_range(spec, seed, ETA), ETA);
}

#[test]
fn windows_of_each_activation_under_each_loss() {
    for (i, f) in FUNCTIONS.into_iter().enumerate() {
        held(bent(&[4, 3, 2], &[f], LOSSES[i % LOSSES.len()], 2, 1 + i % 2), 100 + i as u64);
    }
    for (i, loss) in LOSSES.into_iter().enumerate() {
        held(bent(&[4, 3, 3, 2], &[Relu, Tanh], loss, 2, 2), 200 + i as u64);
        // Without a table of an activation, in the smallest format.
        held(spec(&[4, 3, 2], &[LeakyRelu { alpha: 7 }], loss, 1, 1), 300 + i as u64);
    }
}

#[test]
fn a_last_layer_with_an_activation() {
    for (i, f) in FUNCTIONS.into_iter().enumerate() {
        let mut s = bent(&[3, 2], &[], [MeanSquaredError, MeanAbsoluteError, Huber { delta: 5 }][i % 3], 2, 1);
        s.layers[0].activation = f;
        held(s, 400 + i as u64);
    }
}

#[test]
fn optimisers_schedules_adapters_and_tolerance() {
    let s = || bent(&[4, 3, 2], &[Tanh], SigmoidCrossEntropy { smoothing: 0 }, 2, 2);
    let adam = Optimizer::Adam { beta1: 230, beta2: 250, epsilon: 7, decay: 3 };
    held(with_optimizer(s(), adam), 500);
    held(SgdSpec { rates_per_step: true, ..s() }, 501);
    held(with_adapters(s(), &[Some((2, 2)), Some((1, 1))]), 502);
    held(with_optimizer(with_adapters(bent(&[4, 3, 2], &[Gelu], Huber { delta: 9 }, 2, 1), &[None, Some((1, 1))]), adam), 503);
    let c = Case::in_range(bent(&[4, 3, 2], &[Silu], MeanAbsoluteError, 2, 1), 504, ETA);
    let mut tolerant = Case { spec: SgdSpec { mode: Mode::Tolerance, tolerance_limbs: 1, ..c.spec.clone() }, ..c };
    tolerant.spec = plan(&SgdSpec { shape: None, ..tolerant.spec }, Constraints::default()).expect("a shape").0;
    let network = std::sync::Arc::new(Network::new(&tolerant.spec).expect("a circuit"));
    let wk = near(&tolerant);
    let input = pot_sgd::prover::WindowInput { wk: Some(&wk), ..tolerant.input() };
    let (executed, _) = Prover::executed(&tolerant.spec, &network, &input, &[ETA], crate::common::FIRST).expect("near");
    crate::common::satisfied(&tolerant, &network, &executed, ETA);
}

fn penalties() -> Vec<Penalty> {
    let penalty = |layer, of, l2| Penalty { layer, of, l2 };
    vec![penalty(0, Part::Kernel, 43_000_000), penalty(0, Part::Bias, 1 << 28), penalty(1, Part::Kernel, 1 << 30)]
}

#[test]
fn penalties_pull_weights_to_zero() {
    for (i, loss) in LOSSES.into_iter().enumerate() {
        held(SgdSpec { penalties: penalties(), ..bent(&[4, 3, 2], &[Relu], loss, 2, 1 + i % 2) }, 600 + i as u64);
    }
    // Where the gradient of the loss is 0: w - 2 lr l2 w, and the loss that is reported is l2 sum w^2.
    let mut s = bent(&[2, 1], &[], MeanSquaredError, 1, 1);
    s.layers[0].bias = false;
    s.penalties = vec![Penalty { layer: 0, of: Part::Kernel, l2: 1 << 31 }];
    let (unit, eta) = (1i64 << s.scales.w(), 100);
    let mut executor = Executor::new(&s, vec![unit, -unit / 2]).expect("in range");
    let report = executor.step(&[0, 0], &[0], eta, None).expect("a step");
    assert_eq!(report.loss, 0.5 * (1.0 + 0.25));
    // One sample and output: the rate is half of what eta says, for the factor 2 of a squared error.
    let rate = eta as f64 / 2f64.powi(s.scales.e as i32) / 2.0;
    for (w, before) in executor.weights().iter().zip([1.0, -0.5]) {
        assert!((*w as f64 / unit as f64 - before * (1.0 - rate)).abs() < 2e-4, "{w}");
    }
}

/// What the executor predicts is what the graph gives, within the tables and beyond.
#[test]
fn predictions_are_those_of_the_graph() {
    for f in FUNCTIONS {
        let mut s = bent(&[1, 1, 1], &[f], MeanSquaredError, 1, 1);
        s.layers[1].activation = f;
        let dense = |f: Activation| {
            let f = f.function().expect("of the graph");
            DenseLayer::bent(1, DenseActivation { name: f.name, alpha: f.alpha }, true)
        };
        let x: Vec<i32> = (0..256).map(|v| v - 128).collect();
        let graph = dense_inference(&Dense {
            formats: s.formats(),
            bits: s.scales.a,
            gradient_bits: s.scales.d,
            weight_bits: s.scales.w(),
            batch: x.len(),
            inputs: 1,
            layers: vec![dense(f), dense(f)],
            loss: s.loss.graph(),
            x_offset: 128,
            y_offset: 0,
        })
        .expect("a graph");
        let unit = 1i64 << s.scales.w();
        let w = [2 * unit, unit / 16, -3 * unit, unit];
        let mut tensors = vec![x.iter().map(|v| i128::from(*v)).collect::<Vec<i128>>()];
        tensors.extend(w.map(|v| vec![i128::from(v)]));
        let run = run(&graph, &tensors, None).expect("in range");
        let expected: Vec<i32> = run.values[graph.outputs()[0]].iter().map(|v| *v as i32).collect();
        assert_eq!(Executor::new(&s, w.to_vec()).expect("in range").predict(&x).expect("in range"), expected, "{f:?}");
    }
}

/// Networks that compute different things, or of which different numbers count, and training that does not matter to them.
#[test]
fn digests_tell_activations_apart() {
    let of = |hidden: Activation, last: Activation, loss: Loss| {
        let mut s = bent(&[4, 3, 2], &[hidden], loss, 2, 1);
        s.layers[1].activation = last;
        plan(&s, Constraints { k: Some(9), ..Constraints::default() }).expect("a shape").0
    };
    let mut all: Vec<SgdSpec> = FUNCTIONS.iter().map(|f| of(*f, Linear, MeanSquaredError)).collect();
    all.extend(FUNCTIONS.iter().map(|f| of(Relu, *f, MeanSquaredError)));
    all.extend([Relu, Linear].map(|f| of(f, Linear, MeanSquaredError)));
    all.extend([255, 26].map(|alpha| of(Elu { alpha }, Linear, MeanSquaredError)));
    all.push(of(Relu, Sigmoid, SigmoidCrossEntropy { smoothing: 0 }));
    all.push(of(Relu, Softmax, SoftmaxCrossEntropy));
    let described: Vec<Vec<u64>> = all.iter().map(|s| weight_description(s).expect("planned")).collect();
    for (i, d) in described.iter().enumerate() {
        assert!(described[..i].iter().all(|other| other != d), "{:?}", all[i].layers);
        assert!(described[..i].iter().all(|other| !other.starts_with(d) && !d.starts_with(other)), "{:?}", all[i].layers);
    }
    let squared = weight_description(&of(Tanh, Tanh, MeanSquaredError)).expect("planned");
    assert_eq!(weight_description(&of(Tanh, Tanh, Huber { delta: 4 })).expect("planned"), squared);
}

/// A proof of inference is of the same numbers: the digest that windows give.
#[test]
fn inference_has_the_digest_of_windows() {
    for (i, f) in FUNCTIONS.into_iter().enumerate() {
        let loss = LOSSES[i % LOSSES.len()];
        let planned = plan(&bent(&[4, 3, 2], &[f], loss, 2, 1), Constraints::default()).expect("a shape").0;
        let window = Network::new(&planned).expect("a circuit");
        let shape = planned.shape.expect("planned");
        let layer = |l: usize| match planned.layers[l].activation.function().filter(|_| l == 0) {
            Some(f) => DenseLayer::bent(planned.layers[l].outputs, DenseActivation { name: f.name, alpha: f.alpha }, true),
            None => DenseLayer::new(planned.layers[l].outputs, false, true),
        };
        let graph = dense_inference(&Dense {
            formats: planned.formats(),
            bits: BENT.a,
            gradient_bits: BENT.d,
            weight_bits: BENT.w(),
            batch: 5,
            inputs: 4,
            layers: (0..2).map(layer).collect(),
            loss: loss.graph(),
            x_offset: 0,
            y_offset: 0,
        })
        .expect("a graph");
        let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
        let infer = statement::Spec::planned(&graph, statement::Kind::Infer, named(&planned), like).expect("a shape");
        let parts = infer.parts().expect("a circuit");
        let numbers = |of: &statement::Spec, parts: &pot_circuit::circuit::Parts| content_numbers(of, parts, Group::Weights).expect("dense");
        assert_eq!(numbers(&infer, &parts), numbers(&window.described, &window.parts));
        let points = vec![0; 32 * shape.weight_columns];
        let ours = statement::digest(&infer, &parts, Group::Weights, &points).map_err(|e| e.code);
        assert_eq!(ours, weights_digest(&planned, &points).map_err(|e| e.code), "{f:?}");
    }
}

#[test]
fn a_proof_holds_of_its_own_activation_and_loss_alone() {
    let loss = SigmoidCrossEntropy { smoothing: 0 };
    let c = Case::in_range(SgdSpec { penalties: penalties(), ..bent(&[3, 2, 1], &[Tanh], loss, 2, 1) }, 700, ETA);
    let mut p = Prover::new(srs::development(c.spec.shape.expect("planned").k).expect("a size"));
    let statement = public(&mut p, &c, &c.after());
    let proof = p.prove_window(&c.spec, &statement, &c.input()).expect("a proof");
    p.verify(&c.spec, &statement, &proof).expect("holds");
    let mut others = [(); 4].map(|()| c.spec.clone());
    others[0].layers[0].activation = Sigmoid;
    others[1].loss = SigmoidCrossEntropy { smoothing: 1 };
    others[2].penalties[0].l2 += 1;
    others[3].penalties.clear();
    for other in others {
        let refused = p.verify(&other, &statement, &proof).expect_err("of another network, or another loss");
        assert!(refused.code.starts_with("VERIFY_"), "{}", refused.code);
    }
    let mut fifth = statement.clone();
    fifth.weights_out = field_to_hex(&9u64.into());
    assert!(p.verify(&c.spec, &fifth, &proof).is_err());
}

#[test]
fn what_no_circuit_has_is_refused_before_there_is_one() {
    let code = |s: SgdSpec| s.check().and_then(|()| plan(&s, Constraints::default()).map(drop)).expect_err("refused").code;
    let of = |hidden: Activation, loss: Loss| bent(&[4, 3, 2], &[hidden], loss, 2, 1);
    let with = |change: fn(&mut SgdSpec)| {
        let mut s = of(Tanh, MeanSquaredError);
        change(&mut s);
        s
    };
    // A table that covers less than [-8, 8), parameters that there are none of.
    assert_eq!(code(SgdSpec { scales: TINY, ..of(Tanh, MeanSquaredError) }), "SPEC_INVALID");
    for f in [Elu { alpha: 0 }, Elu { alpha: 257 }, LeakyRelu { alpha: 0 }, HardSigmoid { alpha: 15 }, HardSigmoid { alpha: 257 }] {
        assert_eq!(code(of(f, MeanSquaredError)), "SPEC_INVALID", "{f:?}");
    }
    // Last layers that a loss does not take.
    assert_eq!(code(with(|s| s.layers[1].activation = Relu)), "SPEC_INVALID");
    assert_eq!(code(with(|s| s.layers[1].activation = Softmax)), "SPEC_INVALID");
    for loss in [SigmoidCrossEntropy { smoothing: 0 }, SmoothedCrossEntropy { smoothing: 0 }] {
        let mut s = of(Tanh, loss);
        s.layers[1].activation = Tanh;
        assert_eq!(code(s), "SPEC_INVALID");
        assert_eq!(code(SgdSpec { y_offset: 1, ..of(Tanh, loss) }), "SPEC_INVALID");
    }
    // Losses' own parameters.
    for loss in [Huber { delta: 0 }, Huber { delta: -1 }, Huber { delta: i64::MAX }, SigmoidCrossEntropy { smoothing: 512 }] {
        assert_eq!(code(of(Tanh, loss)), "GRAPH_INVALID", "{loss:?}");
    }
    assert_eq!(code(of(Tanh, SmoothedCrossEntropy { smoothing: 512 })), "GRAPH_INVALID");
    // Penalties of what is not there, twice, of nothing, under adapters, and in the wrong order.
    for penalties in
        [vec![(2, Part::Kernel, 1)], vec![(0, Part::Kernel, 0)], vec![(0, Part::Bias, 1), (0, Part::Kernel, 1)], vec![(1, Part::Bias, 1); 2]]
    {
        let penalties = penalties.into_iter().map(|(layer, of, l2)| Penalty { layer, of, l2 }).collect();
        assert_eq!(code(SgdSpec { penalties, ..of(Tanh, MeanSquaredError) }), "SPEC_INVALID");
    }
    assert_eq!(code(SgdSpec { penalties: penalties(), ..with_adapters(of(Tanh, MeanSquaredError), &[Some((1, 1)), None]) }), "SPEC_INVALID");
    let mut local = layer_local(4, 3, 2, 4, 2, 1);
    local.layers[0].activation = LeakyRelu { alpha: 3 };
    assert_eq!(code(local), "SPEC_INVALID");
    // Labels that are no bits.
    let c = Case::in_range(of(Tanh, SigmoidCrossEntropy { smoothing: 0 }), 800, ETA);
    let mut p = Prover::new(srs::development(c.spec.shape.expect("planned").k).expect("a size"));
    let refused = p.commit_data(&c.spec, &c.x, &[0, 1, 2, 0], &[3; 32]).expect_err("no bit").code;
    assert_eq!(refused, "DATA_LABELS");
    let mut executor = Executor::new(&c.spec, c.w0.clone()).expect("in range");
    assert_eq!(executor.step(&c.x, &[0, 1, 2, 0], ETA, None).expect_err("no bit").code, "DATA_LABELS");
}

#[test]
fn names_are_what_specifications_say() {
    let text = |s: &SgdSpec| s.to_json();
    let mut s = bent(&[4, 3, 2], &[Elu { alpha: 256 }], Huber { delta: 8 }, 1, 1);
    assert!(text(&s).contains(r#""activation":{"elu":{"alpha":256}}"#) && text(&s).contains(r#""loss":{"huber":{"delta":8}}"#));
    assert!(!text(&s).contains("penalties"));
    s.penalties = penalties();
    assert!(text(&s).contains(r#""penalties":[{"layer":0,"of":"kernel","l2":43000000}"#));
    assert_eq!(SgdSpec::from_json(&text(&s)).expect("its own"), s);
    for wrong in [r#"{"elu":{}}"#, r#"{"tanh":{"alpha":1}}"#, r#""elu""#, r#"{"elu":{"alpha":1,"beta":2}}"#, r#""mish""#] {
        let other = text(&s).replace(r#"{"elu":{"alpha":256}}"#, wrong);
        assert_eq!(SgdSpec::from_json(&other).expect_err("refused").code, "SPEC_INVALID", "{wrong}");
    }
}
