//! What JavaScript calls: each call answers for the specification that it names.

use crate::common::spec;
use pot_proof_system::srs;
use pot_sgd::api::Prover;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::spec::{Activation::*, Loss::*};

#[test]
fn calls_that_alternate_between_specifications_answer_each_for_its_own() {
    let specs = [spec(&[3, 2], &[], MeanSquaredError, 2, 1), spec(&[4, 3, 2], &[Relu], MeanSquaredError, 2, 1)]
        .map(|spec| plan(&spec, Constraints::default()).unwrap().0);
    let k = specs.iter().map(|s| s.shape.unwrap().k).max().unwrap();
    let srs = srs::to_bytes(&srs::development(k).unwrap());
    let alone = specs.clone().map(|s| Prover::new(&srs).unwrap().key_id(&s.to_json()).unwrap());
    assert_ne!(alone[0], alone[1]);
    let mut prover = Prover::new(&srs).unwrap();
    for i in [0, 0, 1, 1, 0, 1] {
        assert_eq!(prover.key_id(&specs[i].to_json()).unwrap(), alone[i]);
        // One that is refused leaves no trace.
        assert_eq!(prover.key_id("{}").unwrap_err().code, "SPEC_INVALID");
    }
}
