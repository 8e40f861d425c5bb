//! Phase three: the running sum of both look-ups.

use crate::block::{t_cell, M, MULTIPLICITY};
use crate::builder::Builder;
use crate::cell::POINT_LIMBS;
use crate::config::{LOOKUPS, SUMS, TABLES};
use crate::layout::{Layout, SUM_ROW, TABLE_ROWS};
use crate::limbs::CHUNK_BITS;
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;

/// What the look-ups read of phase two.
#[derive(Clone, Debug)]
pub struct LookedUp {
    pub t: [Vec<Fr>; 2],
    /// A column for each part of the range table.
    pub m: [Vec<Fr>; TABLES],
    pub chunks: Vec<[u32; LOOKUPS]>,
}

/// What the blocks add, by the rows of their origins: addends, and entries as often as they are read.
fn addends(b: &Builder, lay: &Layout, t: &[Vec<Fr>; 2], gamma: Fr, beta: Fr) -> Vec<(usize, Fr)> {
    let (mut rows, mut tuples, mut numerators) = (vec![], vec![], vec![]);
    for (i, block) in b.blocks.iter().enumerate() {
        let flags = block.kind.flags();
        if flags.slope || flags.load {
            let cell = |cell: usize| {
                let (column, row) = t_cell(cell);
                t[column][lay.block(i) + row as usize]
            };
            let limbs = (0..POINT_LIMBS).rev().fold(Fr::ONE, |acc, j| acc * beta + cell(j));
            let head = (limbs * beta + cell(M)) * beta + Fr::from(u64::from(block.key));
            tuples.push(gamma + head * beta);
            let listed = if flags.load { cell(MULTIPLICITY) } else { Fr::ZERO };
            numerators.push(Fr::from(u64::from(flags.slope)) - listed);
            rows.push(lay.origin(i));
        }
    }
    tuples.iter_mut().batch_invert();
    rows.into_iter().zip(tuples.into_iter().zip(numerators).map(|(t, n)| t * n)).collect()
}

/// The columns of the running sum.
pub fn running_sums(b: &Builder, lay: &Layout, looked_up: &LookedUp, rows: usize, gamma: Fr, beta: Fr) -> Vec<Vec<Fr>> {
    let mut inverses: Vec<Fr> = (0..1u64 << CHUNK_BITS).map(|v| gamma + Fr::from(v)).collect();
    inverses.iter_mut().batch_invert();
    let mut out = vec![vec![Fr::ZERO; rows]; SUMS];
    let mut addends = addends(b, lay, &looked_up.t, gamma, beta).into_iter().peekable();

    let mut sum = Fr::ZERO;
    for (row, chunks) in looked_up.chunks.iter().enumerate().skip(SUM_ROW) {
        let value = if row < SUM_ROW + TABLE_ROWS { row - SUM_ROW } else { 0 };
        let part = |i: usize| match looked_up.m[i][row] {
            m if m.is_zero_vartime() => Fr::ZERO,
            m => -m * inverses[i * TABLE_ROWS + value],
        };
        let addend = addends.next_if(|(at, _)| *at == row).map_or(Fr::ZERO, |(_, v)| v);
        // The order of the gate's terms: a part of the table, the addend, the other parts, the chunks.
        let terms = [part(0), addend].into_iter().chain((1..TABLES).map(part)).chain(chunks.iter().map(|c| inverses[*c as usize]));
        for (i, term) in terms.enumerate() {
            sum += term;
            if i % 2 == 1 {
                out[i / 2][row] = sum;
            }
        }
    }
    out
}
