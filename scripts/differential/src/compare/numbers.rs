//! What both crates compute of the same polynomials, points and scalars.

use super::caught;
use super::difference::Difference;
use crate::{with_patched, with_stock};
use std::ops::Range;

/// Rotations by little and by much, forwards and backwards, up to the largest that the patched crate takes.
pub const ROTATIONS: [i32; 10] = [0, 1, -1, 2, 7, -13, 64, -1000, i32::MAX, i32::MIN + 1];

/// Domains of 2 to 2^13 rows.
const SIZES: Range<u32> = 1..14;
/// From this size on one seed is enough, and the naive product takes long.
const LARGE_K: u32 = 10;
const SMALL_SEEDS: u64 = 4;
const LARGE_SEEDS: u64 = 1;
/// Seeds of different sizes are apart, so that no size repeats another's numbers and degrees.
const SEEDS_APART: u64 = 100;

/// How multi-scalar products are made.
#[derive(Clone, Copy)]
pub enum Multiexp {
    /// Point by point, as the stock curve adds and multiplies: what the patched library is compared with.
    Naive,
    Library,
}

/// A result of either crate.
pub struct Number {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Compares all sizes, a line for each, and returns how many results differ.
pub fn compare_numbers() -> usize {
    let (mut compared, mut differing) = (0, 0);
    for k in SIZES {
        let (count, differences) = caught(|| compare_size(k)).unwrap_or_else(|panic| (0, vec![panic]));
        let same = if differences.is_empty() { "same" } else { "DIFFERENT" };
        println!("2^{k} rows: {same}; {count} numbers");
        for difference in &differences {
            println!("  {difference}");
        }
        compared += count;
        differing += differences.len();
    }
    println!("numbers: {compared} compared, {differing} differ");
    differing
}

fn compare_size(k: u32) -> (usize, Vec<Difference>) {
    let mut differences = vec![];
    let mut compared = 0;
    let seeds = if k < LARGE_K { SMALL_SEEDS } else { LARGE_SEEDS };
    for seed in (0..seeds).map(|seed| seed + SEEDS_APART * u64::from(k)) {
        let stock = with_stock::side::numbers(k, seed, Multiexp::Naive);
        let patched = with_patched::side::numbers(k, seed, Multiexp::Library);
        compared += stock.len();
        if stock.len() != patched.len() {
            differences.push(Difference::NumberCount { k, seed, stock: stock.len(), patched: patched.len() });
        }
        let differing = stock.into_iter().zip(patched).filter(|(stock, patched)| stock.bytes != patched.bytes);
        differences.extend(differing.map(|(stock, _)| Difference::Number { k, seed, name: stock.name }));
    }
    compared += 1;
    if !with_patched::linear::barycentric_agrees(k) {
        differences.push(Difference::Barycentric { k });
    }
    (compared, differences)
}
