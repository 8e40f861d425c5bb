//! Maxima, exponentials by table, sums and quotients.

use super::super::operator::{out_of_range, overflow, Call, Loss, Output};
use super::super::ranges::{of, stored};
use super::{exp_tables, SoftmaxCrossEntropy};
use crate::number::Number;
use pot_proof_system::error::PotError;

/// The unit's integers, `[row][class]` or one a row.
#[derive(Default)]
struct Cells {
    max: Vec<i128>,
    arg_max: Vec<i128>,
    hi: Vec<i128>,
    lo: Vec<i128>,
    e_hi: Vec<i128>,
    e_lo: Vec<i128>,
    sum: Vec<i128>,
    q: Vec<i128>,
    rem: Vec<i128>,
}

impl SoftmaxCrossEntropy {
    pub(super) fn gradient<N: Number>(&self, call: &Call<N>) -> Result<Output<N>, PotError> {
        let classes = classes(call);
        let (zero, one) = (N::default(), N::whole(1));
        let one_hot = |y: &[N]| y.iter().all(|v| *v == zero || *v == one) && y.iter().filter(|v| **v == one).count() == 1;
        if !call.inputs[1].chunks(classes).all(one_hot) {
            return Err(PotError::new("DATA_LABELS", "labels of softmax cross-entropy must be one-hot".into()));
        }
        if !N::EXACT {
            let rows = call.inputs[0].chunks(classes).zip(call.inputs[1].chunks(classes));
            let values = rows.map(|(z, y)| real_row(z, y, &|y| self.target(y, classes))).collect::<Option<Vec<_>>>().ok_or_else(overflow)?.concat();
            return Ok(Output { values, cells: vec![] });
        }
        let mut cells = Cells::default();
        let (z, tables) = (stored(call.inputs[0]), exp_tables(call.formats, call.facts[0].bits));
        for z in z.chunks(classes) {
            self.row(call, &tables, z, &mut cells)?;
        }
        let lie = call.broken("label", z.len());
        let values = cells.q.iter().zip(call.inputs[1]).enumerate().map(|(i, (q, y))| {
            let y = y.stored() + i128::from(lie == Some(i));
            N::of(q - y * self.weight(classes) - i128::from(self.smoothing))
        });
        Ok(Output { values: values.collect(), cells: cells.named() })
    }

    /// One row: M = max z, E = EHI[t >> low] ELO[t mod 2^low] of t = M - z, `q = floor((2^(d+1) E + S) / (2 S))`.
    fn row<N: Number>(&self, call: &Call<N>, tables: &(Vec<u32>, Vec<u32>), z: &[i128], cells: &mut Cells) -> Result<(), PotError> {
        let (row, low) = (cells.max.len(), call.facts[0].bits - 2);
        let here = |rule: &str| call.broken(rule, call.inputs[0].len()).filter(|i| i / z.len() == row).map(|i| i % z.len());
        let max = z.iter().copied().max().unwrap_or(0) + i128::from(here("maximum").is_some());
        cells.max.push(max);
        cells.arg_max.push(z.iter().position(|v| *v == max).map_or(-1, |i| i as i128));
        let mut exponentials = Vec::with_capacity(z.len());
        for (i, v) in z.iter().enumerate() {
            let diff = max - v;
            let (hi, lo) = (diff >> low, diff & ((1 << low) - 1));
            let Some(e_hi) = usize::try_from(hi).ok().and_then(|h| tables.0.get(h)) else {
                return Err(out_of_range("difference of outputs", diff, (tables.0.len() as i128) << low));
            };
            let e_lo = i128::from(tables.1[lo as usize]) + i128::from(here("exponential") == Some(i));
            exponentials.push(i128::from(*e_hi) * e_lo);
            cells.hi.push(hi);
            cells.lo.push(lo);
            cells.e_hi.push((*e_hi).into());
            cells.e_lo.push(e_lo);
        }
        let sum = exponentials.iter().sum::<i128>() << u32::from(here("sum").is_some());
        cells.sum.push(sum);
        for (i, e) in exponentials.iter().enumerate() {
            let n = (e << (self.gradient_bits + 1)) + sum;
            let q = n / (2 * sum) + i128::from(here("quotient") == Some(i));
            cells.q.push(q);
            cells.rem.push(n - q * 2 * sum);
        }
        Ok(())
    }

    /// What a label of 0 or 1 asks for, in real numbers.
    fn target(&self, y: f64, classes: usize) -> f64 {
        let one = f64::from(self.gradient_bits).exp2();
        (self.weight(classes) as f64 * y + f64::from(self.smoothing)) / one
    }

    /// Mean cross-entropy in nats, and how many rows are right.
    pub(super) fn value<N: Number>(&self, call: &Call<N>) -> Loss {
        let (classes, bits) = (classes(call), call.facts[0].bits);
        let (mut value, mut correct) = (0.0, 0);
        for (z, y) in call.inputs[0].chunks(classes).zip(call.inputs[1].chunks(classes)) {
            let label = y.iter().position(|v| *v > N::default()).unwrap_or(0);
            let z: Vec<f64> = z.iter().map(|v| v.real(bits)).collect();
            let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = z.iter().map(|v| (v - max).exp()).sum();
            let nats = |(i, z): (usize, &f64)| self.target(f64::from(u8::from(i == label)), classes) * (sum.ln() + (max - z));
            value += z.iter().enumerate().map(nats).sum::<f64>();
            correct += u32::from(z.iter().position(|v| *v == max) == Some(label));
        }
        let rows = (call.out.len() / classes) as f64;
        Loss { value: value / rows, correct, factor: 1.0 / rows }
    }
}

/// Entries of a row.
fn classes<N>(call: &Call<N>) -> usize {
    call.out.shape.last().copied().unwrap_or(1)
}

/// In real numbers: `softmax(z)` less what labels ask for. A double's integer stands for itself, so exponentials are of what `real` gives.
fn real_row<N: Number>(z: &[N], y: &[N], target: &dyn Fn(f64) -> f64) -> Option<Vec<N>> {
    let z: Vec<f64> = z.iter().map(|v| v.real(0)).collect();
    let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = z.iter().map(|v| (v - max).exp()).sum();
    z.iter().zip(y).map(|(z, y)| N::approximate((z - max).exp() / sum).minus(N::approximate(target(y.real(0))))).collect()
}

impl Cells {
    /// Each is dropped as soon as it is copied.
    fn named<N: Number>(self) -> Vec<(&'static str, Vec<N>)> {
        let all = [
            ("max", self.max),
            ("argMax", self.arg_max),
            ("hi", self.hi),
            ("lo", self.lo),
            ("eHi", self.e_hi),
            ("eLo", self.e_lo),
            ("sum", self.sum),
            ("q", self.q),
            ("rem", self.rem),
        ];
        all.into_iter().map(|(name, values)| (name, of(&values))).collect()
    }
}
