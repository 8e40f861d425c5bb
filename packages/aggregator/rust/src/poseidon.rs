//! circomlib's Poseidon as constraints: the numbers of `pot_halo2::poseidon`.

use crate::Cell;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_base::gates::{GateChip, GateInstructions};
use halo2_base::{Context, QuantumCell::Constant};
use pot_halo2::poseidon::{self, parameters};

/// Full rounds before the partial ones, and after them.
const HALF: usize = 4;

/// `pot_halo2::poseidon::hash2`, in about 3,700 cells.
pub fn hash2(ctx: &mut Context<Fr>, gate: &GateChip<Fr>, a: Cell, b: Cell) -> Cell {
    let (rounds, matrix) = parameters();
    let mut state = [ctx.load_zero(), a, b];
    for (round, constants) in rounds.iter().enumerate() {
        let full = !(HALF..rounds.len() - HALF).contains(&round);
        for i in 0..3 {
            state[i] = gate.add(ctx, state[i], Constant(constants[i]));
            if full || i == 0 {
                let square = gate.mul(ctx, state[i], state[i]);
                let fourth = gate.mul(ctx, square, square);
                state[i] = gate.mul(ctx, fourth, state[i]);
            }
        }
        state = matrix.map(|row| gate.inner_product(ctx, state, row.map(Constant)));
    }
    state[0]
}

/// `pot_halo2::poseidon::hash_chain`; the length is the circuit's.
pub fn hash_chain(ctx: &mut Context<Fr>, gate: &GateChip<Fr>, domain: u64, inputs: &[Cell]) -> Cell {
    let start = ctx.load_constant(poseidon::hash2(Fr::from(domain), Fr::from(inputs.len() as u64)));
    inputs.iter().fold(start, |h, x| hash2(ctx, gate, h, *x))
}
