//! Phase three: the running sum of both look-ups.

use crate::block::{MULTIPLICITY_ROW, M_ROW};
use crate::builder::Builder;
use crate::cell::POINT_LIMBS;
use crate::config::LOOKUPS;
use crate::layout::Layout;
use crate::limbs::CHUNK_BITS;
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;

/// What the look-ups read of phase two.
#[derive(Clone, Debug)]
pub struct LookedUp {
    pub t: Vec<Fr>,
    /// A column for each part of the range table.
    pub m: Vec<Vec<Fr>>,
    pub chunks: Vec<[u32; LOOKUPS]>,
}

/// `inverse`, then the sums.
pub fn running_sums(b: &Builder, lay: &Layout, looked_up: &LookedUp, rows: usize, gamma: Fr, beta: Fr) -> Vec<Vec<Fr>> {
    let mut inverses: Vec<Fr> = (0..1u64 << CHUNK_BITS).map(|v| gamma + Fr::from(v)).collect();
    inverses.iter_mut().batch_invert();
    let tables = looked_up.m.len();
    let mut out = vec![vec![Fr::ZERO; rows]; 1 + tables + LOOKUPS];
    let (inverse, sums) = out.split_at_mut(1);
    let inverse = &mut inverse[0];

    let mut places = vec![];
    let (mut tuples, mut numerators) = (vec![], vec![]);
    for (i, block) in b.blocks.iter().enumerate() {
        let flags = block.kind.flags();
        if flags.slope || flags.load {
            let first = lay.start + i * crate::block::HEIGHT as usize;
            let t = &looked_up.t[first..];
            let terms = t[..POINT_LIMBS].iter().chain([&Fr::ONE]).rev();
            let limbs = terms.fold(Fr::ZERO, |acc, v| acc * beta + v);
            let head = (limbs * beta + t[M_ROW as usize]) * beta + Fr::from(u64::from(block.key));
            tuples.push(gamma + head * beta);
            let listed = if flags.load { t[MULTIPLICITY_ROW as usize] } else { Fr::ZERO };
            numerators.push(Fr::from(u64::from(flags.slope)) - listed);
            places.push(lay.origin(i));
        }
    }
    tuples.iter_mut().batch_invert();
    for ((row, t), n) in places.into_iter().zip(tuples).zip(numerators) {
        inverse[row] = t * n;
    }

    let mut sum = Fr::ZERO;
    for (row, chunks) in looked_up.chunks.iter().enumerate().skip(1) {
        let value = if row <= lay.table_rows() { row - 1 } else { 0 };
        sum += inverse[row];
        for (i, m) in looked_up.m.iter().enumerate() {
            if !m[row].is_zero_vartime() {
                sum -= m[row] * inverses[i * lay.table_rows() + value];
            }
            sums[i][row] = sum;
        }
        for (column, chunk) in sums[tables..].iter_mut().zip(chunks) {
            sum += inverses[*chunk as usize];
            column[row] = sum;
        }
    }
    out
}
