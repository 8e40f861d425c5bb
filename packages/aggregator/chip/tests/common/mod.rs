//! A finished builder under the mock prover.

use group::Curve;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use pot_chip::{Builder, ChipCircuit};
use pot_mock::MockProver;
use std::sync::Arc;

/// The point k G.
pub fn point(k: u64) -> G1Affine {
    (G1Affine::generator() * Fr::from(k)).to_affine()
}

/// Asserts that every constraint holds, and that the builder refuses nothing.
pub fn accept(builder: Builder) {
    assert_eq!(builder.refusal(), None);
    let instance = builder.instance();
    let k = builder.min_k();
    let circuit = ChipCircuit::new(Arc::new(builder), k).unwrap();
    let mock = MockProver::run(k, &circuit, vec![instance]).unwrap();
    if let Err(failures) = mock.verify_par() {
        failures.iter().take(5).for_each(|f| println!("{f}"));
        panic!("{} failures", failures.len());
    }
}
