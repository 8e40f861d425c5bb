//! The points that the blocks go through, and what each shows of them.

use crate::block::{Block, Kind, Shown, Source};
use crate::builder::curve::limbs_of;
use crate::cell::LIMBS;
use crate::limbs::{modulus, of_fq, of_fr, split, store_slope, sub, to_fq, Limbs};
use ff::{BatchInvert, Field};
use group::Group;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine, G1};
use halo2_axiom::halo2curves::group::Curve;
use pot_proof_system::error::PotError;

/// The random point: the first index whose x is on the curve.
#[derive(Clone, Copy, Debug)]
pub struct Random {
    pub index: u64,
    pub point: G1Affine,
}

impl Random {
    pub fn new(rho: Fr) -> Self {
        (0..)
            .find_map(|index| {
                let x = to_fq(&of_fr(&(rho + Fr::from(index)))).expect("r is below q");
                let y: Option<Fq> = Option::from((x.square() * x + Fq::from(3)).sqrt());
                y.map(|y| Self { index, point: G1Affine { x, y } })
            })
            .expect("half of all numbers are a point's x")
    }

    pub fn of(&self, source: &Source) -> G1Affine {
        match source {
            Source::Known(p) => *p,
            Source::Random => self.point,
        }
    }
}

fn limbs(v: &Fq) -> Limbs {
    split(&of_fq(v)).expect("below q")
}

fn halves(v: [u64; 2 * LIMBS]) -> (Limbs, Limbs) {
    (std::array::from_fn(|i| v[i]), std::array::from_fn(|i| v[LIMBS + i]))
}

/// The chain's point after each block; the identity where a block has none.
pub fn points(blocks: &[Block], random: &Random) -> Vec<G1Affine> {
    let mut after: Vec<G1> = Vec::with_capacity(blocks.len());
    let mut acc = G1::identity();
    for block in blocks {
        match &block.kind {
            Kind::Load(source) => acc = random.of(source).into(),
            Kind::Tangent => acc = acc.double(),
            Kind::Add { source, negative: false } => acc += after[*source as usize],
            Kind::Add { source, negative: true } => acc -= after[*source as usize],
            _ => {}
        }
        after.push(acc);
    }
    let mut affine = vec![G1Affine::default(); after.len()];
    G1::batch_normalize(&after, &mut affine);
    affine
}

/// Slopes of the additions and tangents, 0 elsewhere. Errors: `CHIP_COLLISION`, which chance alone does not bring about.
fn slopes(blocks: &[Block], points: &[G1Affine]) -> Result<Vec<Fq>, PotError> {
    let signed = |p: &G1Affine, negative: bool| if negative { -*p } else { *p };
    let fraction = |i: usize| match blocks[i].kind {
        Kind::Tangent => {
            let p = &points[i - 1];
            (p.x.square() * Fq::from(3), p.y.double())
        }
        Kind::Add { source, negative } => {
            let (p, t) = (&points[i - 1], signed(&points[source as usize], negative));
            (t.y - p.y, t.x - p.x)
        }
        _ => (Fq::ZERO, Fq::ONE),
    };
    let (mut out, mut denominators): (Vec<Fq>, Vec<Fq>) = (0..blocks.len()).map(fraction).unzip();
    if denominators.iter().any(|d| d.is_zero_vartime()) {
        return Err(PotError::new("CHIP_COLLISION", "a partial sum equals the point that is added".into()));
    }
    denominators.iter_mut().batch_invert();
    out.iter_mut().zip(denominators).for_each(|(n, d)| *n *= d);
    Ok(out)
}

/// What each block shows.
pub fn shown(blocks: &[Block], random: &Random) -> Result<Vec<Shown>, PotError> {
    let points = points(blocks, random);
    let slopes = slopes(blocks, &points)?;
    let mut out: Vec<Shown> = Vec::with_capacity(blocks.len());
    for (i, block) in blocks.iter().enumerate() {
        let loaded = |p: &G1Affine| {
            let (x, y) = halves(limbs_of(p));
            Shown { slope: y, next: x, x, y, sign: -1 }
        };
        out.push(match &block.kind {
            Kind::Rest(source) => {
                let (x, y) = halves(limbs_of(&random.of(source)));
                let rest = |v: &Limbs| {
                    let last = sub(&modulus().0, &[1, 0, 0, 0, 0]);
                    split(&sub(&last, &crate::limbs::join(v))).expect("below q")
                };
                Shown { slope: rest(&y), next: rest(&x), ..Shown::default() }
            }
            Kind::Curve(source) => {
                let p = random.of(source);
                let (x, y) = halves(limbs_of(&p));
                Shown { slope: limbs(&p.x.square()), x, y, ..Shown::default() }
            }
            Kind::Range(cells) => {
                let (x, y) = halves(*cells);
                Shown { slope: y, next: x, x, y, sign: 0 }
            }
            Kind::Index => {
                let x = [random.index, 0, 0, 0, 0];
                Shown { next: x, x, ..Shown::default() }
            }
            Kind::Load(source) => loaded(&random.of(source)),
            Kind::Pass => loaded(&points[i]),
            Kind::Tangent => {
                let Shown { x, y, .. } = out[i - 1];
                Shown { slope: store_slope(&slopes[i]), next: limbs(&points[i].x), x, y, sign: 1 }
            }
            Kind::Add { source, negative } => {
                let Shown { x, y, .. } = out[*source as usize];
                let sign = if *negative { -1 } else { 1 };
                Shown { slope: store_slope(&slopes[i]), next: limbs(&points[i].x), x, y, sign }
            }
        });
    }
    Ok(out)
}
