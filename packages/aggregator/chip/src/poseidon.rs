//! Poseidon's permutation as the chip lays it out: 27 units of a row, and the output.

use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::poseidon::parameters;
use std::sync::OnceLock;

pub const WIDTH: usize = 3;
/// Rows of a permutation: a unit each, and the output's.
pub const ROWS: usize = UNITS + 1;
/// Helpers of a unit.
pub const HELPERS: usize = 8;
/// Full rounds before the partial ones, and after.
const HALF: usize = 4;
const PARTIAL_UNITS: usize = 19;
const PARTIAL_ROUNDS: usize = 3 * PARTIAL_UNITS;
pub const UNITS: usize = 2 * HALF + PARTIAL_UNITS;

/// The mixing matrix.
pub fn matrix() -> [[Fr; WIDTH]; WIDTH] {
    *parameters().1
}

/// Whether a unit is a full round.
pub fn is_full(unit: usize) -> bool {
    !(HALF..HALF + PARTIAL_UNITS).contains(&unit)
}

/// Column T (0 or 1) and row of the three copies of the input and of the output. The third lies beside a full round, which leaves T free.
pub const COPIES: [[(usize, usize); WIDTH]; 2] = [[(0, 0), (1, 0), (0, 1)], [(0, UNITS), (1, UNITS), (0, UNITS - 1)]];
/// Rows of the input and of the output.
pub const ENDS: [usize; 2] = [0, UNITS];

/// What is added to the input, and each unit's constants.
pub struct Constants {
    pub first: [Fr; WIDTH],
    pub units: Vec<[Fr; WIDTH]>,
}

/// The round constants, moved: in partial rounds the second and third cell are stored without theirs, less an offset
/// that is chosen so that none is left after the last of them.
pub fn constants() -> &'static Constants {
    static CONSTANTS: OnceLock<Constants> = OnceLock::new();
    CONSTANTS.get_or_init(|| {
        let (rounds, m) = parameters();
        let end = HALF + PARTIAL_ROUNDS;
        let determinant = m[1][1] * m[2][2] - m[1][2] * m[2][1];
        let inverse: Fr = Option::from(determinant.invert()).expect("a Cauchy matrix");
        // offsets[r]: what the stored cells lack before round r; offset' = N offset + constants of the round after.
        let mut offsets = vec![[Fr::ZERO; 2]; end + 1];
        for r in (HALF..end).rev() {
            let [a, b] = [offsets[r + 1][0] - rounds[r + 1][1], offsets[r + 1][1] - rounds[r + 1][2]];
            offsets[r] = [(m[2][2] * a - m[1][2] * b) * inverse, (m[1][1] * b - m[2][1] * a) * inverse];
        }
        let mut units = vec![];
        let full = |r: usize| rounds.get(r + 1).copied().unwrap_or([Fr::ZERO; WIDTH]);
        (0..HALF).for_each(|r| units.push(full(r)));
        units[HALF - 1][1] -= offsets[HALF][0];
        units[HALF - 1][2] -= offsets[HALF][1];
        let partial = |r: usize| rounds[r + 1][0] + m[0][1] * offsets[r][0] + m[0][2] * offsets[r][1];
        units.extend((0..PARTIAL_UNITS).map(|u| std::array::from_fn(|i| partial(HALF + 3 * u + i))));
        (end..end + HALF).for_each(|r| units.push(full(r)));
        Constants { first: rounds[0], units }
    })
}

/// States and helpers of each unit, and the output.
pub struct Trace {
    pub units: Vec<([Fr; WIDTH], [Fr; HELPERS])>,
    pub output: [Fr; WIDTH],
}

fn mix(state: &[Fr; WIDTH]) -> [Fr; WIDTH] {
    parameters().1.map(|row| row[0] * state[0] + row[1] * state[1] + row[2] * state[2])
}

/// Computes a permutation.
pub fn trace(input: [Fr; WIDTH]) -> Trace {
    let c = constants();
    let mut state: [Fr; WIDTH] = std::array::from_fn(|i| input[i] + c.first[i]);
    let mut units = Vec::with_capacity(UNITS);
    for (unit, k) in c.units.iter().enumerate() {
        let before = state;
        let mut helpers = [Fr::ZERO; HELPERS];
        if is_full(unit) {
            for i in 0..WIDTH {
                helpers[2 * i] = state[i].square();
                helpers[2 * i + 1] = helpers[2 * i].square();
                state[i] *= helpers[2 * i + 1];
            }
            state = mix(&state);
            state.iter_mut().zip(k).for_each(|(s, k)| *s += k);
        } else {
            for round in 0..3 {
                helpers[3 * round] = state[0].square();
                helpers[3 * round + 1] = helpers[3 * round].square();
                state[0] *= helpers[3 * round + 1];
                state = mix(&state);
                state[0] += k[round];
                if round < 2 {
                    helpers[3 * round + 2] = state[0];
                }
            }
        }
        units.push((before, helpers));
    }
    Trace { units, output: state }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moved_constants_give_the_same_hash() {
        for i in 0..20 {
            let [a, b] = [Fr::from(i), Fr::from(1000 - i).square().square().square().square()];
            assert_eq!(trace([Fr::ZERO, a, b]).output[0], pot_proof_system::poseidon::hash2(a, b));
        }
    }
}
