//! Proofs that are shown for something else than they are of.

use super::{points, proven, published, salts, tensors};
use crate::circuit::networks::dense;
use pot_circuit::graph::Graph;
use pot_circuit::plan::Like;
use pot_circuit::prove::{verify, Prover, Verifier, MAGIC};
use pot_circuit::statement::{Kind, Named, Settings, Shown, Spec, Statement};
use pot_proof_system::srs;
use std::sync::OnceLock;

struct Made {
    spec: Spec,
    verifier: Verifier,
    prover: Prover,
    entries: Vec<Vec<i128>>,
    /// Inputs and outputs by digest, and as they are.
    hidden: (Statement, Vec<u8>),
    open: (Statement, Vec<u8>),
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let graph = dense(2, [5, 4, 3]);
        let spec = Spec::planned(&graph, Kind::Infer, Named::Graph, Like::default()).expect("a shape");
        let prover = Prover::new(&spec, points()).expect("a key");
        let entries = tensors(&graph, 3);
        let hidden = proven(&prover, &entries, 0, &mut salts([true, true]));
        let open = proven(&prover, &entries, 0, &mut salts([false, false]));
        let verifier = Verifier::new(&published(&spec), points()).expect("a key");
        Made { spec, verifier, prover, entries, hidden, open }
    })
}

fn code((statement, proof): &(Statement, Vec<u8>), change: &dyn Fn(&mut Statement)) -> &'static str {
    let mut other = statement.clone();
    change(&mut other);
    assert_ne!(&other, statement, "something is changed");
    made().verifier.verify(&other, proof).expect_err("refused").code
}

fn values(shown: &mut Shown) -> &mut Vec<Vec<i64>> {
    match shown {
        Shown::Public(v) => v,
        _ => panic!("not public"),
    }
}

#[test]
fn honest_proofs_verify() {
    let m = made();
    m.verifier.verify(&m.hidden.0, &m.hidden.1).expect("it verifies");
    m.verifier.verify(&m.open.0, &m.open.1).expect("it verifies");
    // With powers alone, and with a string of just the size.
    let k = m.spec.settings().shape.k;
    for srs in [srs::powers_alone(points(), 11).expect("smaller"), srs::cut(points(), k).expect("smaller")] {
        let verifier = Verifier::new(&m.spec, &srs).expect("a key");
        assert_eq!(verifier.key().transcript_repr(), m.verifier.key().transcript_repr());
        verifier.verify(&m.open.0, &m.open.1).expect("it verifies");
    }
}

#[test]
fn other_digests() {
    let (m, other) = (made(), format!("0x{:064x}", 5));
    assert_eq!(code(&m.hidden, &|s| s.weights = other.clone()), "VERIFY_DIGEST");
    assert_eq!(code(&m.hidden, &|s| s.inputs = Shown::Committed(other.clone())), "VERIFY_DIGEST");
    assert_eq!(code(&m.hidden, &|s| s.outputs = Shown::Committed(other.clone())), "VERIFY_DIGEST");
    // Exchanged, or one for both.
    assert_eq!(code(&m.hidden, &|s| std::mem::swap(&mut s.inputs, &mut s.outputs)), "VERIFY_DIGEST");
    assert_eq!(code(&m.hidden, &|s| s.outputs = s.inputs.clone()), "VERIFY_DIGEST");
    assert_eq!(code(&m.hidden, &|s| s.outputs = Shown::Committed(s.weights.clone())), "VERIFY_DIGEST");
    // Not there, or more than there is, or in another form.
    assert_eq!(code(&m.hidden, &|s| s.weights = String::new()), "PUBLIC_INVALID");
    assert_eq!(code(&m.hidden, &|s| s.outputs = Shown::Nothing), "PUBLIC_INVALID");
    assert_eq!(code(&m.hidden, &|s| s.inputs = Shown::Nothing), "PUBLIC_INVALID");
    assert_eq!(code(&m.hidden, &|s| s.frozen = s.weights.clone()), "PUBLIC_INVALID");
    assert_eq!(code(&m.hidden, &|s| s.weights_after = s.weights.clone()), "PUBLIC_INVALID");
    assert_eq!(code(&m.hidden, &|s| s.weights = s.weights.to_uppercase()), "PUBLIC_INVALID");
    assert_eq!(code(&m.hidden, &|s| s.rate = 1), "PUBLIC_INVALID");
    // What it was bound to.
    assert_eq!(code(&m.hidden, &|s| s.context = other.clone()), "VERIFY_FAILED");
    assert_eq!(code(&m.open, &|s| s.context = other.clone()), "VERIFY_FAILED");
}

#[test]
fn other_public_values() {
    let m = made();
    let (inputs, outputs) = (m.open.0.inputs.clone(), m.open.0.outputs.clone());
    for entry in [0, 5] {
        assert_eq!(code(&m.open, &|s| values(&mut s.outputs)[0][entry] += 1), "VERIFY_DIGEST");
        assert_eq!(code(&m.open, &|s| values(&mut s.inputs)[0][entry] -= 1), "VERIFY_DIGEST");
    }
    // Out of range: of a cell, and by the field's modulus nothing fits.
    assert_eq!(code(&m.open, &|s| values(&mut s.inputs)[0][0] = 64 - 16), "PUBLIC_INVALID");
    assert_eq!(code(&m.open, &|s| values(&mut s.inputs)[0][0] = -17), "PUBLIC_INVALID");
    assert_eq!(code(&m.open, &|s| values(&mut s.outputs)[0][0] = 4097), "PUBLIC_INVALID");
    assert_eq!(code(&m.open, &|s| values(&mut s.outputs)[0][0] = i64::MIN), "PUBLIC_INVALID");
    // More or fewer than the graph's.
    assert_eq!(code(&m.open, &|s| values(&mut s.inputs)[0].push(0)), "PUBLIC_INVALID");
    assert_eq!(code(&m.open, &|s| values(&mut s.outputs)[0].truncate(1)), "PUBLIC_INVALID");
    assert_eq!(code(&m.open, &|s| values(&mut s.outputs).push(vec![])), "PUBLIC_INVALID");
    assert_eq!(code(&m.open, &|s| values(&mut s.inputs).clear()), "PUBLIC_INVALID");
    // Values in the place of commitments that are blinded, be they right.
    assert_eq!(code(&m.hidden, &|s| s.inputs = inputs.clone()), "VERIFY_DIGEST");
    assert_eq!(code(&m.hidden, &|s| s.outputs = outputs.clone()), "VERIFY_DIGEST");
}

#[test]
fn other_graphs_and_shapes() {
    let m = made();
    let refused = |spec: Spec, what: &str| {
        let e = verify(&spec, points(), &m.hidden.0, &m.hidden.1).expect_err(what);
        assert!(["VERIFY_DIGEST", "VERIFY_FAILED", "POINT_INVALID"].contains(&e.code), "{what}: {e}");
    };
    let text = m.spec.graph_text();
    for (from, to) in [
        // As many columns and rows: another function, another name, another offset.
        ("\"coefficients\":[1,1]", "\"coefficients\":[1,2]"),
        ("\"range\":\"relu\"", "\"range\":\"wide\""),
        ("\"n5\"", "\"m5\""),
        ("\"offset\":16", "\"offset\":15"),
    ] {
        assert!(text.contains(from), "{from} is not in {text}");
        let graph = Graph::from_json(&text.replace(from, to)).expect("a graph");
        refused(Spec::new(graph, *m.spec.settings()).expect("this version"), to);
    }
    let base = *m.spec.settings();
    let mut shapes = vec![Settings { weights: Named::MeanSquaredError, ..base }];
    let changes: [fn(&mut Settings); 4] =
        [|s| s.shape.k += 1, |s| s.shape.lanes += 1, |s| s.shape.weight_columns += 1, |s| s.shape.data_columns += 1];
    for change in changes {
        let mut other = base;
        change(&mut other);
        shapes.push(other);
    }
    // A change of the unused number of frozen columns leaves the circuit as it is, and is another specification.
    shapes.push(Settings { shape: pot_circuit::layout::Shape { frozen_columns: 7, ..base.shape }, ..base });
    for settings in shapes {
        refused(Spec::new(m.spec.graph().clone(), settings).expect("this version"), &format!("{settings:?}"));
    }
}

/// Commitments of a proof, in the place of another's.
#[test]
fn replayed_commitments() {
    let m = made();
    let mut entries = m.entries.clone();
    entries[0][0] = -entries[0][0] + 1;
    let other = proven(&m.prover, &entries, 0, &mut salts([true, true]));
    let shape = m.spec.settings().shape;
    let groups = [shape.weight_columns, shape.data_columns, shape.output_columns];
    let mut at = MAGIC.len();
    for (i, columns) in groups.into_iter().enumerate() {
        let bytes = at..at + 32 * columns;
        at = bytes.end;
        let mut spliced = m.hidden.1.clone();
        spliced[bytes.clone()].copy_from_slice(&other.1[bytes]);
        // With the digest that goes with them.
        let mut statement = m.hidden.0.clone();
        match i {
            0 => statement.weights = other.0.weights.clone(),
            1 => statement.inputs = other.0.inputs.clone(),
            _ => statement.outputs = other.0.outputs.clone(),
        }
        if spliced != m.hidden.1 {
            assert_eq!(m.verifier.verify(&statement, &spliced).expect_err("refused").code, "VERIFY_FAILED");
            assert_eq!(m.verifier.verify(&m.hidden.0, &spliced).expect_err("refused").code, "VERIFY_DIGEST");
        }
    }
    // Weights are the same under the same salt; inputs and outputs are not.
    assert_eq!((other.0.weights == m.hidden.0.weights, other.0.inputs == m.hidden.0.inputs), (true, false));
    assert_eq!(m.verifier.verify(&other.0, &m.hidden.1).expect_err("refused").code, "VERIFY_DIGEST");
}

#[test]
fn every_region_of_a_proof() {
    let m = made();
    for (statement, proof) in [&m.hidden, &m.open] {
        let refused = |bytes: &[u8]| m.verifier.verify(statement, bytes).expect_err("refused").code;
        for at in (0..proof.len()).step_by(31) {
            let mut changed = proof.clone();
            changed[at] ^= 1;
            refused(&changed);
        }
        for cut in [0, 7, 8, 40, proof.len() / 2, proof.len() - 32, proof.len() - 1] {
            let code = refused(&proof[..cut]);
            assert!(["VERIFY_TRUNCATED", "VERIFY_FAILED"].contains(&code), "{cut}: {code}");
        }
        assert_eq!(refused(&[&proof[..], &[0]].concat()), "VERIFY_FAILED");
        assert_eq!(refused(&[&proof[..], &proof[..]].concat()), "VERIFY_FAILED");
        let mut version = proof.clone();
        version[7] = 2;
        assert_eq!(refused(&version), "FORMAT_VERSION");
        version[0] = b'P';
        assert_eq!(refused(&version), "VERIFY_FAILED");
    }
}

#[test]
fn a_string_that_is_too_short_or_another() {
    let m = made();
    let k = m.spec.settings().shape.k;
    let short = srs::cut(points(), k - 1).expect("smaller");
    assert_eq!(verify(&m.spec, &short, &m.hidden.0, &m.hidden.1).expect_err("refused").code, "SRS_TOO_SMALL");
    assert_eq!(Prover::new(&m.spec, &short).err().map(|e| e.code), Some("SRS_TOO_SMALL"));
}
