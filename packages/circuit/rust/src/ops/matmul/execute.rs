//! Products of matrices: in 64 bits where a bound shows that they cannot overflow.

use super::super::operator::{overflow, Call};
use super::Matmul;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl Matmul {
    pub(super) fn products<N: Number>(&self, call: &Call<N>) -> Result<Vec<N>, PotError> {
        let s = self.sizes(call.facts[0], call.facts[1]).expect("checked when the graph was made");
        // Rows of A, and columns of B: each a run of k.
        let a = rows(call.inputs[0], s.n, s.k, self.transpose_a);
        let b = rows(call.inputs[1], s.m, s.k, !self.transpose_b);
        let narrow = N::narrow(&a).zip(N::narrow(&b)).filter(|(a, b)| fits(a, b, s.k));
        let mut out = Vec::with_capacity(call.out.len());
        for i in 0..call.out.len() / (s.n * s.m) {
            let (at, bt) = (i % s.batch[0] * s.n * s.k, i % s.batch[1] * s.m * s.k);
            match &narrow {
                Some((a, b)) => pairs(&a[at..][..s.n * s.k], &b[bt..][..s.m * s.k], s.k, |x, y| {
                    out.push(N::of(x.iter().zip(y).map(|(x, y)| x * y).sum::<i64>().into()));
                    Some(())
                }),
                None => pairs(&a[at..][..s.n * s.k], &b[bt..][..s.m * s.k], s.k, |x, y| {
                    out.push(x.iter().zip(y).try_fold(N::default(), |sum, (x, y)| sum.plus(x.times(*y)?))?);
                    Some(())
                }),
            }
            .ok_or_else(overflow)?;
        }
        Ok(out)
    }
}

/// Whether every partial sum of k products surely fits 64 bits.
fn fits(a: &[i64], b: &[i64], k: usize) -> bool {
    let most = |v: &[i64]| v.iter().map(|x| u128::from(x.unsigned_abs())).max().unwrap_or(0);
    (most(a) * most(b)).checked_mul(k as u128).is_some_and(|v| v < 1 << 63)
}

/// Matrices `count x k` one behind the other, stored so or, where `transposed`, as `k x count`.
fn rows<N: Number>(values: &[N], count: usize, k: usize, transposed: bool) -> Vec<N> {
    if !transposed {
        return values.to_vec();
    }
    let each = values.chunks(count * k);
    each.flat_map(|m| (0..count).flat_map(move |i| (0..k).map(move |j| m[j * count + i]))).collect()
}

/// Calls `f` with every row of `a` and every one of `b`.
fn pairs<T>(a: &[T], b: &[T], k: usize, mut f: impl FnMut(&[T], &[T]) -> Option<()>) -> Option<()> {
    a.chunks(k).try_for_each(|x| b.chunks(k).try_for_each(|y| f(x, y)))
}
