//! Differences, and the mean of their squares.

use super::super::operator::{overflow, Call, Loss, Output};
use super::MeanSquaredError;
use crate::number::Number;
use pot_proof_system::error::PotError;

impl MeanSquaredError {
    pub(super) fn gradient<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let shift = self.gradient_bits - call.facts[0].bits;
        let pairs = call.inputs[0].iter().zip(call.inputs[1]);
        let mut values: Vec<N> =
            pairs.map(|(z, y)| z.minus(*y).and_then(|v| v.up(shift))).collect::<Option<_>>().ok_or_else(overflow)?;
        if let Some(i) = call.broken("difference", values.len()) {
            values[i] = values[i].plus(N::UNIT.up(shift).unwrap_or_default()).unwrap_or_default();
        }
        Ok(Output { values, cells: vec![] })
    }

    /// The mean over rows of each row's mean.
    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        let outputs = call.out.shape.last().copied().unwrap_or(1);
        let (rows, bits) = ((call.out.len() / outputs) as f64, call.facts[0].bits);
        let row = |(z, y): (&[N], &[N])| {
            let squares = z.iter().zip(y).map(|(z, y)| (z.real(bits) - y.real(bits)).powi(2));
            squares.sum::<f64>() / outputs as f64
        };
        let mut value = 0.0;
        call.inputs[0].chunks(outputs).zip(call.inputs[1].chunks(outputs)).for_each(|rows| value += row(rows));
        Loss { value: value / rows, correct: 0, factor: 2.0 / call.out.len() as f64 }
    }
}
