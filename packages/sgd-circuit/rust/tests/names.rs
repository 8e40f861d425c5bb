//! Every constraint of a gate with several has a name of its own meaning: what a failure of the mock prover says.

use crate::common::{layer_local, spec, with_adapters, with_optimizer};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use halo2_axiom::poly::Rotation;
use pot_sgd::config::WindowConfig;
use pot_sgd::layout::Layout;
use pot_sgd::optimizer::Optimizer;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::spec::{Activation::*, Loss::*};

/// Gates whose constraints lack a name, as "gate, place".
fn unnamed(cs: &ConstraintSystem<Fr>) -> Vec<String> {
    let many = cs.gates().iter().filter(|gate| gate.polynomials().len() > 1);
    many.flat_map(|gate| {
        let nameless = (0..gate.polynomials().len()).filter(|i| gate.constraint_name(*i).is_empty());
        nameless.map(|i| format!("{}, {i}", gate.name())).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn one_that_is_missing_is_found() {
    let mut cs = ConstraintSystem::<Fr>::default();
    let column = cs.advice_column();
    cs.create_gate("two", |v| {
        let cell = v.query_advice(column, Rotation::cur());
        vec![("named", cell.clone()), ("", cell)]
    });
    assert_eq!(unnamed(&cs), ["two, 1"]);
}

#[test]
fn of_every_kind_of_window() {
    let dense = spec(&[4, 3, 2], &[Relu], SoftmaxCrossEntropy, 2, 2);
    let adapters = with_adapters(dense.clone(), &[Some((1, 1)), Some((2, 1))]);
    let kinds = [
        dense,
        spec(&[4, 3, 2], &[Linear], MeanSquaredError, 2, 1),
        with_optimizer(adapters.clone(), Optimizer::Momentum { momentum: 3686, decay: 168 }),
        with_optimizer(adapters.clone(), Optimizer::Adam { beta1: 3686, beta2: 4092, epsilon: 1, decay: 5 }),
        adapters,
        layer_local(4, 3, 1, 1, 2, 1),
    ];
    for spec in kinds {
        let (spec, _) = plan(&spec, Constraints::default()).unwrap();
        let mut cs = ConstraintSystem::default();
        let layout = Layout::new(&spec).unwrap();
        WindowConfig::new(&mut cs, &spec, &layout).gates(&mut cs, &spec, &layout);
        assert!(cs.gates().len() > 5);
        assert_eq!(unnamed(&cs), Vec::<String>::new());
    }
}
