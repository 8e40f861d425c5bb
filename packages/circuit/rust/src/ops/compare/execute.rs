//! Flags, and how far a number lies within its limits or beyond them.

use super::super::operator::{out_of_range, Call, Output};
use super::super::ranges::{of, stored};
use super::Compare;
use crate::number::Number;
use pot_proof_system::error::PotError;

/// Of the first limit and of the second.
const CELLS: [[&str; 2]; 2] = [["flag", "distance"], ["second flag", "second distance"]];

impl Compare {
    pub(super) fn compared<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        if !N::EXACT {
            let scale = f64::from(call.facts[0].bits).exp2();
            let within = |v: &N| self.sides().iter().all(|s| s.sign as f64 * (v.real(0) * scale - s.limit as f64) >= 0.0);
            return Ok(Output { values: call.inputs[0].iter().map(|v| N::whole(within(v).into())).collect(), cells: vec![] });
        }
        let (x, most) = (stored(call.inputs[0]), 1i128 << (2 * call.formats.limb_bits));
        let mut values = vec![1; x.len()];
        let mut cells = vec![];
        for (side, names) in self.sides().iter().zip(CELLS) {
            let lies = names.map(|rule| call.broken(rule, x.len()));
            let (mut flags, mut distances) = (vec![], vec![]);
            for (i, x) in x.iter().enumerate() {
                let q = side.distance(*x);
                if !(1 - most..=most).contains(&q) {
                    return Err(out_of_range("distance from a limit", q, most));
                }
                let flag = i128::from((q > 0) != (lies[0] == Some(i)));
                values[i] *= flag;
                flags.push(flag);
                // `q = flag (2 distance + 1) - distance`.
                distances.push(if flag == 1 { q - 1 } else { -q } + i128::from(lies[1] == Some(i)));
            }
            cells.extend([(names[0], of(&flags)), (names[1], of(&distances))]);
        }
        Ok(Output { values: of(&values), cells })
    }
}
