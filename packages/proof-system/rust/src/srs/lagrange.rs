//! The Lagrange basis of powers of tau: an inverse Fourier transform over points.
//!
//! A transform of n points multiplies n/2 log n of them by roots of unity, 254-bit scalars. Here each multiplication is split by the
//! curve's endomorphism into two of half the length, and many run in lockstep on affine points, so that the inversion of every addition
//! is shared (Montgomery's trick). The division by n costs next to nothing: it is drawn into the factors of each layer's first block.

use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use halo2_axiom::arithmetic::parallelize;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine, G1};
use halo2_axiom::halo2curves::group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::CurveEndo;

/// Multiplications in lockstep: their tables take half a megabyte.
pub(super) const BATCH: usize = 1 << 10;
/// Odd multiples that a table holds: 1, 3, .. 15 times the point.
const ODD: usize = 8;

fn is_identity(p: &G1Affine) -> bool {
    p.x == Fq::ZERO && p.y == Fq::ZERO
}

fn negated(p: G1Affine) -> G1Affine {
    G1Affine { x: p.x, y: -p.y }
}

/// Additions that share one inversion.
#[derive(Default)]
pub(super) struct Adder {
    /// Place in the sums, x of the addend, the slope's numerator, its denominator, the product of all denominators before.
    open: Vec<(usize, Fq, Fq, Fq, Fq)>,
}

impl Adder {
    /// `sums[i] += p` for each `(i, p)`; every i at most once.
    pub fn add(&mut self, sums: &mut [G1Affine], addends: impl Iterator<Item = (usize, G1Affine)>) {
        self.open.clear();
        let mut product = Fq::ONE;
        for (i, p) in addends {
            let sum = &mut sums[i];
            if is_identity(&p) {
                continue;
            }
            if is_identity(sum) {
                *sum = p;
                continue;
            }
            let (mut over, mut under) = (p.y - sum.y, p.x - sum.x);
            if under == Fq::ZERO {
                if over != Fq::ZERO {
                    *sum = G1Affine::identity();
                    continue;
                }
                // The same point; none has y = 0, the group's order is odd.
                let square = p.x.square();
                (over, under) = (square.double() + square, p.y.double());
            }
            self.open.push((i, p.x, over, under, product));
            product *= under;
        }
        let mut inverse = product.invert().expect("no denominator is zero");
        for (i, x, over, under, before) in self.open.drain(..).rev() {
            let sum = &mut sums[i];
            let slope = over * (inverse * before);
            inverse *= under;
            let x3 = slope.square() - sum.x - x;
            *sum = G1Affine { x: x3, y: slope * (sum.x - x3) - sum.y };
        }
    }

    fn double(&mut self, sums: &mut [G1Affine]) {
        let mut places = 0..sums.len();
        let copies = sums.to_vec();
        self.add(sums, copies.into_iter().map(|p| (places.next().expect("as many"), p)));
    }
}

/// A scalar as `a + b zeta` with signed digits of a and of b, lowest first: zero or odd, of at most 15.
struct Split([Vec<i8>; 2]);

fn digits(mut v: u128, negative: bool) -> Vec<i8> {
    let mut out = vec![];
    while v != 0 {
        let mut d = 0i8;
        if v & 1 == 1 {
            d = (v & 31) as i8;
            if d >= 16 {
                d -= 32;
            }
            v = v.checked_add_signed(-i128::from(d)).expect("halves have at most 127 bits");
        }
        out.push(if negative { -d } else { d });
        v >>= 1;
    }
    out
}

impl Split {
    fn new(scalar: &Fr) -> Self {
        let (a, a_negative, b, b_negative) = G1::decompose_scalar(scalar);
        Self([digits(a, a_negative), digits(b, !b_negative)])
    }
    fn len(&self) -> usize {
        self.0[0].len().max(self.0[1].len())
    }
}

/// `points[i] = scalars[i] points[i]`, in lockstep.
fn multiply(points: &mut [G1Affine], scalars: &[&Split]) {
    let (n, mut adder) = (points.len(), Adder::default());
    let mut twice = points.to_vec();
    adder.double(&mut twice);
    let mut table = Vec::with_capacity(ODD * n);
    table.extend_from_slice(points);
    for m in 1..ODD {
        let mut next = table[(m - 1) * n..].to_vec();
        adder.add(&mut next, twice.iter().copied().enumerate());
        table.extend(next);
    }
    points.fill(G1Affine::identity());
    for at in (0..scalars.iter().map(|s| s.len()).max().unwrap_or(0)).rev() {
        adder.double(points);
        for half in 0..2 {
            let addends = scalars.iter().enumerate().filter_map(|(i, s)| {
                let d = s.0[half].get(at).copied().filter(|d| *d != 0)?;
                let mut p = table[usize::from(d.unsigned_abs() / 2) * n + i];
                if half == 1 {
                    p.x *= Fq::ZETA;
                }
                Some((i, if d < 0 { negated(p) } else { p }))
            });
            adder.add(points, addends);
        }
    }
}

/// One layer's butterflies: `(a, b)` becomes `(a + s b, a - s b)`; no scalar stands for 1.
fn butterflies(pairs: &mut [(G1Affine, G1Affine)], scalar: impl Fn(usize) -> Option<usize>, splits: &[Split]) {
    let wanted: Vec<(usize, usize)> = (0..pairs.len()).filter_map(|i| Some((i, scalar(i)?))).collect();
    let mut odd: Vec<G1Affine> = wanted.iter().map(|(i, _)| pairs[*i].1).collect();
    multiply(&mut odd, &wanted.iter().map(|(_, s)| &splits[*s]).collect::<Vec<_>>());
    wanted.iter().zip(odd).for_each(|((i, _), p)| pairs[*i].1 = p);
    let mut adder = Adder::default();
    let (mut sums, mut differences): (Vec<_>, Vec<_>) = pairs.iter().map(|(a, _)| (*a, *a)).unzip();
    adder.add(&mut sums, pairs.iter().map(|(_, b)| *b).enumerate());
    adder.add(&mut differences, pairs.iter().map(|(_, b)| negated(*b)).enumerate());
    pairs.iter_mut().zip(sums.into_iter().zip(differences)).for_each(|(pair, new)| *pair = new);
}

/// The basis `L_i = 1/n sum_j w^(-ij) g_j` of n = 2^k points, w halo2's root of unity; about 0.1 ms a point natively on one core.
///
/// The points must be in the group of prime order (BN254's curve is that group).
pub fn lagrange(g: &[G1Affine]) -> Vec<G1Affine> {
    let n = g.len();
    assert!(n.is_power_of_two(), "a basis has 2^k points");
    let k = n.trailing_zeros();
    let mut points: Vec<G1Affine> = (0..n).map(|i| g[if k == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - k) }]).collect();
    let divisor = Fr::TWO_INV.pow_vartime([u64::from(k)]);
    multiply(&mut points[..1], &[&Split::new(&divisor)]);
    for layer in 0..k {
        let half = 1usize << layer;
        let root = (layer + 1..Fr::S).fold(Fr::ROOT_OF_UNITY_INV, |w, _| w.square());
        let roots: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |w| Some(*w * root)).take(half).collect();
        // The first block's factors also divide by n: its even half has been divided by the layers before.
        let splits: Vec<Split> = roots.iter().copied().chain(roots.iter().map(|w| divisor * w)).map(|w| Split::new(&w)).collect();
        let place = |i: usize| (i / half) * 2 * half + i % half;
        let mut pairs: Vec<_> = (0..n / 2).map(|i| (points[place(i)], points[place(i) + half])).collect();
        parallelize(&mut pairs, |pairs, start| {
            for (c, chunk) in pairs.chunks_mut(BATCH).enumerate() {
                let first = start + c * BATCH;
                let scalar = |i: usize| match first + i {
                    i if i < half => Some(half + i),
                    i => Some(i % half).filter(|j| *j != 0),
                };
                butterflies(chunk, scalar, &splits);
            }
        });
        pairs.into_iter().enumerate().for_each(|(i, (a, b))| (points[place(i)], points[place(i) + half]) = (a, b));
    }
    points
}
