//! The loss: its gradient in integers, and its value in floating point for the training log.

use super::{range, StepReport};
use crate::spec::SgdSpec;
use crate::trace::{SoftmaxTrace, StepTrace};
use pot_proof_system::error::PotError;

/// Gradient at scale d with respect to the output `z` (`[sample][output]`, scale a).
pub(super) fn gradient(s: &SgdSpec, tables: &(Vec<u32>, Vec<u32>), z: &[i64], y: &[i32]) -> Result<(Vec<i64>, Option<SoftmaxTrace>), PotError> {
    if !s.softmax() {
        let shift = s.scales.d - s.scales.a;
        return Ok((z.iter().zip(y).map(|(z, y)| (z - i64::from(*y)) << shift).collect(), None));
    }
    let (m, d, low) = (s.outputs(), s.scales.d, s.scales.exp_low_bits());
    let mut t = SoftmaxTrace::default();
    let mut delta = Vec::with_capacity(z.len());
    for (z, y) in z.chunks(m).zip(y.chunks(m)) {
        if y.iter().any(|v| *v != 0 && *v != 1) || y.iter().sum::<i32>() != 1 {
            return Err(PotError::new("DATA_LABELS", "labels of softmax cross-entropy must be one-hot".into()));
        }
        let max = *z.iter().max().expect("at least one output");
        t.max.push(max);
        t.arg_max.push(z.iter().position(|v| *v == max).expect("the maximum is one of them"));
        let mut exps = Vec::with_capacity(m);
        for v in z {
            let diff = (max - v) as u64;
            let (hi, lo) = (diff >> low, diff & ((1 << low) - 1));
            let Some(e_hi) = tables.0.get(hi as usize) else {
                return Err(range(s.layers.len() - 1, "difference of outputs", i128::from(diff), (tables.0.len() as i128) << low));
            };
            let (e_hi, e_lo) = (u64::from(*e_hi), u64::from(tables.1[lo as usize]));
            t.hi.push(hi);
            t.lo.push(lo);
            t.e_hi.push(e_hi);
            t.e_lo.push(e_lo);
            exps.push(e_hi * e_lo);
        }
        let sum: u64 = exps.iter().sum();
        t.sum.push(sum);
        for (e, y) in exps.iter().zip(y) {
            let n = (u128::from(*e) << (d + 1)) + u128::from(sum);
            let q = n / (2 * u128::from(sum));
            t.rem.push((n - q * 2 * u128::from(sum)) as u64);
            t.q.push(q as u64);
            delta.push(q as i64 - (i64::from(*y) << d));
        }
    }
    Ok((delta, Some(t)))
}

/// tfjs's mean loss of the batch and, for softmax, the number of samples it gets right.
pub(super) fn report(s: &SgdSpec, trace: &StepTrace, y: &[i32]) -> StepReport {
    let scale = f64::from(1u32 << s.scales.a);
    let z = &trace.layers[trace.layers.len() - 1].z;
    let (mut loss, mut correct) = (0.0, 0);
    for (b, (z, y)) in z.chunks(s.outputs()).zip(y.chunks(s.outputs())).enumerate() {
        if let Some(t) = &trace.softmax {
            let label = y.iter().position(|v| *v == 1).unwrap_or(0);
            let max = t.max[b] as f64;
            let sum: f64 = z.iter().map(|v| ((*v as f64 - max) / scale).exp()).sum();
            loss += sum.ln() + (max - z[label] as f64) / scale;
            correct += u32::from(t.arg_max[b] == label);
        } else {
            let errors = z.iter().zip(y).map(|(z, y)| ((z - i64::from(*y)) as f64 / scale).powi(2));
            loss += errors.sum::<f64>() / s.outputs() as f64;
        }
    }
    StepReport { loss: loss / s.batch as f64, correct }
}
