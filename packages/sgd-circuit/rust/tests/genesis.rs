//! The genesis circuit: honest weights pass, every kind of changed cell and every weight out of range is refused.

use crate::common::{layer_local, spec, with_optimizer, Case};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_mock::MockProver;
use pot_sgd::circuit::Params;
use pot_sgd::genesis::{GenesisCircuit, GenesisWitness};
use pot_sgd::layout::Layout;
use pot_sgd::optimizer::Optimizer;
use pot_sgd::spec::{genesis_limbs, Activation::*, Kind, Loss::*, SgdSpec};
use std::sync::Arc;

fn case() -> (SgdSpec, Layout, Vec<i64>) {
    let c = Case::random(spec(&[5, 4, 3], &[Relu], SoftmaxCrossEntropy, 2, 1), 31);
    let mut spec = c.spec;
    spec.kind = Kind::Genesis;
    let lay = Layout::new(&spec).unwrap();
    (spec, lay, c.w0)
}

fn holds(spec: &SgdSpec, lay: &Layout, w: GenesisWitness) -> bool {
    let params = Params(Some(Arc::new((spec.clone(), lay.clone()))));
    let circuit = GenesisCircuit::new(params, Some(Arc::new(w)));
    MockProver::run(lay.shape.k, &circuit, vec![vec![Fr::from(0); 2]]).unwrap().verify().is_ok()
}

#[test]
fn honest_weights_pass_and_changed_limbs_do_not() {
    let (spec, lay, w0) = case();
    assert!(holds(&spec, &lay, GenesisWitness::new(&spec, &lay, w0.clone(), vec![], Default::default()).unwrap()));
    for col in 0..genesis_limbs(&spec, spec.scales.w()) * lay.shape.weight_columns {
        for m in &lay.matrices {
            // One more than the limb says, and a limb beyond the table.
            for add in [1, 1 << spec.scales.b] {
                let mut w = GenesisWitness::new(&spec, &lay, w0.clone(), vec![], Default::default()).unwrap();
                w.tamper(col, m.row0, add);
                assert!(!holds(&spec, &lay, w), "column {col}, row {}, +{add}", m.row0);
            }
        }
    }
}

#[test]
fn other_weights_than_the_limbs_say_are_refused() {
    let (spec, lay, w0) = case();
    for at in [0, w0.len() - 1] {
        let mut w = GenesisWitness::new(&spec, &lay, w0.clone(), vec![], Default::default()).unwrap();
        w.w0[at] += 1;
        assert!(!holds(&spec, &lay, w));
    }
}

#[test]
fn weights_out_of_range_are_refused_before_proving() {
    let (spec, lay, w0) = case();
    let half = 1i64 << (genesis_limbs(&spec, spec.scales.w()) as u32 * spec.scales.b - 1);
    for (v, ok) in [(half - 1, true), (-half, true), (half, false), (-half - 1, false)] {
        let mut w = w0.clone();
        w[3] = v;
        match GenesisWitness::new(&spec, &lay, w, vec![], Default::default()) {
            Ok(w) => assert!(ok && holds(&spec, &lay, w)),
            Err(e) => assert!(!ok && e.code == "WEIGHT_RANGE"),
        }
    }
}

#[test]
fn a_state_that_is_not_zero_is_refused() {
    for (o, states) in [(Optimizer::Momentum { momentum: 57, decay: 0 }, 1), (Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 0 }, 2)] {
        let mut s = Case::random(with_optimizer(layer_local(4, 3, 2, 4, 2, 1), o), 32).spec;
        s.kind = Kind::Genesis;
        let lay = Layout::new(&s).unwrap();
        let n = s.weights();
        let first: Vec<i64> = (0..n as i64).chain(vec![0; states * n]).collect();
        assert!(holds(&s, &lay, GenesisWitness::new(&s, &lay, first.clone(), vec![], Default::default()).unwrap()));
        for at in (n..first.len()).step_by(n - 1).chain([first.len() - 1]) {
            let mut w = GenesisWitness::new(&s, &lay, first.clone(), vec![], Default::default()).unwrap();
            w.w0[at] = 1;
            assert!(!holds(&s, &lay, w), "state {at}");
        }
    }
}
