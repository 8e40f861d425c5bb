//! What the attacks that write any cell share: the look-up sums that follow from them, and the mock prover's verdict.

use ff::Field;
use halo2_axiom::dev::{MockProver, VerifyFailure};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column};
use pot_sgd::circuit::{Tamper, WindowCircuit};
use pot_sgd::config::WindowConfig;
use std::collections::HashMap;

/// What the mock prover says: holds, refused by copies in S alone, refused by a gate too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    Equations,
    Gates,
}

/// Fills in multiplicities of the table of `bits` bits and the running sums, from all looked-up cells up to row `end`.
pub fn look_ups(cells: &mut [Vec<Fr>], cf: &WindowConfig, end: usize, bits: u32, beta: Fr) {
    let set = |cells: &mut [Vec<Fr>], c: Column<Advice>, row: usize, v: Fr| cells[c.index()][row] = v;
    let table = 1usize << bits;
    let index: HashMap<[u8; 32], usize> = (0..table).map(|v| (Fr::from(v as u64).to_bytes(), v)).collect();
    let inverse: Vec<Fr> = (0..table).map(|v| (beta + Fr::from(v as u64)).invert().unwrap()).collect();
    let looked: Vec<Vec<Fr>> = cf.looked_up().iter().map(|c| cells[c.index()].clone()).collect();
    let mut mult = vec![0u64; table];
    for v in looked.iter().flat_map(|col| &col[1..=end]) {
        if let Some(i) = index.get(&v.to_bytes()) {
            mult[*i] += 1;
        }
    }
    (0..table).for_each(|v| set(cells, cf.mult, 1 + v, Fr::from(mult[v])));
    let mut sum = Fr::ZERO;
    for row in 1..=end {
        if row <= table {
            sum -= inverse[row - 1] * Fr::from(mult[row - 1]);
        }
        if let Some([used, listed]) = cf.pair_inv {
            sum += cells[used.index()][row] - cells[listed.index()][row];
        }
        set(cells, cf.sums[0], row, sum);
        for (i, col) in looked.iter().enumerate() {
            sum += index.get(&col[row].to_bytes()).map_or_else(|| (beta + col[row]).invert().unwrap(), |v| inverse[*v]);
            set(cells, cf.sums[i + 1], row, sum);
        }
    }
}

/// The verdict on a circuit whose cells are changed from `honest` to `cells`.
pub fn verdict(mut circuit: WindowCircuit, k: u32, instance: Vec<Fr>, cells: &[Vec<Fr>], honest: &[Vec<Fr>]) -> Verdict {
    for (column, (now, was)) in cells.iter().zip(honest).enumerate() {
        for (row, (now, was)) in now.iter().zip(was).enumerate().filter(|(_, (a, b))| a != b) {
            circuit.tamper.push(Tamper { column, row, add: now - was });
        }
    }
    let prover = MockProver::run(k, &circuit, vec![instance]).unwrap();
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| prover.verify())) {
        Ok(Ok(())) => Verdict::Accepted,
        Ok(Err(f)) if f.iter().all(|f| matches!(f, VerifyFailure::Permutation { .. })) => Verdict::Equations,
        _ => Verdict::Gates,
    }
}
