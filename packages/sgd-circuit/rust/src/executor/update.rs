//! Plain SGD's update of all kernels and biases.

use super::arith::{self, max_abs, sparse};
use super::ranges::{checked_weight, WEIGHT_LIMIT};
use super::Executor;
use crate::trace::LayerTrace;
use pot_proof_system::error::PotError;

impl Executor {
    pub(super) fn update(&mut self, layers: &[LayerTrace], eta: i64) -> Result<(), PotError> {
        let s = &self.spec;
        // Largest possible change of a weight and of a bias: where it cannot reach the limit, update in place.
        let bound =
            |t: &LayerTrace| u128::from(max_abs(&t.delta)) * u128::from(max_abs(&t.input).max(1 << s.scales.a)) * s.batch as u128 * eta as u128;
        let change = layers.iter().map(bound).max().unwrap_or(0);
        if u128::from(max_abs(&self.weights)) + change < u128::from(WEIGHT_LIMIT) {
            let mut next = std::mem::take(&mut self.weights);
            self.update_rows(layers, |l, i, at, mi, mo, inputs| {
                let t = &layers[l];
                let column = t.delta.iter().skip(i).step_by(mo).map(|d| d * eta);
                arith::update(&mut next[at..at + mi], column.clone().zip(inputs.iter().map(Vec::as_slice)));
                if let Some(bias) = self.bias_index(l, i, at) {
                    next[bias] -= column.sum::<i64>() << s.scales.a;
                }
                Ok(())
            })?;
            self.weights = next;
            return Ok(());
        }
        let (mut next, mut sums) = (self.weights.clone(), vec![]);
        self.update_rows(layers, |l, i, at, mi, mo, inputs| {
            let t = &layers[l];
            let column = t.delta.iter().skip(i).step_by(mo).map(|d| i128::from(*d) * i128::from(eta));
            arith::update_wide(&next[at..at + mi], column.clone().zip(inputs.iter().map(Vec::as_slice)), &mut sums);
            for (j, v) in sums.iter().enumerate() {
                next[at + j] = checked_weight(at + j, *v)?;
            }
            if let Some(bias) = self.bias_index(l, i, at) {
                next[bias] = checked_weight(bias, i128::from(next[bias]) - (column.sum::<i128>() << s.scales.a))?;
            }
            Ok(())
        })?;
        self.weights = next;
        Ok(())
    }

    /// Calls `row(layer, unit, index of its first weight, inputs, outputs, sparse inputs of each sample)` for every unit.
    fn update_rows(
        &self,
        layers: &[LayerTrace],
        mut row: impl FnMut(usize, usize, usize, usize, usize, &[Vec<(usize, i64)>]) -> Result<(), PotError>,
    ) -> Result<(), PotError> {
        for ((l, layer), offset) in self.spec.layers.iter().enumerate().zip(self.offsets()) {
            let inputs: Vec<_> = layers[l].input.chunks(layer.inputs).map(sparse).collect();
            for i in 0..layer.outputs {
                row(l, i, offset + i * layer.inputs, layer.inputs, layer.outputs, &inputs)?;
            }
        }
        Ok(())
    }

    /// Flat index of unit `i`'s bias, whose kernel row starts at `at`.
    fn bias_index(&self, l: usize, i: usize, at: usize) -> Option<usize> {
        let layer = &self.spec.layers[l];
        layer.bias.then(|| at + (layer.outputs - i) * layer.inputs + i)
    }
}
