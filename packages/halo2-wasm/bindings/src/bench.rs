//! Microbenchmarks, exported with `--features bench` (scripts/build-wasm.sh --bench). The caller measures the time.

use ff::{Field, PrimeField};
use halo2curves_axiom::bn256::{Fq, Fr, G1Affine, G1};
use halo2curves_axiom::fft::best_fft;
use halo2curves_axiom::group::{Curve, Group};
use halo2curves_axiom::msm::msm_best;
use rand_chacha::{rand_core::SeedableRng, ChaCha8Rng};
use wasm_bindgen::prelude::*;

/// Points and scalars of one size.
#[wasm_bindgen]
pub struct Bench {
    points: Vec<G1Affine>,
    scalars: Vec<Fr>,
    small: Vec<Fr>,
}

fn low(v: Fq) -> u32 {
    v.to_bytes()[0].into()
}

#[wasm_bindgen]
impl Bench {
    /// 2^k points with full-size and 36-bit scalars.
    #[wasm_bindgen(constructor)]
    pub fn new(k: u32) -> Bench {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let step = G1::random(&mut rng).to_affine();
        let mut p = G1::random(&mut rng);
        let projective: Vec<G1> = (0..1 << k)
            .map(|_| {
                p += step;
                p
            })
            .collect();
        let mut points = vec![G1Affine::default(); projective.len()];
        G1::batch_normalize(&projective, &mut points);
        let scalars: Vec<Fr> = (0..1 << k).map(|_| Fr::random(&mut rng)).collect();
        let small = scalars.iter().map(|s| Fr::from(u64::from_le_bytes(s.to_bytes()[..8].try_into().unwrap()) >> 28)).collect();
        Bench { points, scalars, small }
    }

    /// `n` dependent multiplications in the base field.
    pub fn mul(n: u32) -> u32 {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (mut a, b) = (Fq::random(&mut rng), Fq::random(&mut rng));
        for _ in 0..n {
            a *= b;
        }
        low(a)
    }

    /// `n` multiplications, 64 of them independent of each other at a time.
    #[wasm_bindgen(js_name = mulMany)]
    pub fn mul_many(n: u32) -> u32 {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut a: Vec<Fq> = (0..64).map(|_| Fq::random(&mut rng)).collect();
        let b = Fq::random(&mut rng);
        for _ in 0..n / 64 {
            a.iter_mut().for_each(|a| *a *= b);
        }
        low(a.into_iter().sum())
    }

    /// `n` dependent squarings.
    pub fn square(n: u32) -> u32 {
        let mut a = Fq::random(ChaCha8Rng::seed_from_u64(2));
        for _ in 0..n {
            a = a.square();
        }
        low(a)
    }

    /// `n` dependent pairs of one addition and one subtraction.
    #[wasm_bindgen(js_name = addSub)]
    pub fn add_sub(n: u32) -> u32 {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (mut a, b, c) = (Fq::random(&mut rng), Fq::random(&mut rng), Fq::random(&mut rng));
        for _ in 0..n {
            a = a + b;
            a = a - c;
        }
        low(a)
    }

    /// `n` dependent inversions.
    pub fn invert(n: u32) -> u32 {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (mut a, b) = (Fq::random(&mut rng), Fq::random(&mut rng));
        for _ in 0..n {
            a = a.invert().unwrap() + b;
        }
        low(a)
    }

    /// One multi-scalar multiplication; the low byte of x.
    pub fn msm(&self, small: bool) -> u32 {
        low(msm_best(if small { &self.small } else { &self.scalars }, &self.points).to_affine().x)
    }

    /// One transform of the scalars.
    pub fn fft(&self) -> u32 {
        let mut v = self.scalars.clone();
        let k = v.len().ilog2();
        let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |w, _| w.square());
        best_fft(&mut v, omega, k);
        v[1].to_bytes()[0].into()
    }
}
