//! Poseidon over BN254's scalar field with circomlib's parameters for two inputs (t = 3, x^5, 8 full and 57 partial
//! rounds), so that circomlibjs, Solidity and circuits agree. Constants come from the Grain LFSR of the Poseidon paper
//! (Grassi et al., 2019/458, appendix E), as in its reference script; nothing is copied.

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use std::collections::VecDeque;
use std::sync::OnceLock;

const T: usize = 3;
const FULL: usize = 8;
const PARTIAL: usize = 57;
const FIELD_BITS: usize = 254;

/// The paper's parameter generator.
struct Grain(VecDeque<bool>);

impl Grain {
    fn new() -> Self {
        let mut state = VecDeque::with_capacity(80);
        // Prime field, x^alpha, then the sizes, then ones.
        for (value, bits) in [(1u64, 2), (0, 4), (FIELD_BITS as u64, 12), (T as u64, 12), (FULL as u64, 10), (PARTIAL as u64, 10), ((1 << 30) - 1, 30)] {
            (0..bits).rev().for_each(|i| state.push_back(value >> i & 1 == 1));
        }
        let mut me = Self(state);
        (0..160).for_each(|_| drop(me.step()));
        me
    }
    fn step(&mut self) -> bool {
        let s = &self.0;
        let bit = s[62] ^ s[51] ^ s[38] ^ s[23] ^ s[13] ^ s[0];
        self.0.pop_front();
        self.0.push_back(bit);
        bit
    }
    /// Self-shrinking: of each pair, the second bit if the first is set.
    fn bit(&mut self) -> bool {
        loop {
            let keep = self.step();
            let bit = self.step();
            if keep {
                return bit;
            }
        }
    }
    /// 254 bits, most significant first, as a little-endian integer.
    fn integer(&mut self) -> [u8; 32] {
        let mut out = [0u8; 32];
        for i in (0..FIELD_BITS).rev() {
            out[i / 8] |= u8::from(self.bit()) << (i % 8);
        }
        out
    }
    /// The next integer below the modulus.
    fn element(&mut self) -> Fr {
        loop {
            if let Some(v) = Option::from(Fr::from_repr(self.integer().into())) {
                return v;
            }
        }
    }
    /// The next integer reduced by the modulus.
    fn reduced(&mut self) -> Fr {
        let bytes = self.integer();
        let word = |i: usize| u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().expect("8 bytes"));
        let two64 = Fr::from(u64::MAX) + Fr::ONE;
        (0..4).rev().fold(Fr::ZERO, |acc, i| acc * two64 + Fr::from(word(i)))
    }
}

struct Parameters {
    round: Vec<Fr>,
    mds: [[Fr; T]; T],
}

fn parameters() -> &'static Parameters {
    static P: OnceLock<Parameters> = OnceLock::new();
    P.get_or_init(|| {
        let mut grain = Grain::new();
        let round = (0..T * (FULL + PARTIAL)).map(|_| grain.element()).collect();
        let points: Vec<Fr> = (0..2 * T).map(|_| grain.reduced()).collect();
        // A Cauchy matrix.
        let mds = std::array::from_fn(|i| std::array::from_fn(|j| (points[i] + points[T + j]).invert().expect("distinct points")));
        Parameters { round, mds }
    })
}

/// Poseidon of two field elements.
pub fn hash2(a: Fr, b: Fr) -> Fr {
    let p = parameters();
    let mut state = [Fr::ZERO, a, b];
    for (r, constants) in p.round.chunks(T).enumerate() {
        state.iter_mut().zip(constants).for_each(|(s, c)| *s += c);
        let full = !(FULL / 2..FULL / 2 + PARTIAL).contains(&r);
        for s in state.iter_mut().take(if full { T } else { 1 }) {
            *s *= s.square().square();
        }
        state = std::array::from_fn(|i| (0..T).map(|j| p.mds[i][j] * state[j]).sum());
    }
    state[0]
}

/// `h_0 = P(domain, n)`, `h_(i+1) = P(h_i, x_i)`.
pub fn hash_chain(domain: u64, xs: &[Fr]) -> Fr {
    xs.iter().fold(hash2(Fr::from(domain), Fr::from(xs.len() as u64)), |h, x| hash2(h, *x))
}

/// Root of the binary tree over `leaves`, padded with zeros to a power of two; the leaf itself where there is one.
pub fn merkle_root(leaves: &[Fr]) -> Fr {
    let mut level = leaves.to_vec();
    level.resize(leaves.len().next_power_of_two().max(1), Fr::ZERO);
    while level.len() > 1 {
        level = level.chunks(2).map(|p| hash2(p[0], p[1])).collect();
    }
    level[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn field(v: &Value) -> Fr {
        let hex = v.as_str().expect("a string").trim_start_matches("0x");
        let mut bytes = hex::decode(hex).expect("hexadecimal");
        bytes.reverse();
        let repr: [u8; 32] = bytes.try_into().expect("32 bytes");
        Option::from(Fr::from_repr(repr.into())).expect("below the modulus")
    }
    fn list(v: &Value) -> Vec<Fr> {
        v.as_array().expect("a list").iter().map(field).collect()
    }

    #[test]
    fn agrees_with_circomlibjs() {
        let v: Value = serde_json::from_str(include_str!("../../vectors/poseidon.json")).expect("vectors");
        for c in v["hash2"].as_array().expect("a list") {
            assert_eq!(hash2(field(&c["a"]), field(&c["b"])), field(&c["hash"]));
        }
        for c in v["chains"].as_array().expect("a list") {
            assert_eq!(hash_chain(c["domain"].as_u64().expect("a number"), &list(&c["inputs"])), field(&c["hash"]));
        }
        for c in v["trees"].as_array().expect("a list") {
            assert_eq!(merkle_root(&list(&c["leaves"])), field(&c["root"]));
        }
    }
}
