//! circomlib's Poseidon on the chip's permutation rows: the functions of `pot_proof_system::poseidon` and `pot_proof_system::digest`.

use halo2_axiom::halo2curves::bn256::Fr;
use pot_chip::{Builder, Cell, Point};
use pot_proof_system::digest::{layout_elements, ELEMENT_BYTES};
use pot_proof_system::poseidon;

/// Bits of x in the last byte of its compressed form.
const HIGH_BITS: u64 = 6;

/// `pot_proof_system::poseidon::hash2`.
pub fn hash2(b: &mut Builder, left: Cell, right: Cell) -> Cell {
    let zero = b.constant(Fr::zero());
    b.permute([zero, left, right])[0]
}

/// `pot_proof_system::poseidon::merkle_leaf`.
pub fn merkle_leaf(b: &mut Builder, leaf: Cell) -> Cell {
    let tag = b.constant(Fr::from(poseidon::LEAF_DOMAIN));
    hash2(b, tag, leaf)
}

/// `pot_proof_system::poseidon::hash_chain`; the length is the circuit's.
pub fn hash_chain(b: &mut Builder, domain: u64, inputs: &[Cell]) -> Cell {
    hash_chain_after(b, domain, &[], inputs)
}

/// The same over constants and then cells: the constants' part of the chain is one constant.
fn hash_chain_after(b: &mut Builder, domain: u64, constants: &[Fr], inputs: &[Cell]) -> Cell {
    let start = poseidon::hash2(Fr::from(domain), Fr::from((constants.len() + inputs.len()) as u64));
    let start = b.constant(constants.iter().fold(start, |h, x| poseidon::hash2(h, *x)));
    inputs.iter().fold(start, |h, x| hash2(b, h, *x))
}

/// `pot_proof_system::digest::column_group` of strict points.
pub fn column_group(b: &mut Builder, domain: u64, layout: &[u64], points: &[Point]) -> Cell {
    let (mut elements, mut last) = (vec![], vec![]);
    for point in points {
        let (low, high, sign) = b.compressed(point);
        elements.push(low);
        // y's sign in halo2's compressed form is its lowest bit.
        last.push(b.linear(&[(Fr::from(1 << HIGH_BITS), sign), (Fr::one(), high)], Fr::zero()));
    }
    for bytes in last.chunks(ELEMENT_BYTES) {
        let mut weight = Fr::one();
        let terms: Vec<(Fr, Cell)> = bytes
            .iter()
            .map(|byte| {
                let term = (weight, *byte);
                weight *= Fr::from(256);
                term
            })
            .collect();
        elements.push(b.linear(&terms, Fr::zero()));
    }
    hash_chain_after(b, domain, &layout_elements(layout), &elements)
}
