//! Sums of multiples under the mock prover.

use ff::Field;
use group::Curve;
use halo2_axiom::dev::MockProver;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use pot_chip::{Builder, ChipCircuit};
use std::sync::Arc;

fn check(builder: Builder) {
    assert_eq!(builder.refusal(), None);
    let instance = builder.instance();
    let circuit = ChipCircuit::new(Arc::new(builder), 18).unwrap();
    circuit.columns().unwrap();
    let start = std::time::Instant::now();
    let mock = MockProver::run(18, &circuit, vec![instance]).unwrap();
    println!("run {:?}", start.elapsed());
    if let Err(failures) = mock.verify_par() {
        failures.iter().take(5).for_each(|f| println!("{f}"));
        panic!("{} failures", failures.len());
    }
    println!("verified {:?}", start.elapsed());
}

#[test]
fn a_sum_of_three() {
    let mut b = Builder::default();
    let points: Vec<G1Affine> = (1..4).map(|i| (G1::from(G1Affine::generator()) * Fr::from(i * i + 7)).to_affine()).collect();
    let scalars = [Fr::from(5), -Fr::ONE, Fr::from(3).pow_vartime([1000])];
    let expected: G1 = points.iter().zip(&scalars).map(|(p, k)| *p * *k).sum();
    let mut terms = vec![];
    for (i, (p, k)) in points.iter().zip(scalars).enumerate() {
        let k = b.witness(k);
        let p = if i == 1 { b.constant_point(*p) } else { b.point(*p) };
        terms.push((k, p));
    }
    let sum = b.msm(&terms);
    assert_eq!(sum.value, expected.to_affine());
    let state = b.permute([sum.x, sum.y, terms[0].0]);
    b.expose(&state);
    check(b);
}
