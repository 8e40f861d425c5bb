//! Poseidon's constants for BN254's scalar field, t = 3, from the Grain LFSR.
//!
//! The generator is that of the Poseidon paper's reference script (`generate_parameters_grain.sage 1 0 254 3 8 57 r`),
//! which circomlib's constants come from: Poseidon, Grassi et al., USENIX Security 2021, appendix E (the LFSR) and
//! section 2.3 (the Cauchy matrix).

use super::{FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;

/// Bits of the field's modulus.
const FIELD_BITS: usize = 254;

/// The self-shrinking 80-bit LFSR.
struct Grain {
    state: [bool; 80],
    at: usize,
}

impl Grain {
    fn new() -> Self {
        // Field kind (1 = prime, 2 bits), S-box (0 = power, 4), field bits (12), t (12), rounds (10 and 10), thirty ones.
        let fields = [(1, 2), (0, 4), (FIELD_BITS, 12), (WIDTH, 12), (FULL_ROUNDS, 10), (PARTIAL_ROUNDS, 10), ((1 << 30) - 1, 30)];
        let mut state = [false; 80];
        let bits = fields.iter().flat_map(|(v, n)| (0..*n).rev().map(move |i| v >> i & 1 == 1));
        state.iter_mut().zip(bits).for_each(|(s, b)| *s = b);
        let mut grain = Self { state, at: 0 };
        (0..160).for_each(|_| {
            grain.clock();
        });
        grain
    }

    fn clock(&mut self) -> bool {
        let bit = [62, 51, 38, 23, 13, 0].iter().fold(false, |b, tap| b ^ self.state[(self.at + tap) % 80]);
        self.state[self.at] = bit;
        self.at = (self.at + 1) % 80;
        bit
    }

    /// Bits come in pairs: the second counts where the first is set.
    fn bit(&mut self) -> bool {
        while !self.clock() {
            self.clock();
        }
        self.clock()
    }

    /// 254 bits, most significant first, as little-endian bytes.
    fn bytes(&mut self) -> [u8; 32] {
        let mut out = [0; 32];
        for i in (0..FIELD_BITS).rev() {
            out[i / 8] |= u8::from(self.bit()) << (i % 8);
        }
        out
    }

    /// A uniform field element: values at or above the modulus are drawn again.
    fn uniform(&mut self) -> Fr {
        loop {
            if let Some(v) = Option::from(Fr::from_repr(self.bytes())) {
                return v;
            }
        }
    }

    /// A field element for the matrix: reduced, not drawn again.
    fn reduced(&mut self) -> Fr {
        let bytes = self.bytes();
        bytes.iter().rev().fold(Fr::ZERO, |acc, b| acc * Fr::from(256) + Fr::from(u64::from(*b)))
    }
}

/// Round constants, `[round][cell]`, and the matrix.
pub struct Constants {
    pub rounds: Vec<[Fr; WIDTH]>,
    pub matrix: [[Fr; WIDTH]; WIDTH],
}

impl Constants {
    pub fn generate() -> Self {
        let mut grain = Grain::new();
        let rounds = (0..FULL_ROUNDS + PARTIAL_ROUNDS).map(|_| std::array::from_fn(|_| grain.uniform())).collect();
        // The paper's script draws again where two of the numbers are equal or a sum is 0; with these parameters none is.
        let x: [Fr; WIDTH] = std::array::from_fn(|_| grain.reduced());
        let y: [Fr; WIDTH] = std::array::from_fn(|_| grain.reduced());
        let matrix = x.map(|x| y.map(|y| Option::from((x + y).invert()).expect("the sums are not zero")));
        Self { rounds, matrix }
    }
}
