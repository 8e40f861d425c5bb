//! Poseidon's rounds: units of a row, one full round or three partial ones each.

use super::{adv, fix, E};
use crate::config::{ChipConfig, CHUNKS};
use crate::poseidon::{matrix, COPIES, ENDS, HELPERS, WIDTH};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, VirtualCells};

impl ChipConfig {
    /// The state: input of the S-boxes.
    fn state(&self, v: &mut VirtualCells<'_, Fr>, row: i32) -> [E; WIDTH] {
        self.l.map(|l| adv(v, l, row))
    }
    /// Helpers: the chunk columns, then the columns of copies.
    fn helpers(&self, v: &mut VirtualCells<'_, Fr>) -> [E; HELPERS] {
        std::array::from_fn(|i| if i < CHUNKS { adv(v, self.a[i], 0) } else { adv(v, self.t[i - CHUNKS], 0) })
    }
    fn round_constants(&self, v: &mut VirtualCells<'_, Fr>, row: i32) -> [E; WIDTH] {
        self.fx.round_constants().map(|column| fix(v, column, row))
    }

    pub(super) fn hash_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        let m = matrix().map(|row| row.map(E::Constant));
        let mix = |i: usize, state: &[E; WIDTH]| (0..WIDTH).map(|j| m[i][j].clone() * state[j].clone()).reduce(|a, b| a + b).expect("three");
        cs.create_gate("full round", |v| {
            let q = self.unit(v, self.fx.flex);
            let (x, h, next, k) = (self.state(v, 0), self.helpers(v), self.state(v, 1), self.round_constants(v, 0));
            let mut out = vec![];
            for i in 0..WIDTH {
                out.push(("square", q.clone() * (x[i].clone() * x[i].clone() - h[2 * i].clone())));
                out.push(("fourth power", q.clone() * (h[2 * i].clone() * h[2 * i].clone() - h[2 * i + 1].clone())));
            }
            let powers: [E; WIDTH] = std::array::from_fn(|i| h[2 * i + 1].clone() * x[i].clone());
            for i in 0..WIDTH {
                out.push(("next state", q.clone() * (mix(i, &powers) + k[i].clone() - next[i].clone())));
            }
            out
        });
        cs.create_gate("three partial rounds", |v| {
            let q = self.unit(v, self.fx.digit);
            let (x, h, next, k) = (self.state(v, 0), self.helpers(v), self.state(v, 1), self.round_constants(v, 0));
            let mut out = vec![];
            let [mut input, mut s1, mut s2] = x;
            for round in 0..3 {
                // Helpers: square and fourth power; then the next S-box's input, its square and fourth power.
                let (square, fourth) = (h[3 * round].clone(), h[3 * round + 1].clone());
                out.push(("square", q.clone() * (input.clone() * input.clone() - square.clone())));
                out.push(("fourth power", q.clone() * (square.clone() * square - fourth.clone())));
                let state = [fourth * input, s1, s2];
                let first = mix(0, &state) + k[round].clone();
                (s1, s2) = (mix(1, &state), mix(2, &state));
                input = if round == 2 { next[0].clone() } else { h[3 * round + 2].clone() };
                out.push(("the next S-box's input", q.clone() * (first - input.clone())));
            }
            out.push(("next state, 1", q.clone() * (s1 - next[1].clone())));
            out.push(("next state, 2", q * (s2 - next[2].clone())));
            out
        });
        cs.create_gate("inputs and outputs of a permutation", |v| {
            let beyond = self.beyond(v);
            // Units follow each other row by row, so this is 1 in the first one's row, -1 in the output's, else 0.
            let [own, above] = [0, -1].map(|row| fix(v, self.fx.flex, row) + fix(v, self.fx.digit, row));
            let end = own - above;
            // An input gets the first constants, which lie in the row above; an output is copied as it is.
            let half = Fr::from(2).invert().expect("not zero");
            let [input, output] = [Fr::one(), -Fr::one()].map(|sign| end.clone() * (end.clone() + E::Constant(sign)) * half);
            let mut copies = |end: usize| COPIES[end].map(|(column, row)| adv(v, self.t[column], row as i32 - ENDS[end] as i32));
            let (given, made) = (copies(0), copies(1));
            let all = self.state(v, 0).into_iter().zip(given).zip(made).zip(self.round_constants(v, -1));
            let constraint =
                |(((s, given), made), k): (((E, E), E), E)| beyond.clone() * (input.clone() * (given + k - s.clone()) + output.clone() * (made - s));
            all.map(|cells| ("a copy in or out", constraint(cells))).collect::<Vec<_>>()
        });
    }
}
