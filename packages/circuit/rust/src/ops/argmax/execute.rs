//! Maxima, which entry has them first, and by how much the others are less.

use super::super::operator::{out_of_range, Call, Output};
use super::super::ranges::{of, stored};
use super::ArgMax;
use crate::number::Number;
use pot_proof_system::error::PotError;

/// The first of a row's largest entries.
fn first<N: Number>(row: &[N]) -> usize {
    (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

impl ArgMax {
    pub(super) fn chosen<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let width = call.out.shape.last().copied().unwrap_or(1);
        if !N::EXACT {
            let row = |row: &[N]| (0..width).map(|i| N::whole((i == first(row)).into())).collect::<Vec<_>>();
            return Ok(Output { values: call.inputs[0].chunks(width).flat_map(row).collect(), cells: vec![] });
        }
        let (z, most) = (stored(call.inputs[0]), 1i128 << (2 * call.formats.limb_bits));
        let [mut values, mut maxima, mut distances] = [(); 3].map(|()| vec![]);
        for (number, row) in z.chunks(width).enumerate() {
            let here = |rule: &str| call.broken(rule, z.len()).filter(|i| i / width == number).map(|i| i % width);
            let (largest, lie) = (first(row), here("distance"));
            let chosen = here("choice").unwrap_or(largest);
            let max = row[largest] + i128::from(here("maximum").is_some());
            maxima.push(max);
            for (i, v) in row.iter().enumerate() {
                // What stands before the choice is less, and not only no more.
                let distance = max - v - i128::from(i < chosen);
                if distance >= most {
                    return Err(out_of_range("distance from the largest", distance, most));
                }
                distances.push(distance + i128::from(lie == Some(i)));
                values.push(i128::from(i == chosen));
            }
        }
        Ok(Output { values: of(&values), cells: vec![("maximum", of(&maxima)), ("distance", of(&distances))] })
    }
}
