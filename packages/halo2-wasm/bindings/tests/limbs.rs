//! patches/halo2curves-axiom-01: the 29-bit-limb arithmetic of wasm32, compiled natively, against the stock arithmetic.

use halo2curves_axiom::bn256::{limbs29, Fq, Fr};
use halo2curves_axiom::serde::SerdeObject;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

const Q: [u64; 4] = [0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029];
const R: [u64; 4] = [0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029];

fn bytes(words: [u64; 4]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

fn words(bytes: &[u8]) -> [u64; 4] {
    std::array::from_fn(|i| u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().unwrap()))
}

/// Montgomery words below p: 0, 1, p - 1 and neighbours, limbs of all ones, and 10^5 random ones.
fn values(p: [u64; 4]) -> Vec<[u64; 4]> {
    let below = |n: u64| [p[0] - n, p[1], p[2], p[3]];
    let mut out = vec![[0; 4], [1, 0, 0, 0], [2, 0, 0, 0], below(1), below(2), [u64::MAX, u64::MAX, u64::MAX, p[3] - 1]];
    out.extend((0..254).map(|bit| std::array::from_fn(|i| if bit / 64 == i { 1 << (bit % 64) } else { 0 })));
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    while out.len() < 100_000 {
        let v = [rng.next_u64(), rng.next_u64(), rng.next_u64(), rng.next_u64() >> 2];
        if v.iter().rev().lt(p.iter().rev()) {
            out.push(v);
        }
    }
    out
}

macro_rules! agrees {
    ($name:ident, $field:ident, $p:expr, $mul:path, $square:path) => {
        #[test]
        fn $name() {
            let stock = |w: &[u64; 4]| $field::from_raw_bytes(&bytes(*w)).expect("below the modulus");
            let raw = |f: $field| words(&f.to_raw_bytes());
            let all = values($p);
            let check = |a: &[u64; 4], b: &[u64; 4]| assert_eq!($mul(a, b), raw(stock(a) * stock(b)), "{a:x?} * {b:x?}");
            for (i, a) in all.iter().enumerate() {
                assert_eq!($square(a), raw(stock(a).square()), "{a:x?} squared");
                check(a, &all[all.len() - 1 - i]);
            }
            for a in &all[..260] {
                for b in &all[..260] {
                    check(a, b);
                }
            }
        }
    };
}

agrees!(base_field, Fq, Q, limbs29::mul_fq, limbs29::square_fq);
agrees!(scalar_field, Fr, R, limbs29::mul_fr, limbs29::square_fr);
