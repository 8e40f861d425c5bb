//! Products of matrices: in 64 bits where a bound shows that they cannot overflow.

use super::super::operator::{overflow, Call};
use super::{Matmul, Sizes};
use crate::number::Number;
use pot_proof_system::error::PotError;
use std::borrow::Cow;

impl Matmul {
    pub(super) fn products<N: Number>(&self, call: &Call<N>) -> Result<Vec<N>, PotError> {
        let (a, b) = (call.inputs[0], call.inputs[1]);
        let s = self.sizes(call.facts[0], call.facts[1]).expect("checked when the graph was made");
        match N::narrow(a).zip(N::narrow(b)).filter(|(a, b)| fits(a, b, s.k)) {
            Some((a, b)) => self.dots(&s, &a, &b, |x, y| Some(N::of(x.iter().zip(y).map(|(x, y)| x * y).sum::<i64>().into()))),
            None => self.dots(&s, a, b, |x, y| x.iter().zip(y).try_fold(N::default(), |sum, (x, y)| sum.plus(x.times(*y)?))),
        }
        .ok_or_else(overflow)
    }

    /// `dot` of every row of A with every column of B.
    fn dots<T: Copy, N>(&self, s: &Sizes, a: &[T], b: &[T], dot: impl Fn(&[T], &[T]) -> Option<N>) -> Option<Vec<N>> {
        let (a, b) = (rows(a, s.n, s.k, self.transpose_a), rows(b, s.m, s.k, !self.transpose_b));
        let batch = s.batch[0].max(s.batch[1]);
        let mut out = Vec::with_capacity(batch * s.n * s.m);
        for i in 0..batch {
            let (a, b) = (&a[i % s.batch[0] * s.n * s.k..][..s.n * s.k], &b[i % s.batch[1] * s.m * s.k..][..s.m * s.k]);
            for x in a.chunks(s.k) {
                for y in b.chunks(s.k) {
                    out.push(dot(x, y)?);
                }
            }
        }
        Some(out)
    }
}

/// Whether every partial sum of k products surely fits 64 bits.
fn fits(a: &[i64], b: &[i64], k: usize) -> bool {
    let most = |v: &[i64]| v.iter().map(|x| u128::from(x.unsigned_abs())).max().unwrap_or(0);
    (most(a) * most(b)).checked_mul(k as u128).is_some_and(|v| v < 1 << 63)
}

/// Matrices `count x k` one behind the other, stored so or, where `transposed`, as `k x count`.
fn rows<T: Copy>(values: &[T], count: usize, k: usize, transposed: bool) -> Cow<'_, [T]> {
    if !transposed {
        return values.into();
    }
    let mut out = Vec::with_capacity(values.len());
    for m in values.chunks(count * k) {
        (0..count).for_each(|i| out.extend((0..k).map(|j| m[j * count + i])));
    }
    out.into()
}
