//! The permutation, with fewer multiplications than its definition has and the same result.
//!
//! A partial round is `s -> M S0(s + c)`, where S0 changes the first cell alone. What touches only the other cells commutes
//! with S0, so (Poseidon, Grassi et al., USENIX Security 2021, appendix B)
//! - the constants of the other cells are moved behind S0, into the next round's: one constant a partial round is left;
//! - `M = S B`, with `S = [m00, v H^-1; w, I]` and `B = [1, 0; 0, H]` for `M = [m00, v; w, H]`, and B moves before S0, into
//!   the matrix of the round before: partial rounds multiply by sparse matrices, 5 products instead of 9.

use super::constants::Constants;
use super::{FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use std::sync::OnceLock;

/// Three cells: the capacity, then two that take inputs.
pub type State = [Fr; WIDTH];
type Matrix = [[Fr; WIDTH]; WIDTH];

const HALF: usize = FULL_ROUNDS / 2;

/// `[row; column, identity]`: a partial round's matrix.
struct Sparse {
    row: [Fr; WIDTH],
    column: [Fr; WIDTH - 1],
}

struct Optimised {
    first: [State; HALF],
    /// Instead of the matrix in the last full round before the partial ones.
    before_partial: Matrix,
    /// Constant of the first cell, and the matrix.
    partial: Vec<(Fr, Sparse)>,
    last: [State; HALF],
    matrix: Matrix,
}

fn times(m: &Matrix, s: &State) -> State {
    m.map(|row| row[0] * s[0] + row[1] * s[1] + row[2] * s[2])
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..WIDTH).map(|k| a[i][k] * b[k][j]).sum()))
}

/// `M = S B` as above: S, and B.
fn factor(m: &Matrix) -> (Sparse, Matrix) {
    let [[m00, v1, v2], [w1, a, b], [w2, c, d]] = *m;
    let inverse: Option<Fr> = (a * d - b * c).invert().into();
    let inverse = inverse.expect("every square part of a Cauchy matrix is invertible, and so are products of such parts");
    let row = [m00, (v1 * d - v2 * c) * inverse, (v2 * a - v1 * b) * inverse];
    let (zero, one) = (Fr::ZERO, Fr::ONE);
    (Sparse { row, column: [w1, w2] }, [[one, zero, zero], [zero, a, b], [zero, c, d]])
}

impl Optimised {
    fn new(constants: &Constants) -> Self {
        let matrix = constants.matrix;
        let mut rounds = constants.rounds.clone();
        for r in HALF..HALF + PARTIAL_ROUNDS {
            let moved = times(&matrix, &[Fr::ZERO, rounds[r][1], rounds[r][2]]);
            rounds[r + 1].iter_mut().zip(moved).for_each(|(c, m)| *c += m);
        }
        let mut before_partial = matrix;
        let mut sparse = vec![];
        for _ in 0..PARTIAL_ROUNDS {
            // The round's own matrix, and what moved here from the round after it.
            let (s, moved) = factor(&before_partial);
            sparse.push(s);
            before_partial = product(&moved, &matrix);
        }
        let partial = (HALF..).zip(sparse.into_iter().rev()).map(|(r, s)| (rounds[r][0], s)).collect();
        let from = |at: usize| std::array::from_fn(|i| rounds[at + i]);
        Self { first: from(0), before_partial, partial, last: from(HALF + PARTIAL_ROUNDS), matrix }
    }
}

fn optimised() -> &'static Optimised {
    static OPTIMISED: OnceLock<Optimised> = OnceLock::new();
    OPTIMISED.get_or_init(|| Optimised::new(super::constants()))
}

fn pow5(v: Fr) -> Fr {
    v.square().square() * v
}

fn full(state: &State, constants: &State, matrix: &Matrix) -> State {
    times(matrix, &std::array::from_fn(|i| pow5(state[i] + constants[i])))
}

/// 8 full and 57 partial rounds.
pub fn permute(state: &mut State) {
    let o = optimised();
    let mut s = *state;
    for (i, constants) in o.first.iter().enumerate() {
        s = full(&s, constants, if i + 1 == HALF { &o.before_partial } else { &o.matrix });
    }
    for (constant, Sparse { row, column }) in &o.partial {
        let x = pow5(s[0] + constant);
        s = [row[0] * x + row[1] * s[1] + row[2] * s[2], s[1] + column[0] * x, s[2] + column[1] * x];
    }
    for constants in &o.last {
        s = full(&s, constants, &o.matrix);
    }
    *state = s;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};

    /// The permutation as it is defined.
    fn defined(state: &State) -> State {
        let c = super::super::constants();
        c.rounds.iter().enumerate().fold(*state, |mut s, (round, constants)| {
            s.iter_mut().zip(constants).for_each(|(s, k)| *s += k);
            let full = !(HALF..HALF + PARTIAL_ROUNDS).contains(&round);
            s[..if full { WIDTH } else { 1 }].iter_mut().for_each(|s| *s = pow5(*s));
            times(&c.matrix, &s)
        })
    }

    #[test]
    fn is_the_one_that_is_defined() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE];
        let corners = (0..27).map(|i| [edges[i % 3], edges[i / 3 % 3], edges[i / 9]]);
        let random = (0..1000).map(|_| std::array::from_fn(|_| Fr::random(&mut rng)));
        for state in corners.chain(random) {
            let mut got = state;
            permute(&mut got);
            assert_eq!(got, defined(&state));
        }
    }
}
