//! Phase two: limbs, chunks, copies and multiplicities.

use super::chain::{shown, Random};
use super::Change;
use crate::block::{t_cell, Block, Kind, Shown, CARRIES, CELLS, HEIGHT, M, MULTIPLICITY, NEXT, ORIGIN, QUOTIENTS, SIGN, SLOPE};
use crate::builder::curve::native;
use crate::builder::Builder;
use crate::config::{CHUNKS, LANES, LOOKUPS, TABLES};
use crate::layout::{Layout, SUM_ROW, TABLE_ROWS};
use crate::limbs::{centred, modulus_limbs, plain, Number, Quotient, Signed, CHUNK_BITS};
use crate::poseidon::{trace, COPIES, HELPERS, ROWS, UNITS};
use halo2_axiom::arithmetic::parallelize;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;

const MASK: u64 = (1 << CHUNK_BITS) - 1;
const ROWS_OF_BLOCK: usize = HEIGHT as usize;

/// Columns of phase two, and the chunks that the running sum looks up.
#[derive(Clone, Debug)]
pub struct Wide {
    pub a: [Vec<Fr>; CHUNKS],
    pub l: [Vec<Fr>; LANES],
    pub t: [Vec<Fr>; 2],
    /// A column for each part of the range table.
    pub m: [Vec<Fr>; TABLES],
    /// Rows of the running sum, from row 0.
    pub chunks: Vec<[u32; LOOKUPS]>,
}

/// One block's limbs, lane by lane, and its chunks of the carries' row.
#[derive(Clone, Copy)]
struct Limbed([[u64; LANES]; ROWS_OF_BLOCK]);

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
    let mut limbs = [[0; LANES]; ROWS_OF_BLOCK];
    for (i, quotient) in [&first, &second].into_iter().enumerate() {
        let Some(q) = quotient else { continue };
        QUOTIENTS[i].iter().zip(q.t).for_each(|((lane, row), v)| limbs[*row as usize][*lane] = v);
        for (j, ((lane, row), (low, high))) in CARRIES[i].iter().zip(q.carries).enumerate() {
            limbs[*row as usize][*lane] = low;
            // Chunk j of lane i: column A of number 2 i + j.
            limbs[ORIGIN as usize][i] |= high << (CHUNK_BITS as usize * j);
        }
    }
    for (places, values) in [(SLOPE, own.slope), (NEXT, own.next)] {
        places.iter().zip(values).for_each(|((lane, row), v)| limbs[*row as usize][*lane] = v);
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
            t: std::array::from_fn(|_| column()),
            m: std::array::from_fn(|_| column()),
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
            out.put_limbs(lay.block(i), &l.0);
        }
        out.put_copies(b, lay, &shown, &random);
        out.put_hashes(b, lay);
        out.count();
        Ok(out)
    }

    fn put_limbs(&mut self, first: usize, limbs: &[[u64; LANES]; ROWS_OF_BLOCK]) {
        for (row, lanes) in (first..).zip(limbs) {
            for (lane, v) in lanes.iter().enumerate() {
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
            let mut cells = [Fr::zero(); CELLS];
            s.x.iter().chain(&s.y).zip(&mut cells).for_each(|(v, t)| *t = Fr::from(*v));
            cells[M] = Fr::from(u64::from(block.m));
            cells[SIGN] = Fr::from(s.sign.unsigned_abs());
            if s.sign < 0 {
                cells[SIGN] = -cells[SIGN];
            }
            cells[MULTIPLICITY] = Fr::from(u64::from(read[i]));
            if let Kind::Curve(source) = &block.kind {
                let p = random.of(source);
                let x = if block.kind.flags().random { Fr::from(random.index) } else { native(&p.x) };
                (cells[M], cells[SIGN]) = (x, native(&p.y));
            }
            for (cell, v) in cells.into_iter().enumerate() {
                let (column, row) = t_cell(cell);
                self.t[column][lay.block(i) + row as usize] = v;
            }
        }
    }

    fn put_hashes(&mut self, b: &Builder, lay: &Layout) {
        let first = lay.hash(0);
        let end = lay.hash(b.hashes.len());
        let mut rows = vec![HashRow::default(); end - first];
        // Permutations are long: whole ones go to a thread.
        let mut parts: Vec<(&[Fr; 3], &mut [HashRow])> = b.hashes.iter().zip(rows.chunks_mut(ROWS)).collect();
        parallelize(&mut parts, |parts, _| {
            for (input, rows) in parts {
                put_hash(**input, rows);
            }
        });
        for (row, cells) in (first..).zip(rows) {
            self.a.iter_mut().zip(cells.a).for_each(|(c, v)| c[row] = v);
            self.l.iter_mut().zip(cells.l).for_each(|(c, v)| c[row] = v);
            self.t.iter_mut().zip(cells.t).for_each(|(c, v)| c[row] = v);
        }
    }

    /// Multiplicities of the range table, whose value v lies v rows below the first, or in a part of the table beside it.
    fn count(&mut self) {
        let mut counts = vec![0u64; 1 << CHUNK_BITS];
        for c in self.chunks[SUM_ROW..].iter().flatten() {
            counts[*c as usize] += 1;
        }
        for (v, n) in counts.into_iter().enumerate() {
            if n > 0 {
                self.m[v / TABLE_ROWS][SUM_ROW + v % TABLE_ROWS] = Fr::from(n);
            }
        }
    }
}

/// A row of a permutation.
#[derive(Clone, Copy, Debug, Default)]
struct HashRow {
    a: [Fr; CHUNKS],
    l: [Fr; LANES],
    t: [Fr; HELPERS - CHUNKS],
}

/// One permutation's rows.
fn put_hash(input: [Fr; 3], rows: &mut [HashRow]) {
    let trace = trace(input);
    for (row, (state, helpers)) in rows.iter_mut().zip(&trace.units) {
        row.l = *state;
        row.a.copy_from_slice(&helpers[..CHUNKS]);
        row.t.copy_from_slice(&helpers[CHUNKS..]);
    }
    rows[UNITS].l = trace.output;
    for (places, values) in COPIES.into_iter().zip([input, trace.output]) {
        places.into_iter().zip(values).for_each(|((column, row), v)| rows[row].t[column] = v);
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
