//! What JavaScript calls: JSON and bytes in, JSON and bytes out.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;
use pot_circuit::api::{dense_inference, graph_schema, plan_graph, run_graph, GraphProver, GraphSecrets};
use pot_proof_system::srs;
use serde_json::{json, Value};
use std::sync::OnceLock;

/// x (2 x 3) times a kernel (2 x 3) and a bias: small tables, one layer.
const NETWORK: &str = concat!(
    r#"{"formats":{"limbBits":6,"tableBits":6},"bits":6,"gradientBits":10,"weightBits":24,"batch":2,"inputs":3,"#,
    r#""layers":[{"outputs":2,"relu":false,"bias":true}],"loss":"meanSquaredError","xOffset":0,"yOffset":0}"#
);
const REQUEST: &str = r#"{"kind":"infer","weights":"meanSquaredError"}"#;
const CONTEXT: &str = "0x0000000000000000000000000000000000000000000000000000000000000007";

fn points() -> &'static [u8] {
    static POINTS: OnceLock<Vec<u8>> = OnceLock::new();
    POINTS.get_or_init(|| srs::to_bytes(&srs::development(9).expect("small")))
}

fn texts() -> (String, String) {
    let graph = dense_inference(NETWORK).expect("a network");
    let settings = plan_graph(&graph, REQUEST).expect("a shape");
    (graph, settings)
}

fn prover() -> GraphProver {
    let (graph, settings) = texts();
    GraphProver::new(points(), &graph, &settings).expect("canonical")
}

/// x, kernel, bias.
fn tensors() -> Vec<i64> {
    let one = 1 << 24;
    [vec![1, 2, 3, 60, 0, 5], vec![one, -one, one / 2, 0, one, one / 4], vec![one, -one]].concat()
}

fn secrets(hidden: bool) -> GraphSecrets {
    let salt = |byte: u8| if hidden { vec![byte; 32] } else { vec![] };
    GraphSecrets {
        tensors: tensors(),
        weights_salt: vec![1; 32],
        after_salt: vec![],
        frozen_salt: vec![],
        state_salt: vec![],
        state_after_salt: vec![],
        inputs_salt: salt(2),
        outputs_salt: salt(3),
    }
}

fn request(uses: u32) -> String {
    json!({ "context": CONTEXT, "uses": { "weights": uses } }).to_string()
}

fn code<T>(result: Result<T, pot_proof_system::error::PotError>) -> &'static str {
    result.err().expect("refused").code
}

#[test]
fn a_graph_is_planned_proven_and_verified() {
    let mut prover = prover();
    let outputs = run_graph(&texts().0, &tensors()).expect("in range");
    // 64 / 64 is the bias; of the first row 1 - 2 + 1.5, rounded half up.
    assert_eq!(outputs[0], 64 + 1);
    let info: Value = serde_json::from_str(&prover.info().expect("checked")).expect("JSON");
    assert_eq!(info["outputs"], json!([{ "name": "h0", "shape": [2, 2], "bits": 6 }]));
    assert_eq!((info["kind"].clone(), info["maxUses"].clone()), (json!("infer"), json!(21)));
    assert_eq!(info["tensors"][1]["role"], "trained");

    for (hidden, transcript) in [(true, "blake2b"), (false, "poseidon")] {
        let proven: Value = serde_json::from_str(&prover.prove(&request(0), &secrets(hidden), transcript).expect("a proof")).expect("JSON");
        let statement = &proven["statement"];
        let proof = URL_SAFE_NO_PAD.decode(proven["proof"].as_str().expect("text")).expect("base64url");
        // Whoever verifies has an object of their own.
        let mut verifier = self::prover();
        verifier.verify(&statement.to_string(), &proof, transcript).expect("holds");
        let other = if hidden { "poseidon" } else { "blake2b" };
        assert_eq!(code(verifier.verify(&statement.to_string(), &proof, other)), "VERIFY_FAILED");
        assert_eq!(verifier.vk_digest().expect("a key"), serde_json::from_str::<Value>(&prover.keygen().expect("a key")).expect("JSON")["vkDigest"]);

        let weights = prover.digest("weights", &tensors()[6..], &[1; 32]).expect("in range");
        assert_eq!(statement["weights"], weights);
        if hidden {
            assert_eq!(statement["inputs"]["committed"], prover.digest("inputs", &tensors()[..6], &[2; 32]).expect("in range"));
            assert_eq!(statement["outputs"]["committed"], prover.digest("outputs", &outputs, &[3; 32]).expect("in range"));
            assert_ne!(statement["outputs"]["committed"], prover.digest("outputs", &outputs, &[4; 32]).expect("in range"));
        } else {
            assert_eq!(statement["inputs"]["public"], json!([tensors()[..6]]));
            assert_eq!(statement["outputs"]["public"], json!([outputs]));
        }
        let mut lie = statement.clone();
        lie["context"] = json!(CONTEXT.replace('7', "8"));
        assert_eq!(code(verifier.verify(&lie.to_string(), &proof, transcript)), "VERIFY_FAILED");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut prover = prover();
    assert_eq!(code(prover.digest("biases", &[], &[])), "OPTION_INVALID");
    assert_eq!(code(prover.digest("weights", &[1], &[])), "INPUT_SHAPE");
    assert_eq!(code(prover.digest("weightsAfter", &tensors()[6..], &[])), "INPUT_SHAPE");
    assert_eq!(code(prover.digest("weights", &tensors()[6..], &[1; 31])), "INPUT_SHAPE");
    assert_eq!(code(prover.digest("inputs", &[64; 6], &[])), "DATA_RANGE");
    assert_eq!(code(prover.digest("outputs", &[1 << 13, 0, 0, 0], &[])), "VALUE_RANGE");
    assert_eq!(code(prover.prove(&request(21), &secrets(true), "blake2b")), "SALT_EXHAUSTED");
    assert_eq!(code(prover.prove(&request(0), &secrets(true), "sha3")), "TRANSCRIPT_UNKNOWN");
    assert_eq!(code(prover.prove(r#"{"context":"7"}"#, &secrets(true), "blake2b")), "PUBLIC_INVALID");
    assert_eq!(code(prover.prove(r#"{"context":"7","salt":1}"#, &secrets(true), "blake2b")), "SPEC_INVALID");
    let short = GraphSecrets { weights_salt: vec![1; 31], ..secrets(true) };
    assert_eq!(code(prover.prove(&request(0), &short, "blake2b")), "INPUT_SHAPE");
    let few = GraphSecrets { tensors: vec![0; 13], ..secrets(true) };
    assert_eq!(code(prover.prove(&request(0), &few, "blake2b")), "INPUT_SHAPE");

    let (graph, settings) = texts();
    assert_eq!(code(run_graph(&graph, &[0; 13])), "INPUT_SHAPE");
    assert_eq!(code(run_graph("{}", &[])), "GRAPH_INVALID");
    assert_eq!(code(plan_graph(&graph, r#"{"kind":"infer"}"#)), "SPEC_INVALID");
    assert_eq!(code(plan_graph(&graph, r#"{"kind":"infer","weights":"graph","like":{"k":7,"weightColumns":1}}"#)), "CIRCUIT_TOO_LARGE");
    assert_eq!(code(dense_inference(&NETWORK.replace("xOffset", "offset"))), "SPEC_INVALID");
    assert_eq!(code(dense_inference(&NETWORK.replace("\"batch\":2", "\"batch\":4294967296"))), "GRAPH_INVALID");
    assert_eq!(code(GraphProver::new(points(), &format!(" {graph}"), &settings)), "GRAPH_INVALID");
    assert_eq!(code(GraphProver::new(&[], &graph, &settings)), "SRS_INVALID");
    let larger = settings.replace("\"k\":7", "\"k\":10").replace("\"k\":8", "\"k\":10");
    let mut larger = GraphProver::new(points(), &graph, &larger).expect("canonical");
    assert_eq!(code(larger.keygen()), "SRS_TOO_SMALL");
    assert_eq!(code(larger.digest("weights", &tensors()[6..], &[])), "SRS_TOO_SMALL");
}

/// With predicates in the place of the scores: each output says what it is.
#[test]
fn predicates_are_said_of_outputs() {
    let revealed = |reveal: &str| dense_inference(&NETWORK.replace(r#""loss""#, &format!(r#""reveal":{reveal},"loss""#)));
    let graph = revealed(r#"[{"class":{"class":1}},{"argmax":{}},{"threshold":{"output":0,"least":65}}]"#).expect("a network");
    let settings = plan_graph(&graph, REQUEST).expect("a shape");
    let info: Value =
        serde_json::from_str(&GraphProver::new(points(), &graph, &settings).expect("canonical").info().expect("checked")).expect("JSON");
    let said = |i: usize| (info["outputs"][i]["name"].clone(), info["outputs"][i]["says"].clone());
    let says = |predicate: Value| json!({ "of": "h0", "bits": 6, "predicate": predicate });
    assert_eq!(said(0), (json!("argmax"), says(json!({ "argmax": {} }))));
    assert_eq!(said(1), (json!("class:1"), says(json!({ "class": { "class": 1 } }))));
    assert_eq!(said(2), (json!("threshold:0"), says(json!({ "threshold": { "output": 0, "least": 65 } }))));
    // Scores are 65 and more; of the first row the first is the larger.
    assert_eq!(run_graph(&graph, &tensors()).expect("in range")[..2], [1, 0]);
    for (reveal, refusal) in [
        ("[]", "GRAPH_INVALID"),
        (r#"[{"class":{"class":2}}]"#, "GRAPH_INVALID"),
        (r#"[{"class":{"class":1}},{"class":{"class":1}}]"#, "GRAPH_INVALID"),
        (r#"[{"argmax":{}},{"argmax":{}}]"#, "GRAPH_INVALID"),
        (r#"[{"threshold":{"output":0}}]"#, "GRAPH_INVALID"),
        (r#"[{"threshold":{"output":0,"least":2,"most":1}}]"#, "GRAPH_INVALID"),
        (r#"[{"threshold":{"output":0,"least":2049}}]"#, "GRAPH_INVALID"),
        (r#"[{"threshold":{"output":0,"least":0.5}}]"#, "SPEC_INVALID"),
        (r#"[{"class":{"class":-1}}]"#, "SPEC_INVALID"),
        (r#"[{"largest":{}}]"#, "SPEC_INVALID"),
        ("{}", "SPEC_INVALID"),
    ] {
        assert_eq!(code(revealed(reveal)), refusal, "{reveal}");
    }
}

/// What a proof is given follows its kind.
#[test]
fn other_kinds_are_proven_and_verified() {
    let loss = r#"{"name":"loss","op":"mean_squared_error","inputs":["h0","y"],"attributes":{"gradientBits":10}}],"outputs":["loss"]"#;
    let label = r#","shape":[2,3],"bits":6},{"name":"y","role":"label","shape":[2,2],"bits":6},"#;
    let graph = texts().0.replace(r#"],"outputs":["h0"]"#, &format!(",{loss}")).replace(r#","shape":[2,3],"bits":6},"#, label);
    let (x, weights, y) = (tensors()[..6].to_vec(), tensors()[6..].to_vec(), vec![1, 2, 3, 4]);
    let step = [x.clone(), y.clone(), weights.clone()].concat();
    for (kind, rate, given) in [
        (r#""genesis""#, 0, weights.clone()),
        (r#"{"train":{"rateBits":8,"steps":1}}"#, 3, step.clone()),
        (r#"{"train":{"rateBits":8,"steps":2}}"#, 3, [step.clone(), x, y].concat()),
        (r#"{"train":{"rateBits":8,"steps":1,"optimizer":{"rule":"momentum","momentum":58,"decay":0}}}"#, 3, [step, vec![0; 8]].concat()),
    ] {
        let settings = plan_graph(&graph, &REQUEST.replace(r#""infer""#, kind)).expect("a shape");
        let mut prover = GraphProver::new(points(), &graph, &settings).expect("canonical");
        let request = json!({ "context": CONTEXT, "rate": rate }).to_string();
        let secrets = GraphSecrets { tensors: given, after_salt: vec![4; 32], state_after_salt: vec![5; 32], ..secrets(true) };
        let proven: Value = serde_json::from_str(&prover.prove(&request, &secrets, "blake2b").expect(kind)).expect("JSON");
        let proof = URL_SAFE_NO_PAD.decode(proven["proof"].as_str().expect("text")).expect("base64url");
        prover.verify(&proven["statement"].to_string(), &proof, "blake2b").expect(kind);
        let few = GraphSecrets { tensors: vec![0; 3], ..secrets };
        assert_eq!(code(prover.prove(&request, &few, "blake2b")), "INPUT_SHAPE", "{kind}");
    }
}

/// A prover who asks for a hidden layer's values, beside the last one's or before them, has no digest of a run's weights for it.
#[test]
fn a_network_has_the_outputs_of_its_last_layer_alone() {
    let layers = r#""layers":[{"outputs":2,"relu":true,"bias":true},{"outputs":2,"relu":false,"bias":true}]"#;
    let graph = dense_inference(&NETWORK.replace(r#""layers":[{"outputs":2,"relu":false,"bias":true}]"#, layers)).expect("a network");
    let weights = vec![1 << 20; 14];
    let named = |graph: &str, weights: &str| {
        let settings = plan_graph(graph, &REQUEST.replace("meanSquaredError", weights)).expect("a shape");
        GraphProver::new(points(), graph, &settings).expect("canonical")
    };
    assert!(named(&graph, "meanSquaredError").digest("weights", &weights, &[1; 32]).is_ok());
    for outputs in [r#"["h0","h1"]"#, r#"["h1","h0"]"#, r#"["h0"]"#] {
        let lie = graph.replace(r#""outputs":["h1"]"#, &format!(r#""outputs":{outputs}"#));
        assert_ne!(lie, graph);
        // Without the last layer its weights are used by nothing that is shown.
        let Ok(settings) = plan_graph(&lie, REQUEST) else { continue };
        let mut prover = GraphProver::new(points(), &lie, &settings).expect("canonical");
        assert_eq!(code(prover.digest("weights", &weights, &[1; 32])), "SPEC_INVALID", "{outputs}");
        let secrets = GraphSecrets { tensors: [vec![0; 6], weights.clone()].concat(), ..secrets(true) };
        assert_eq!(code(prover.prove(&request(0), &secrets, "blake2b")), "SPEC_INVALID", "{outputs}");
    }
    // A graph of its own may have both. They are named as they are shown.
    let both = graph.replace(r#""outputs":["h1"]"#, r#""outputs":["h1","h0"]"#);
    let info: Value = serde_json::from_str(&named(&both, "graph").info().expect("checked")).expect("JSON");
    assert_eq!((&info["outputs"][0]["name"], &info["outputs"][1]["name"]), (&json!("h0"), &json!("h1")));
}

#[test]
fn the_schema_says_what_there_is() {
    let schema: Value = serde_json::from_str(&graph_schema().expect("data")).expect("JSON");
    assert!(schema["operators"].as_array().is_some_and(|o| o.iter().any(|o| o["name"] == "round")));
}
