//! Renewals: made and verified, bound to one run and to both digests, and refused wherever the new content is another.

use crate::common::{public, spec, with_adapters, Case};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Circuit, ConstraintSystem};
use pot_circuit::layout::BLINDING_ROWS;
use pot_circuit::prove::{max_uses, Renewal, RenewalCircuit};
use pot_mock::MockProver;
use pot_proof_system::engine::{self, Srs, Transcript};
use pot_sgd::network::{Content as Given, Network};
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover, RenewalInput, WindowInput};
use pot_sgd::renewal::{Content, Renewed};
use pot_sgd::spec::{Activation::*, Kind, Loss::*, SgdSpec};
use pot_sgd::statement::{field_to_hex, Public};
use rand_core::OsRng;

const OLD: [u8; 32] = [3; 32];
const NEW: [u8; 32] = [4; 32];

fn srs(k: u32) -> Srs {
    use halo2_axiom::poly::commitment::ParamsProver;
    Srs::new(k)
}

/// Adapters on a base: rows of 6 in 4 columns of data, so that cells lie beyond a row's width.
fn case() -> Case {
    let network = with_adapters(spec(&[6, 5, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), &[Some((2, 4)), None]);
    // Rows enough for other offsets and other numbers of samples too.
    let rows = Constraints { k: Some(10), ..Constraints::default() };
    let (mut planned, _) = plan(&network, rows).unwrap();
    planned.shape.as_mut().unwrap().data_columns = 4;
    Case::random(planned, 17)
}

fn input<'a>(c: &'a Case, salt: &'a [u8; 32], fresh: &'a [u8; 32]) -> RenewalInput<'a> {
    RenewalInput { x: &c.x, y: &c.y, base: &c.base, salt, fresh }
}

fn digest(p: &mut Prover, c: &Case, content: Content, salt: &[u8; 32]) -> String {
    let points = match content {
        Content::Data => p.commit_data(&c.spec, &c.x, &c.y, salt).unwrap(),
        Content::Base => p.commit_base(&c.spec, &Base { weights: &c.base, salt }).unwrap(),
    };
    field_to_hex(&content.digest(&c.spec, &points).unwrap())
}

fn renewed(p: &mut Prover, c: &Case, content: Content) -> Renewed {
    let [before, after] = [OLD, NEW].map(|salt| digest(p, c, content, &salt));
    Renewed { run_id: field_to_hex(&7u64.into()), content, before, after }
}

#[test]
fn a_shard_and_a_base_are_renewed_and_a_window_takes_them() {
    let c = case();
    let params = srs(c.spec.shape.unwrap().k + 1);
    let mut p = Prover::new(params.clone());
    for content in [Content::Data, Content::Base] {
        let said = renewed(&mut p, &c, content);
        let proof = p.prove_renewal(&c.spec, &said, &input(&c, &OLD, &NEW)).unwrap();
        p.verify_renewal(&c.spec, &said, &proof).unwrap();
        // Whoever verifies has powers alone, and makes the key anew.
        Prover::new(params.clone()).verify_renewal(&c.spec, &said, &proof).unwrap();
        // Small: commitments and evaluations of the content twice, and seven elements more.
        let columns = Renewal::of(&Network::new(&c.spec).unwrap().parts, content.group()).unwrap().columns;
        assert_eq!(proof.len(), 32 * (4 * columns + 7));
        // The digests are those that windows show.
        let after = c.after();
        let of = public(&mut p, &c, &after);
        let (fresh, base) = (WindowInput { data_salt: &NEW, ..c.input() }, Base { weights: &c.base, salt: &NEW });
        let (of, given) = match content {
            Content::Data => (Public { data: said.after.clone(), ..of }, fresh),
            Content::Base => (Public { base: said.after.clone(), ..of }, WindowInput { base, ..c.input() }),
        };
        let window = p.prove_window(&c.spec, &of, &given).unwrap();
        p.verify(&c.spec, &of, &window).unwrap();
    }
}

#[test]
fn a_renewal_is_of_its_run_its_digests_and_its_layout_alone() {
    let c = case();
    let mut p = Prover::new(srs(c.spec.shape.unwrap().k));
    let said = renewed(&mut p, &c, Content::Data);
    let proof = p.prove_renewal(&c.spec, &said, &input(&c, &OLD, &NEW)).unwrap();
    let mut refused = |spec: &SgdSpec, said: &Renewed, proof: &[u8]| p.verify_renewal(spec, said, proof).unwrap_err().code;
    let elsewhere = Renewed { run_id: field_to_hex(&8u64.into()), ..said.clone() };
    assert_eq!(refused(&c.spec, &elsewhere, &proof), "VERIFY_FAILED");
    let backwards = Renewed { before: said.after.clone(), after: said.before.clone(), ..said.clone() };
    assert_eq!(refused(&c.spec, &backwards, &proof), "VERIFY_DIGEST");
    assert_eq!(refused(&c.spec, &Renewed { after: said.before.clone(), ..said.clone() }, &proof), "PUBLIC_INVALID");
    assert_eq!(refused(&c.spec, &Renewed { after: elsewhere.run_id.clone(), ..said.clone() }, &proof), "VERIFY_DIGEST");
    assert_eq!(refused(&c.spec, &Renewed { after: "0x1".into(), ..said.clone() }, &proof), "PUBLIC_INVALID");
    assert_ne!(refused(&c.spec, &Renewed { content: Content::Base, ..said.clone() }, &proof), "");
    // The same columns of other numbers: an offset, how many samples and steps.
    let others: [fn(&mut SgdSpec); 3] = [|s| s.x_offset = 1, |s| s.batch = 1, |s| s.steps = 1];
    for (i, other) in others.into_iter().enumerate() {
        let mut spec = c.spec.clone();
        other(&mut spec);
        assert_eq!(refused(&spec, &said, &proof), "VERIFY_DIGEST", "layout {i}");
    }
    assert_eq!(refused(&SgdSpec { kind: Kind::Genesis, ..c.spec.clone() }, &said, &proof), "SPEC_INVALID");
    assert_eq!(refused(&c.spec, &said, &proof[..100]), "VERIFY_TRUNCATED");
    assert_eq!(refused(&c.spec, &said, &proof[..proof.len() - 32]), "VERIFY_FAILED");
    assert_eq!(refused(&c.spec, &said, &[&proof[..], &[0]].concat()), "VERIFY_FAILED");
    for at in (31..proof.len()).step_by(32) {
        let mut other = proof.clone();
        other[at] ^= 0x40;
        assert!(p.verify_renewal(&c.spec, &said, &other).is_err(), "byte {at}");
    }
    // It holds with its own transcript alone.
    p.set_transcript(Transcript::Poseidon);
    assert_eq!(p.verify_renewal(&c.spec, &said, &proof).unwrap_err().code, "VERIFY_FAILED");
    let poseidon = p.prove_renewal(&c.spec, &said, &input(&c, &OLD, &NEW)).unwrap();
    p.verify_renewal(&c.spec, &said, &poseidon).unwrap();
    // What cannot be renewed is refused before anything is made.
    let mut fails = |spec: &SgdSpec, said: &Renewed, input: &RenewalInput<'_>| p.prove_renewal(spec, said, input).unwrap_err().code;
    assert_eq!(fails(&c.spec, &said, &input(&c, &OLD, &OLD)), "VERIFY_DIGEST");
    assert_eq!(fails(&c.spec, &said, &RenewalInput { x: &c.x[1..], ..input(&c, &OLD, &NEW) }), "INPUT_SHAPE");
    let dense = Case::random(spec(&[6, 5, 3], &[Relu], SoftmaxCrossEntropy, 2, 2), 17);
    assert_eq!(fails(&dense.spec, &Renewed { content: Content::Base, ..said.clone() }, &input(&dense, &OLD, &NEW)), "SPEC_INVALID");
}

/// Whole columns of a shard under both salts.
fn columns(c: &Case, x: &[i32], y: &[i32]) -> (Renewal, Vec<Vec<Fr>>) {
    let network = Network::new(&c.spec).unwrap();
    let given = Given { weights: &[], base: &[], x, y, taken: &[] };
    let entries = network.data_by_value(&c.spec, &given);
    let of = (&network.described, &*network.parts);
    let group = Content::Data.group();
    (Renewal::of(&network.parts, group).unwrap(), Renewal::contents(of, group, [&OLD, &NEW], &|v| &entries[&v]).unwrap())
}

/// Each lie commits to another new content, states the digest of it, and proves that.
#[test]
fn no_other_content_passes_for_a_renewal() {
    let c = case();
    let (size, honest) = columns(&c, &c.x, &c.y);
    let (n, rows) = (size.columns, size.rows());
    assert_eq!((n, rows), (4, (1 << size.k) - BLINDING_ROWS));
    let (params, circuit) = (srs(size.k), RenewalCircuit::new(size, None));
    let mut p = Prover::new(params.clone());
    let pk = engine::proving_key(&params, engine::verifying_key(&params, &circuit).unwrap(), &circuit).unwrap();
    let mut judged = |columns: Vec<Vec<Fr>>| {
        let mut said = Renewed { run_id: field_to_hex(&7u64.into()), content: Content::Data, before: String::new(), after: String::new() };
        let stated = |points: &[u8]| {
            let digests = points.chunks(points.len() / 2).map(|half| field_to_hex(&Content::Data.digest(&c.spec, half).unwrap()));
            [said.before, said.after] = digests.collect::<Vec<_>>().try_into().unwrap();
            said.instance()
        };
        let proof = size.prove((&params, &pk), columns, stated, &mut OsRng, Transcript::default()).unwrap();
        p.verify_renewal(&c.spec, &said, &proof).map_err(|e| e.code)
    };
    assert_eq!(judged(honest.clone()), Ok(()));
    let lie = |change: &dyn Fn(&mut [Vec<Fr>])| {
        let mut columns = honest.clone();
        change(&mut columns[n..]);
        assert_ne!(columns, honest, "a lie");
        columns
    };
    // A row of 6 over 4 columns: its last block has two cells and two beyond. Blocks of a run lie from the last to the first.
    let full = (0..rows).find(|r| (0..n).all(|j| honest[j][*r] != Fr::zero())).expect("a full block");
    let beyond = (0..rows).find(|r| honest[n - 1][*r] == Fr::zero() && honest[0][*r] != Fr::zero()).expect("a block with cells beyond a row");
    let lies = [
        ("a cell", lie(&|new| new[1][full] += Fr::one())),
        ("a cell beyond the width", lie(&|new| new[n - 1][beyond] += Fr::one())),
        ("a row without a value", lie(&|new| new[0][rows - 1] += Fr::one())),
        ("two rows", lie(&|new| new.iter_mut().for_each(|c| c.swap(full, beyond)))),
        ("two columns", lie(&|new| new.swap(0, 1))),
        ("another offset", lie(&|new| new.iter_mut().for_each(|c| c[..rows].iter_mut().filter(|v| **v != Fr::zero()).for_each(|v| *v += Fr::one())))),
        ("a row further down", lie(&|new| new.iter_mut().for_each(|c| c[..rows].rotate_right(1)))),
    ];
    for (name, columns) in lies {
        assert_eq!(judged(columns), Err("VERIFY_FAILED"), "{name}");
    }
    // Another shard, which begins as this one does.
    let mut x = c.x.clone();
    *x.last_mut().unwrap() ^= 1;
    let other = columns(&c, &x, &c.y).1;
    assert_eq!(judged([&honest[..n], &other[n..]].concat()), Err("VERIFY_FAILED"));
    // Secret rows are free: that is what a renewal is for.
    assert_eq!(judged(lie(&|new| new[0][rows] += Fr::one())), Ok(()));
}

/// One constraint for each column in each row that may hold values: none is missing.
#[test]
fn every_cell_is_compared() {
    let c = case();
    let (size, mut columns) = columns(&c, &c.x, &c.y);
    let failures = |columns: &[Vec<Fr>]| {
        let circuit = RenewalCircuit::new(size, Some(columns.to_vec()));
        let found = MockProver::run(size.k, &circuit, vec![vec![]]).unwrap().verify();
        found.map_or_else(|f| f.len(), |()| 0)
    };
    assert_eq!(failures(&columns), 0);
    columns[size.columns..].iter_mut().flatten().for_each(|v| *v += Fr::one());
    assert_eq!(failures(&columns), size.columns * size.rows());
}

/// What docs/protocol/renewal.md counts: each column is read once, where it is, and in no copy; the quotient has two pieces.
#[test]
fn a_renewal_opens_each_column_as_often_as_a_window_does() {
    let c = case();
    let (size, _) = columns(&c, &c.x, &c.y);
    let mut cs = ConstraintSystem::default();
    RenewalCircuit::configure_with_params(&mut cs, Some(size));
    assert_eq!(cs.advice_queries().len(), 2 * size.columns);
    assert!(cs.advice_queries().iter().all(|(_, at)| at.0 == 0));
    assert!(cs.permutation().get_columns().is_empty());
    assert!(cs.degree() <= 3 && cs.blinding_factors() + 1 < size.secret);
    assert_eq!(max_uses(size.secret), 21);
}
