//! What `Held` says of changed cells is what a mock prover says that was set up with them and looks at every constraint.

use crate::common::held::{Held, Verdict};
use crate::common::{layer_local, mock_prover, spec, with_optimizer, Case, ETA};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_sgd::circuit::Tamper;
use pot_sgd::layout::Layout;
use pot_sgd::optimizer::Optimizer;
use pot_sgd::scalars::{program, Exports};
use pot_sgd::spec::{Activation::*, Loss::*};
use pot_sgd::witness::Witness;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn cases() -> [Case; 2] {
    let adam = Optimizer::Adam { beta1: 57, beta2: 62, epsilon: 7, decay: 9 };
    [Case::random(spec(&[3, 2, 2], &[Relu], SoftmaxCrossEntropy, 2, 2), 1), Case::random(with_optimizer(layer_local(3, 2, 1, 2, 1, 2), adam), 2)]
}

/// By a prover of its own.
fn anew(w: Witness, changes: &[Tamper]) -> Verdict {
    let prover = mock_prover(w, ETA, changes).unwrap();
    Verdict::of(|| prover.verify())
}

#[test]
fn a_changed_cell_is_judged_as_by_a_prover_of_its_own() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut seen = [0; 3];
    for c in cases() {
        let mut held = Held::new(c.witness(), ETA);
        let (columns, rows) = held.size();
        let p = program(&c.spec, &Layout::new(&c.spec).unwrap(), &Exports::zero(&c.spec, &|_, _| Fr::ZERO)).unwrap();
        for i in 0..120 {
            let mut pick = |n: usize| (rng.next_u64() % n as u64) as usize;
            let mut cells: Vec<(usize, usize)> = (0..=i % 3).map(|_| (pick(columns), pick(rows))).collect();
            if i % 4 == 0 {
                // Both ends of an equation `a + b c = d` of column S, the last: its gate holds, their copies do not.
                let row = p.mul_adds[pick(p.mul_adds.len())];
                cells = vec![(columns - 1, row), (columns - 1, row + 3)];
            }
            cells.sort_unstable();
            cells.dedup();
            let changes: Vec<Tamper> = cells.into_iter().map(|(column, row)| Tamper { column, row, add: Fr::ONE }).collect();
            let verdict = held.changed(&changes);
            assert_eq!(verdict, anew(c.witness(), &changes), "{changes:?}");
            seen[verdict as usize] += 1;
        }
        assert_eq!(held.whole(), Verdict::Accepted, "the cells are put back");
    }
    assert!(seen.iter().all(|n| *n > 5), "accepted, refused by copies, by gates: {seen:?}");
}

#[test]
fn another_witness_is_judged_as_by_a_prover_of_its_own() {
    for c in cases() {
        let mut held = Held::new(c.witness(), ETA);
        let changes: [fn(&mut Witness); 4] = [|_| {}, |w| w.wk[0] += 1, |w| w.w0[1] -= 1, |w| w.wk = w.w0.clone()];
        for (i, change) in changes.into_iter().enumerate() {
            let mut w = c.witness();
            change(&mut w);
            let verdict = held.witness(&w);
            assert_eq!(verdict == Verdict::Accepted, i == 0, "change {i}");
            assert_eq!(verdict, anew(w, &[]), "change {i}");
        }
        assert_eq!(held.whole(), Verdict::Accepted, "the cells are put back");
    }
}

#[test]
#[should_panic(expected = "the honest window holds")]
fn a_window_that_does_not_hold_is_not_held() {
    let mut w = cases()[0].witness();
    w.wk[0] += 1;
    Held::new(w, ETA);
}
