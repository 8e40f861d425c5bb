//! circomlib's Poseidon on the chip's permutation rows: the functions of `pot_halo2::poseidon` and `pot_halo2::digest`.

use halo2_axiom::halo2curves::bn256::Fr;
use pot_chip::{Builder, Cell, Point};
use pot_halo2::digest::{layout_elements, ELEMENT_BYTES};
use pot_halo2::poseidon;

/// Bits of x in the last byte of its compressed form.
const HIGH_BITS: u64 = 6;

/// `pot_halo2::poseidon::hash2`.
pub fn hash2(b: &mut Builder, left: Cell, right: Cell) -> Cell {
    let zero = b.constant(Fr::zero());
    b.permute([zero, left, right])[0]
}

/// `pot_halo2::poseidon::hash_chain`; the length is the circuit's.
pub fn hash_chain(b: &mut Builder, domain: u64, inputs: &[Cell]) -> Cell {
    let start = b.constant(poseidon::hash2(Fr::from(domain), Fr::from(inputs.len() as u64)));
    inputs.iter().fold(start, |h, x| hash2(b, h, *x))
}

/// `pot_halo2::digest::column_group` of strict points.
pub fn column_group(b: &mut Builder, domain: u64, layout: &[u64], points: &[Point]) -> Cell {
    let mut elements: Vec<Cell> = layout_elements(layout).into_iter().map(|v| b.constant(v)).collect();
    let mut last = vec![];
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
    hash_chain(b, domain, &elements)
}
