//! Poseidon's rounds: units of two rows, one full round or three partial ones each.

use super::{adv, fix, E};
use crate::config::ChipConfig;
use crate::poseidon::{constant_places, matrix, WIDTH};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, VirtualCells};

/// Cells of a unit, as (column, row).
impl ChipConfig {
    /// The state: input of the S-boxes.
    fn state(&self, v: &mut VirtualCells<'_, Fr>, row: i32) -> [E; WIDTH] {
        let [l0, l1] = self.l;
        [adv(v, l0, row), adv(v, l1, row), adv(v, l0, row + 1)]
    }
    /// Helpers: the four chunk columns of both rows.
    fn helpers(&self, v: &mut VirtualCells<'_, Fr>) -> [E; 8] {
        std::array::from_fn(|i| adv(v, self.a[i % 4], (i / 4) as i32))
    }
    fn round_constants(&self, v: &mut VirtualCells<'_, Fr>) -> [E; WIDTH] {
        let columns = [self.fx.key, self.fx.constant];
        constant_places().map(|(column, row)| fix(v, columns[column], row))
    }

    /// Not 0 in a permutation's first row and in its output's. Units are every other row, so the flags of a row and of the one
    /// two above differ there alone.
    fn port(&self, v: &mut VirtualCells<'_, Fr>) -> E {
        match self.fx.port {
            Some(port) => self.flag(v, port),
            None => {
                let [full, partial] = [self.fx.full, self.fx.partial].map(|unit| fix(v, unit, 0) - fix(v, unit, -2));
                self.flagged(v, full + partial)
            }
        }
    }

    pub(super) fn hash_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        let m = matrix().map(|row| row.map(E::Constant));
        let mix = |i: usize, state: &[E; WIDTH]| (0..WIDTH).map(|j| m[i][j].clone() * state[j].clone()).reduce(|a, b| a + b).expect("three");
        cs.create_gate("full round", |v| {
            let q = self.flag(v, self.fx.full);
            let (x, h, next, k) = (self.state(v, 0), self.helpers(v), self.state(v, 2), self.round_constants(v));
            let mut out = vec![];
            for i in 0..WIDTH {
                out.push(q.clone() * (x[i].clone() * x[i].clone() - h[2 * i].clone()));
                out.push(q.clone() * (h[2 * i].clone() * h[2 * i].clone() - h[2 * i + 1].clone()));
            }
            let powers: [E; WIDTH] = std::array::from_fn(|i| h[2 * i + 1].clone() * x[i].clone());
            for i in 0..WIDTH {
                out.push(q.clone() * (mix(i, &powers) + k[i].clone() - next[i].clone()));
            }
            out
        });
        cs.create_gate("three partial rounds", |v| {
            let q = self.flag(v, self.fx.partial);
            let (x, h, next, k) = (self.state(v, 0), self.helpers(v), self.state(v, 2), self.round_constants(v));
            let mut out = vec![];
            let [mut input, mut s1, mut s2] = x;
            for round in 0..3 {
                // Helpers: square and fourth power; then the next S-box's input, its square and fourth power.
                let (square, fourth) = (h[3 * round].clone(), h[3 * round + 1].clone());
                out.push(q.clone() * (input.clone() * input.clone() - square.clone()));
                out.push(q.clone() * (square.clone() * square - fourth.clone()));
                let state = [fourth * input, s1, s2];
                let first = mix(0, &state) + k[round].clone();
                (s1, s2) = (mix(1, &state), mix(2, &state));
                input = if round == 2 { next[0].clone() } else { h[3 * round + 2].clone() };
                out.push(q.clone() * (first - input.clone()));
            }
            out.push(q.clone() * (s1 - next[1].clone()));
            out.push(q * (s2 - next[2].clone()));
            out
        });
        cs.create_gate("inputs and outputs of a permutation", |v| {
            let q = self.port(v);
            let (state, given) = (self.state(v, 0), [0, 1, 2].map(|i| adv(v, self.t, i)));
            let k = [fix(v, self.fx.key, -1), fix(v, self.fx.constant, -1), fix(v, self.fx.constant, 1)];
            let all = state.into_iter().zip(given).zip(k);
            all.map(|((s, t), k)| q.clone() * (t + k - s)).collect::<Vec<_>>()
        });
    }
}
