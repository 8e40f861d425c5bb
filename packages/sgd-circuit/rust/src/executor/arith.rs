//! Matrix products on integers, in 64 bits where a bound shows that they cannot overflow, else in 128.

/// An accumulator.
pub trait Wide: Copy + Default {
    fn add_product(&mut self, a: i64, b: i64);
    fn add_shifted(&mut self, a: i64, bits: u32);
    fn get(self) -> i128;
}

impl Wide for i64 {
    #[inline(always)]
    fn add_product(&mut self, a: i64, b: i64) {
        *self += a * b;
    }
    fn add_shifted(&mut self, a: i64, bits: u32) {
        *self += a << bits;
    }
    fn get(self) -> i128 {
        i128::from(self)
    }
}

impl Wide for i128 {
    #[inline(always)]
    fn add_product(&mut self, a: i64, b: i64) {
        *self += i128::from(a) * i128::from(b);
    }
    fn add_shifted(&mut self, a: i64, bits: u32) {
        *self += i128::from(a) << bits;
    }
    fn get(self) -> i128 {
        self
    }
}

/// Largest absolute value.
pub fn max_abs(v: &[i64]) -> u64 {
    v.iter().map(|x| x.unsigned_abs()).max().unwrap_or(0)
}

/// Largest sum of absolute values of a row of `width` entries.
pub fn max_row_sum(v: &[i64], width: usize) -> u128 {
    v.chunks(width).map(|row| row.iter().map(|x| u128::from(x.unsigned_abs())).sum()).max().unwrap_or(0)
}

/// Whether every partial sum of products surely fits an i64: `a` bounds one factor, `sum` the other's absolute values
/// together, `extra` what is added to them.
pub fn fits(a: u64, sum: u128, extra: u128) -> bool {
    u128::from(a).checked_mul(sum).and_then(|v| v.checked_add(extra)).is_some_and(|v| v < 1 << 63)
}

/// Indices and values of the entries that are not zero.
pub fn sparse(row: &[i64]) -> Vec<(usize, i64)> {
    row.iter().enumerate().filter(|(_, v)| **v != 0).map(|(j, v)| (j, *v)).collect()
}

/// `out[i] = sum_j w[i][j] x[j] + 2^shift bias[i]`; `x` sparse, or dense where most of it is not zero.
pub fn forward<A: Wide>(w: &[i64], bias: Option<&[i64]>, shift: u32, x: &[i64], nonzero: &[(usize, i64)], outputs: usize, out: &mut Vec<i128>) {
    let n = x.len();
    let dense = nonzero.len() * 3 > n * 2;
    for i in 0..outputs {
        let row = &w[i * n..][..n];
        let mut acc = A::default();
        if dense {
            row.iter().zip(x).for_each(|(a, b)| acc.add_product(*a, *b));
        } else {
            nonzero.iter().for_each(|(j, v)| acc.add_product(row[*j], *v));
        }
        if let Some(bias) = bias {
            acc.add_shifted(bias[i], shift);
        }
        out.push(acc.get());
    }
}

/// `out[j] = sum_i w[i][j] delta[i]`.
pub fn backward<A: Wide>(w: &[i64], delta: &[i64], inputs: usize, out: &mut Vec<i128>) {
    let mut acc = vec![A::default(); inputs];
    for (i, d) in delta.iter().enumerate() {
        if *d != 0 {
            acc.iter_mut().zip(&w[i * inputs..][..inputs]).for_each(|(a, w)| a.add_product(*w, *d));
        }
    }
    out.extend(acc.into_iter().map(Wide::get));
}

/// `row[j] -= sum_b c_b x_b[j]` for (`c_b`, sparse `x_b`) pairs, when no partial result can overflow.
pub fn update<'a>(row: &mut [i64], terms: impl Iterator<Item = (i64, &'a [(usize, i64)])>) {
    for (c, x) in terms.filter(|(c, _)| *c != 0) {
        x.iter().for_each(|(j, v)| row[*j] -= c * v);
    }
}

/// The same in 128 bits, into `sums`; the caller narrows.
pub fn update_wide<'a>(row: &[i64], terms: impl Iterator<Item = (i128, &'a [(usize, i64)])>, sums: &mut Vec<i128>) {
    sums.clear();
    sums.extend(row.iter().map(|v| i128::from(*v)));
    for (c, x) in terms.filter(|(c, _)| *c != 0) {
        x.iter().for_each(|(j, v)| sums[*j] -= c * i128::from(*v));
    }
}
