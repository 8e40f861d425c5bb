//! Phase two: limbs, chunks, copies and multiplicities.

use super::chain::{shown, Random};
use super::Change;
use crate::block::{Block, Kind, Shown, CARRY_ROW, HEIGHT, HIGH_ROW, MULTIPLICITY_ROW, M_ROW, SIGN_ROW, SLOT_ROW};
use crate::builder::curve::native;
use crate::builder::Builder;
use crate::cell::LIMBS;
use crate::config::{CHUNKS, LOOKUPS};
use crate::layout::Layout;
use crate::limbs::{centred, modulus_limbs, plain, Number, Quotient, Signed, CHUNK_BITS};
use crate::poseidon::{trace, OUTPUT_ROW, ROWS};
use halo2_axiom::arithmetic::parallelize;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_halo2::error::PotError;

const MASK: u64 = (1 << CHUNK_BITS) - 1;
const ROWS_OF_BLOCK: usize = HEIGHT as usize;

/// Columns of phase two, and the chunks that the running sum looks up.
#[derive(Clone, Debug)]
pub struct Wide {
    pub a: [Vec<Fr>; CHUNKS],
    pub l: [Vec<Fr>; 2],
    pub t: Vec<Fr>,
    /// A column for each part of the range table.
    pub m: Vec<Vec<Fr>>,
    /// Rows of the running sum, from row 0.
    pub chunks: Vec<[u32; LOOKUPS]>,
}

/// One block's limbs (L0 and L1), and its chunks of the carries' row.
#[derive(Clone, Copy)]
struct Limbed([[u64; 2]; ROWS_OF_BLOCK]);

fn zip(a: &Signed, b: &Signed, f: impl Fn(i64, i64) -> i64) -> Signed {
    std::array::from_fn(|i| f(a[i], b[i]))
}

/// The quotients of a block's identities, the gates' left sides over the integers. None: an identity does not hold.
fn quotients(kind: &Kind, own: &Shown, before: &Shown) -> Option<[Option<Quotient>; 2]> {
    let flags = kind.flags();
    let (x, y, slope) = (plain(&own.x), plain(&own.y), centred(&own.slope));
    let next_before = plain(&before.next);
    let [mut first, mut second] = [None, None];
    if flags.slope {
        let sum = zip(&zip(&next_before, &x, |a, b| a + b), &plain(&own.next), |a, b| a + b);
        first = Some(Number::product(&slope, &slope).sub(&Number::linear(&sum)).quotient()?);
    }
    if flags.link {
        let (x_before, y_before) = (plain(&before.x), plain(&before.y));
        let left = Number::product(&centred(&before.slope), &zip(&x_before, &next_before, |a, b| a - b));
        let right = Number::product(&slope, &zip(&x, &next_before, |a, b| a - b));
        let sign = own.sign + if flags.load { 2 } else { 0 };
        let explicit = zip(&y_before, &y, |a, b| before.sign * a + sign * b);
        second = Some(left.add(&right).sub(&Number::linear(&explicit)).quotient()?);
    }
    if flags.tangent {
        let q = plain(&modulus_limbs());
        let rise = Number::product(&x.map(|v| 3 * v), &zip(&x, &q, |a, b| a - b));
        let run = zip(&y, &q, |a, b| 2 * a - b);
        second = Some(Number::product(&slope, &run).sub(&rise).quotient()?);
    }
    if flags.curve {
        let square = plain(&own.slope);
        first = Some(Number::product(&x, &x).sub(&Number::linear(&square)).quotient()?);
        let cube = Number::product(&square, &x).add(&Number::linear(&[3, 0, 0, 0, 0]));
        second = Some(Number::product(&y, &y).sub(&cube).quotient()?);
    }
    Some([first, second])
}

fn limbed(kind: &Kind, own: &Shown, before: &Shown) -> Option<Limbed> {
    let [first, second] = quotients(kind, own, before)?;
    let mut limbs = [[0; 2]; ROWS_OF_BLOCK];
    for (lane, quotient) in [&first, &second].into_iter().enumerate() {
        let Some(q) = quotient else { continue };
        q.t.iter().enumerate().for_each(|(j, v)| limbs[j][lane] = *v);
        for (j, (low, high)) in q.carries.iter().enumerate() {
            limbs[CARRY_ROW as usize + j][lane] = *low;
            limbs[HIGH_ROW as usize][lane] |= high << (CHUNK_BITS as usize * j);
        }
    }
    for j in 0..LIMBS {
        limbs[SLOT_ROW as usize + j] = [own.slope[j], own.next[j]];
    }
    Some(Limbed(limbs))
}

/// How often each block's entry is read: once by each block with a slope.
fn multiplicities(blocks: &[Block]) -> Vec<u32> {
    let mut out = vec![0; blocks.len()];
    for (i, block) in blocks.iter().enumerate() {
        match block.kind {
            Kind::Tangent => out[i - 1] += 1,
            Kind::Add { source, .. } => out[source as usize] += 1,
            _ => {}
        }
    }
    out
}

/// Limbs of all blocks; None where an identity does not hold.
fn all_limbs(blocks: &[Block], shown: &[Shown]) -> Vec<Option<Limbed>> {
    let mut out: Vec<Option<Limbed>> = vec![None; blocks.len()];
    parallelize(&mut out, |out, start| {
        for (i, o) in (start..).zip(out) {
            let before = i.checked_sub(1).map(|i| shown[i]).unwrap_or_default();
            *o = limbed(&blocks[i].kind, &shown[i], &before);
        }
    });
    out
}

impl Wide {
    /// Errors: `CHIP_COLLISION`, `CHIP_IDENTITY_FAILED` (an identity that does not hold: a defect).
    pub fn new(b: &Builder, lay: &Layout, rows: usize, rho: Fr, changes: &[Change]) -> Result<Self, PotError> {
        let random = Random::new(rho);
        let shown = shown(&b.blocks, &random)?;
        let mut limbs = all_limbs(&b.blocks, &shown);
        let column = || vec![Fr::zero(); rows];
        let mut out = Self {
            a: std::array::from_fn(|_| column()),
            l: std::array::from_fn(|_| column()),
            t: column(),
            m: vec![column(); (1 << CHUNK_BITS) / lay.table_rows()],
            chunks: vec![[0; LOOKUPS]; lay.sum_end() + 1],
        };
        for change in changes {
            if let Change::Limb { block, row, lane, add } = change {
                if let Some(l) = &mut limbs[*block] {
                    l.0[*row][*lane] = l.0[*row][*lane].wrapping_add_signed(*add);
                }
            }
        }
        for (i, l) in limbs.into_iter().enumerate() {
            let failed = || PotError::new("CHIP_IDENTITY_FAILED", format!("block {i}: an identity does not hold"));
            let l = l.ok_or_else(failed)?;
            out.put_limbs(lay.start + i * ROWS_OF_BLOCK, &l.0);
        }
        out.put_copies(b, lay, &shown, &random);
        out.put_hashes(b, lay);
        out.count(lay.table_rows());
        Ok(out)
    }

    fn put_limbs(&mut self, first: usize, limbs: &[[u64; 2]; ROWS_OF_BLOCK]) {
        for (row, pair) in (first..).zip(limbs) {
            for (lane, v) in pair.iter().enumerate() {
                let chunks = [v & MASK, v >> CHUNK_BITS & MASK, v >> (2 * CHUNK_BITS) & MASK];
                self.l[lane][row] = Fr::from(*v);
                self.a[2 * lane][row] = Fr::from(chunks[0]);
                self.a[2 * lane + 1][row] = Fr::from(chunks[1]);
                chunks.iter().enumerate().for_each(|(j, c)| self.chunks[row][3 * lane + j] = *c as u32);
            }
        }
    }

    fn put_copies(&mut self, b: &Builder, lay: &Layout, shown: &[Shown], random: &Random) {
        let read = multiplicities(&b.blocks);
        for (i, (block, s)) in b.blocks.iter().zip(shown).enumerate() {
            let first = lay.start + i * ROWS_OF_BLOCK;
            let t = &mut self.t[first..first + ROWS_OF_BLOCK];
            s.x.iter().chain(&s.y).zip(t.iter_mut()).for_each(|(v, t)| *t = Fr::from(*v));
            t[M_ROW as usize] = Fr::from(u64::from(block.m));
            t[SIGN_ROW as usize] = Fr::from(s.sign.unsigned_abs());
            if s.sign < 0 {
                t[SIGN_ROW as usize] = -t[SIGN_ROW as usize];
            }
            t[MULTIPLICITY_ROW as usize] = Fr::from(u64::from(read[i]));
            if let Kind::Curve(source) = &block.kind {
                let p = random.of(source);
                let x = if block.kind.flags().random { Fr::from(random.index) } else { native(&p.x) };
                (t[M_ROW as usize], t[SIGN_ROW as usize]) = (x, native(&p.y));
            }
        }
    }

    fn put_hashes(&mut self, b: &Builder, lay: &Layout) {
        let first = lay.hash(0);
        let end = lay.hash(b.hashes.len());
        let mut cells = vec![[Fr::zero(); CHUNKS + 3]; end - first];
        // Permutations are long: whole ones go to a thread.
        let mut parts: Vec<(&[Fr; 3], &mut [[Fr; CHUNKS + 3]])> = b.hashes.iter().zip(cells.chunks_mut(ROWS as usize)).collect();
        parallelize(&mut parts, |parts, _| {
            for (input, rows) in parts {
                put_hash(**input, rows);
            }
        });
        for (row, cells) in (first..).zip(cells) {
            let [a0, a1, a2, a3, l0, l1, t] = cells;
            self.a.iter_mut().zip([a0, a1, a2, a3]).for_each(|(c, v)| c[row] = v);
            (self.l[0][row], self.l[1][row], self.t[row]) = (l0, l1, t);
        }
    }

    /// Multiplicities of the range table, whose value v lies in row v + 1, or in a part of the table beside it.
    fn count(&mut self, part: usize) {
        let mut counts = vec![0u64; 1 << CHUNK_BITS];
        for c in self.chunks[1..].iter().flatten() {
            counts[*c as usize] += 1;
        }
        for (v, n) in counts.into_iter().enumerate() {
            if n > 0 {
                self.m[v / part][1 + v % part] = Fr::from(n);
            }
        }
    }
}

/// One permutation's rows: A, L, T.
fn put_hash(input: [Fr; 3], rows: &mut [[Fr; CHUNKS + 3]]) {
    let (l0, l1, t) = (CHUNKS, CHUNKS + 1, CHUNKS + 2);
    let trace = trace(input);
    let mut state = |row: usize, state: &[Fr; 3], helpers: &[Fr; 8]| {
        (rows[row][l0], rows[row][l1], rows[row + 1][l0]) = (state[0], state[1], state[2]);
        for (i, h) in helpers.iter().enumerate() {
            rows[row + i / CHUNKS][i % CHUNKS] = *h;
        }
    };
    for (unit, (s, h)) in trace.units.iter().enumerate() {
        state(2 * unit, s, h);
    }
    state(OUTPUT_ROW as usize, &trace.output, &[Fr::zero(); 8]);
    for i in 0..3 {
        rows[i][t] = input[i];
        rows[OUTPUT_ROW as usize + i][t] = trace.output[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use group::Curve;
    use halo2_axiom::halo2curves::bn256::G1Affine;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    /// Every identity of a thousand sums has its quotient and its carries in range, and the chain ends at the sum.
    #[test]
    fn random_sums_by_the_thousand() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for i in 0..1000u64 {
            let mut b = Builder::default();
            let p = (G1Affine::generator() * Fr::random(&mut rng)).to_affine();
            let other = [(G1Affine::generator() * Fr::random(&mut rng)).to_affine(), p, -p, p][(i % 4) as usize];
            let small = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(i)];
            let scalars = [Fr::random(&mut rng), if i % 3 == 0 { small[(i / 3 % 4) as usize] } else { Fr::random(&mut rng) }];
            let terms: Vec<_> = [p, other].iter().zip(scalars).map(|(p, k)| (b.witness(k), b.point(*p))).collect();
            let sum = b.msm(&terms);
            assert_eq!(b.refusal(), None);
            assert_eq!(sum.value, (p * scalars[0] + other * scalars[1]).to_affine());
            let random = Random::new(Fr::random(&mut rng));
            let shown = shown(&b.blocks, &random).unwrap();
            assert!(all_limbs(&b.blocks, &shown).iter().all(Option::is_some));
            let end = b.blocks.iter().rposition(|b| b.kind == Kind::Pass).unwrap();
            let place = |j: usize| shown[end].x.iter().chain(&shown[end].y).nth(j).copied().unwrap();
            assert!(sum.limbs.iter().enumerate().all(|(j, l)| l.value == Fr::from(place(j))));
        }
    }
}
