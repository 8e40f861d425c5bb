//! Adapters on a frozen base: digests of both are those of pot-sgd's windows.

use super::{points, proven, published, salts, tensors, Net, SCALES};
use crate::adapters::{graph_of, lora_of, of_role};
use pot_circuit::front::adapters::adapted;
use pot_circuit::front::dense::{dense_graph, dense_inference};
use pot_circuit::graph::Graph;
use pot_circuit::layout::{Matrix, WeightGroup, LEAST_ROWS};
use pot_circuit::optimizer::Optimizer;
use pot_circuit::plan::Like;
use pot_circuit::prove::{max_uses, verify, Hidden, Prover, Salt, Secrets};
use pot_circuit::statement::field::to_hex;
use pot_circuit::statement::{content_numbers, Group, Kind, Named, Spec};
use pot_circuit::tensor::Role;
use pot_sgd::executor::Executor;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover as Windows};
use pot_sgd::spec::{Adapter, Lora, SgdSpec};
use pot_sgd::statement::{base_digest, base_layout, weight_layout, weights_digest};

/// A window of so many steps that trains these adapters, of rank and alpha, on a network, with the shape that its planner gives it.
fn window(net: &Net, adapters: &[Option<(usize, u64)>], base_bits: u32, steps: usize) -> SgdSpec {
    let adapters = adapters.iter().map(|a| a.map(|(rank, alpha)| Adapter { rank, alpha })).collect();
    let lora = Some(Lora { adapters, base_bits, local: false, optimizer: None });
    plan(&SgdSpec { lora, steps, shape: None, ..net.window() }, Constraints::default()).expect("a small window has a shape").0
}

fn like(window: &SgdSpec) -> Like {
    let shape = window.shape.expect("planned");
    Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), frozen_columns: Some(shape.base_columns), aggregated: false }
}

fn named(net: &Net) -> Named {
    if net.softmax {
        Named::SoftmaxCrossEntropy
    } else {
        Named::MeanSquaredError
    }
}

fn train(net: &Net, window: &SgdSpec) -> Spec {
    let kind = Kind::sgd(SCALES.e, window.steps);
    Spec::planned(&graph_of(window), kind, named(net), like(window)).expect("a shape")
}

fn flat(graph: &Graph, tensors: &[Vec<i128>], role: Role) -> Vec<i64> {
    of_role(graph, role).into_iter().flat_map(|v| tensors[v].iter().map(|w| *w as i64)).collect()
}

/// A network, and rank and alpha of each layer's adapter.
type Adapted = (Net, Vec<Option<(usize, u64)>>);

fn nets() -> Vec<Adapted> {
    let net = |inputs, layers, batch, softmax| Net { inputs, layers, batch, softmax };
    vec![
        (net(7, vec![(5, true, true), (3, false, true)], 2, false), vec![Some((2, 4)), Some((1, 3))]),
        (net(7, vec![(5, true, true), (3, false, true)], 2, true), vec![None, Some((2, 3))]),
        (net(9, vec![(4, false, false), (6, true, true), (2, false, false)], 2, false), vec![Some((3, 1)), None, Some((2, 2))]),
        (net(1, vec![(1, false, true)], 1, true), vec![Some((1, 2))]),
    ]
}

/// Points and digests of both, in the columns that windows have and in others.
#[test]
fn weights_and_base_have_the_digests_that_windows_give_them() {
    let mut windows = Windows::new(points().clone());
    for (net, adapters) in nets() {
        for wider in [false, true] {
            let mut window = window(&net, &adapters, 17, 1);
            let shape = window.shape.as_mut().expect("planned");
            if wider {
                (shape.k, shape.weight_columns, shape.base_columns) = (11, shape.weight_columns + 2, shape.base_columns + 1);
            }
            let spec = train(&net, &window);
            let entries = tensors(spec.graph(), 5);
            let [weights, base] = [Role::Trained, Role::Frozen].map(|role| flat(spec.graph(), &entries, role));
            let prover = Prover::new(&spec, points()).expect("a key");

            let theirs = windows.commit_weights(&window, &weights, &[6; 32]).expect("in range");
            let (ours, digest) = prover.commit_weights(&entries, &Salt::new([6; 32])).expect("of this shape");
            assert_eq!((ours, digest), (theirs.clone(), weights_digest(&window, &theirs).expect("points")), "{:?}", spec.settings());
            for (salt, hidden) in [([7; 32], Hidden::By(Salt::new([7; 32]))), ([0; 32], Hidden::Public)] {
                let theirs = windows.commit_base(&window, &Base { weights: &base, salt: &salt }).expect("in range");
                let (ours, digest) = prover.commit_frozen(&entries, &hidden).expect("of this shape");
                assert_eq!((ours, digest), (theirs.clone(), base_digest(&window, &theirs).expect("points")), "{:?}", spec.settings());
            }
        }
    }
}

/// Of larger networks the places alone, and the numbers that digests begin with; those of inference and of a genesis proof are the same.
#[test]
fn weights_and_base_lie_where_windows_have_them() {
    let mut moved = 0;
    let layers = |widths: &[usize]| widths.iter().enumerate().map(|(i, w)| (*w, i % 2 == 0, i % 3 != 1)).collect::<Vec<_>>();
    for (inputs, widths, adapters, k) in [
        (784, &[128, 10][..], &[Some((8, 16)), Some((4, 4))][..], 14),
        (33, &[40, 2, 9, 3], &[Some((2, 3)), Some((1, 1)), None, Some((3, 4))], 12),
        (64, &[64, 64, 64], &[None, Some((8, 8)), Some((8, 8))], 13),
    ] {
        let net = Net { inputs, layers: layers(widths), batch: 2, softmax: true };
        for (columns, base) in [(1, 8), (3, 7), (8, 8), (5, 20)] {
            let mut window = window(&net, adapters, 20, 1);
            let shape = window.shape.as_mut().expect("planned");
            (shape.k, shape.weight_columns, shape.base_columns) = (k, columns, base);
            let Ok(theirs) = pot_sgd::network::Network::new(&window) else { continue };
            let theirs = &theirs.parts.layout.weights;
            let forward = adapted(&dense_inference(&net.dense()).expect("a graph"), &lora_of(&window)).expect("a graph");
            let infer = Spec::planned(&forward, Kind::Infer, Named::SoftmaxCrossEntropy, like(&window)).expect("a shape");
            let train = train(&net, &window);
            for spec in [infer, train.genesis().expect("weights"), train] {
                let parts = spec.parts().expect("a circuit");
                for ((group, ours), theirs) in [Group::Weights, Group::Frozen].into_iter().zip(&parts.layout.weights).zip(theirs) {
                    let places = |g: &WeightGroup| g.matrices.iter().map(|m| (m.run.row0, m.chunks, m.rows, m.width)).collect::<Vec<_>>();
                    assert_eq!(places(ours), places(theirs), "{group:?} {columns} {base}");
                    let numbers = if group == Group::Weights { weight_layout(&window) } else { base_layout(&window) };
                    assert_eq!(content_numbers(&spec, &parts, group).expect("adapters").1, numbers.expect("planned"));
                }
            }
            let rows = |m: &Matrix| (m.rows * m.chunks).max(LEAST_ROWS);
            let adapters = &theirs[0].matrices;
            moved += usize::from(adapters.last().expect("an adapter").run.end() > adapters.iter().map(rows).sum());
        }
    }
    assert!(moved > 0, "no adapter makes way for the base");
}

#[test]
fn a_window_of_two_steps_is_bound_to_what_windows_are_bound_to() {
    let (net, adapters) = nets().swap_remove(0);
    let window = window(&net, &adapters, 17, 2);
    let spec = train(&net, &window);
    let prover = Prover::new(&spec, points()).expect("a key");
    // Of the second step's data too.
    let parts = spec.parts().expect("a circuit");
    let mut entries = tensors(&parts.graph, 4);
    entries.pop();
    let [weights, base] = [Role::Trained, Role::Frozen].map(|role| flat(spec.graph(), &entries, role));
    let rate = 36;
    let mut executor = Executor::on(&window, weights.clone(), base.clone()).expect("in range");
    let data = |v: usize| entries[v].iter().map(|x| *x as i32).collect::<Vec<_>>();
    let second = spec.graph().tensors().len();
    for [x, y] in [[0, 1], [second, second + 1]] {
        executor.step(&data(x), &data(y), rate, None).expect("in range");
    }
    let mut given = salts([true, true]);
    given.frozen = Hidden::Public;
    let (statement, proof) = proven(&prover, &entries, rate, &mut given);
    let mut windows = Windows::new(points().clone());
    let mut digest = |w: &[i64], salt: &[u8; 32]| {
        let points = windows.commit_weights(&window, w, salt).expect("in range");
        to_hex(&weights_digest(&window, &points).expect("points"))
    };
    assert_eq!(statement.weights, digest(&weights, &[1; 32]));
    assert_eq!(statement.weights_after, digest(executor.weights(), &[2; 32]));
    let theirs = windows.commit_base(&window, &Base { weights: &base, salt: &[0; 32] }).expect("in range");
    assert_eq!(statement.frozen, to_hex(&base_digest(&window, &theirs).expect("points")));
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");

    let code = |change: &dyn Fn(&mut pot_circuit::statement::Statement)| {
        let mut other = statement.clone();
        change(&mut other);
        verify(&spec, points(), &other, &proof).expect_err("refused").code
    };
    // 16 times the rate, whose 9 quarters would be an integer too; and one whose are none.
    assert_eq!(code(&|s| s.rate = 72), "VERIFY_FAILED");
    assert_eq!(code(&|s| s.rate = 1 << 16), "PUBLIC_INVALID");
    assert_eq!(code(&|s| s.frozen = s.weights.clone()), "VERIFY_DIGEST");
    assert_eq!(code(&|s| s.frozen = String::new()), "PUBLIC_INVALID");
}

/// One adapter, its input and gradient given: a proof of a kind of its own, and the weights have the digest of a window.
#[test]
fn layer_local_proofs_are_asked_for() {
    let net = Net { inputs: 5, layers: vec![(4, false, false)], batch: 2, softmax: false };
    let lora = Lora { adapters: vec![Some(Adapter { rank: 2, alpha: 3 })], base_bits: 0, local: true, optimizer: None };
    let layers = net.window().layers;
    let spec = SgdSpec { layers, lora: Some(lora), y_offset: 0, steps: 2, shape: None, ..net.window() };
    let window = plan(&spec, Constraints::default()).expect("a small window has a shape").0;
    let shape = window.shape.expect("planned");
    let like = Like { k: Some(shape.k), weight_columns: Some(shape.weight_columns), ..Like::default() };
    let graph = graph_of(&window);
    let (rate_bits, steps) = (SCALES.e, 2);
    let spec =
        Spec::planned(&graph, Kind::Local { rate_bits, steps, optimizer: Optimizer::default(), tolerance_limbs: 0 }, Named::MeanSquaredError, like)
            .expect("a shape");
    let prover = Prover::new(&spec, points()).expect("a key");
    let parts = spec.parts().expect("a circuit");
    let mut entries = tensors(&parts.graph, 4);
    entries.pop();
    let weights = flat(spec.graph(), &entries, Role::Trained);
    let (statement, proof) = proven(&prover, &entries, 36, &mut salts([true, true]));
    verify(&published(&spec), points(), &statement, &proof).expect("it verifies");
    assert_eq!(statement.frozen, "");
    let theirs = Windows::new(points().clone()).commit_weights(&window, &weights, &[1; 32]).expect("in range");
    assert_eq!(statement.weights, to_hex(&weights_digest(&window, &theirs).expect("points")));
    assert_eq!(content_numbers(&spec, &parts, Group::Weights).expect("an adapter").1, weight_layout(&window).expect("planned"));

    // Who asks for steps of training does not get this; and the other way round.
    let of_kind = |graph: &Graph, kind: Kind| {
        let mut settings = *spec.settings();
        settings.kind = kind;
        Spec::new(graph.clone(), settings).map(drop).map_err(|e| e.code)
    };
    assert_eq!(of_kind(&graph, Kind::sgd(rate_bits, steps)), Err("SPEC_INVALID"));
    assert_eq!(of_kind(&graph, Kind::Infer), Err("SPEC_INVALID"));
    let dense = dense_graph(&net.dense()).expect("a graph");
    assert_eq!(of_kind(&dense, Kind::Local { rate_bits, steps, optimizer: Optimizer::default(), tolerance_limbs: 0 }), Err("SPEC_INVALID"));
    assert_eq!(of_kind(&dense, Kind::sgd(rate_bits, steps)), Ok(()));
    let named = |named| {
        Spec::planned(&graph, Kind::Local { rate_bits, steps, optimizer: Optimizer::default(), tolerance_limbs: 0 }, named, like)
            .and_then(|s| content_numbers(&s, &parts, Group::Weights))
    };
    assert_eq!(named(Named::SoftmaxCrossEntropy).expect_err("refused").code, "SPEC_INVALID");
}

#[test]
fn a_rate_that_no_integer_comes_of_is_refused() {
    let (net, _) = nets().swap_remove(0);
    let window = window(&net, &[Some((2, 3)), None], 17, 1);
    let spec = train(&net, &window);
    let prover = Prover::new(&spec, points()).expect("a key");
    let entries = tensors(spec.graph(), 4);
    let mut rng: rand_chacha::ChaCha20Rng = rand_chacha::rand_core::SeedableRng::from_seed([9; 32]);
    let mut prove = |rate: i64| {
        let context = halo2_axiom::halo2curves::bn256::Fr::from(1);
        prover.prove(Secrets { tensors: &entries, rate, first_step: 0, context, salts: &mut salts([false, false]) }, &mut rng)
    };
    assert_eq!(prove(6).expect_err("13 and a half").code, "ETA_RANGE");
    let (mut statement, proof) = prove(8).expect("18");
    verify(&spec, points(), &statement, &proof).expect("it verifies");
    statement.rate = 6;
    let e = verify(&spec, points(), &statement, &proof).expect_err("refused");
    assert!(e.code == "PUBLIC_INVALID" && e.message.contains("kernel0.b"), "{e}");
}

#[test]
fn a_base_has_as_many_secret_rows_as_proofs_open_it() {
    let (net, adapters) = nets().swap_remove(0);
    let window = window(&net, &adapters, 17, 1);
    let mut shaped = like(&window);
    for (k, rows) in [(9, 64), (10, 64), (11, 128), (12, 256)] {
        shaped.k = Some(k);
        let kind = Kind::sgd(SCALES.e, 1);
        let Ok(spec) = Spec::planned(&graph_of(&window), kind, named(&net), shaped) else { continue };
        let parts = spec.parts().expect("a circuit");
        assert_eq!((Group::Frozen.blinding_rows(&parts), Group::Weights.blinding_rows(&parts)), (rows, 64));
        let last = parts.layout.weights[1].matrices.last().expect("a bias");
        assert!(last.run.end() < (1 << k) - rows);
        assert_eq!(max_uses(rows), (rows as u32 - 1) / 3);
        // One proof more than they allow.
        let entries = tensors(spec.graph(), 4);
        let prover = Prover::new(&spec, points()).expect("a key");
        let mut given = salts([false, false]);
        given.frozen = Hidden::By(Salt::used([3; 32], max_uses(rows)));
        let mut rng: rand_chacha::ChaCha20Rng = rand_chacha::rand_core::SeedableRng::from_seed([9; 32]);
        let context = halo2_axiom::halo2curves::bn256::Fr::from(1);
        let e = prover
            .prove(Secrets { tensors: &entries, rate: 36, first_step: 0, context, salts: &mut given }, &mut rng)
            .map(drop)
            .expect_err("refused");
        assert!(e.code == "SALT_EXHAUSTED" && e.message.starts_with("frozen"), "{e}");
    }
}

#[test]
fn what_is_no_window_has_no_digest_of_one() {
    let (net, adapters) = nets().swap_remove(0);
    let window = window(&net, &adapters, 17, 1);
    let graph = graph_of(&window);
    let like = Like { k: Some(10), weight_columns: Some(3), frozen_columns: Some(3), aggregated: false };
    let code = |graph: &Graph| {
        let kind = Kind::sgd(SCALES.e, 1);
        let spec = Spec::planned(graph, kind, Named::MeanSquaredError, like).expect("a shape");
        Prover::new(&spec, points()).expect("a key").commit_frozen(&tensors(graph, 1), &Hidden::Public).err().map(|e| e.code)
    };
    assert_eq!(code(&graph), None);
    let text = graph.to_json();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        Graph::from_json(&text.replacen(from, to, 1)).expect("a graph")
    };
    for (from, to) in [
        // No square of alpha over rank; a factor of A's; other ranges, coefficients and bits; a trained bias.
        (r#""rateFactor":[4,1]"#, r#""rateFactor":[2,1]"#),
        (r#""rateFactor":[4,1]"#, r#""rateFactor":[1,9]"#),
        (
            r#""name":"kernel0.a","role":"trained","shape":[2,7],"bits":24"#,
            r#""name":"kernel0.a","role":"trained","shape":[2,7],"bits":24,"rateFactor":[4,1]"#,
        ),
        (r#""wide""#, r#""half""#),
        ("[1,1]", "[1,2]"),
        (r#""gradientBits":10,"range":"wide""#, r#""gradientBits":9,"range":"wide""#),
        (r#""name":"bias1","role":"frozen","shape":[3],"bits":17"#, r#""name":"bias1","role":"frozen","shape":[3],"bits":16"#),
        (r#""name":"bias1","role":"frozen","shape":[3],"bits":17"#, r#""name":"bias1","role":"trained","shape":[3],"bits":24"#),
    ] {
        assert_eq!(code(&changed(from, to)), Some("SPEC_INVALID"), "{from} {to}");
    }
    let dense = dense_graph(&net.dense()).expect("a graph").to_json();
    let other = Graph::from_json(&dense.replacen(r#""bits":24}"#, r#""bits":24,"rateFactor":[2,1]}"#, 1)).expect("a graph");
    let spec = Spec::planned(&other, Kind::sgd(SCALES.e, 1), Named::MeanSquaredError, Like::default()).expect("a shape");
    let e = Prover::new(&spec, points()).expect("a key").commit_weights(&tensors(&other, 1), &Salt::new([1; 32])).expect_err("refused");
    assert_eq!(e.code, "SPEC_INVALID");
}
