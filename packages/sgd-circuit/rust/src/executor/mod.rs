//! The integer reference executor: docs/protocol/protocol.md, section 2, to the letter. Trainer and prover share it.

mod adapters;
mod arith;
mod exp;
mod loss;
mod optimised;
mod ranges;
mod update;

pub use exp::exp_tables;

use crate::optimizer::Optimizer;
use crate::spec::{genesis_limbs, Activation, SgdSpec, MAX_STEPS};
use crate::trace::{LayerTrace, StepTrace};
use arith::{backward, fits, forward, max_abs, max_row_sum, sparse};
use pot_circuit::autodiff::Training;
use pot_circuit::ops::activation::Function;
use pot_proof_system::error::PotError;
pub(crate) use ranges::check_checkpoint;
use ranges::{check_len, check_range, checked_weight};

/// A model in integers.
pub struct Executor {
    spec: SgdSpec,
    /// What is trained: everything, or the adapters, and then the optimiser's state.
    weights: Vec<i64>,
    /// The frozen kernels and biases, at `baseBits`; empty where there are none.
    base: Vec<i64>,
    tables: (Vec<u32>, Vec<u32>),
    /// The graph of a step by an optimiser's rule, or of a network that is not plain.
    training: Option<Training>,
}

/// What one step saw before it changed the weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss of the batch, as tfjs computes it (cross-entropy in nats).
    pub loss: f64,
    /// Samples whose largest output is the label's (softmax), else 0.
    pub correct: u32,
}

/// Names a value beyond its range.
fn range(layer: usize, quantity: &str, value: i128, limit: i128) -> PotError {
    PotError::new("VALUE_RANGE", format!("layer {layer}: {quantity} = {value} is beyond the fixed-point range of +-{limit}"))
        .with("layer", layer)
        .with("quantity", quantity)
        .with("value", value as f64)
        .with("limit", limit as f64)
}

impl Executor {
    /// `weights` in the flat order of docs/protocol/protocol.md, at scale w. Errors: `INPUT_SHAPE`, `WEIGHT_RANGE`.
    pub fn new(spec: &SgdSpec, weights: Vec<i64>) -> Result<Self, PotError> {
        Self::on(spec, weights, vec![])
    }

    /// Adapters (`weights`) on a frozen base, in the flat orders of docs/operators/lora.md. Errors: as [`Executor::new`].
    pub fn on(spec: &SgdSpec, weights: Vec<i64>, base: Vec<i64>) -> Result<Self, PotError> {
        spec.check()?;
        check_len("base", base.len(), spec.base_weights())?;
        if let Some(bits) = spec.base_bits() {
            // What the genesis proof shows.
            check_range("base weight", &base, genesis_limbs(spec, bits) as u32 * spec.scales.b - 1)?;
        }
        let mut me = Self { spec: spec.clone(), weights: vec![], base, tables: exp_tables(&spec.scales), training: optimised::training(spec)? };
        me.set_weights(weights)?;
        Ok(me)
    }

    /// The current weights, then the optimiser's state.
    pub fn weights(&self) -> &[i64] {
        &self.weights
    }

    /// Replaces the weights. Errors: `INPUT_SHAPE`, `WEIGHT_RANGE`.
    pub fn set_weights(&mut self, weights: Vec<i64>) -> Result<(), PotError> {
        check_checkpoint(&self.spec, &weights)?;
        self.weights = weights;
        Ok(())
    }

    /// Outputs at scale a, `[samples][outputs]`, for any number of samples; under a cross-entropy logits. Errors: `INPUT_SHAPE`, `VALUE_RANGE`.
    pub fn predict(&self, x: &[i32]) -> Result<Vec<i32>, PotError> {
        if self.spec.local() {
            return Err(PotError::new("SPEC_INVALID", "a layer-local specification has no outputs: the base is not part of it".into()));
        }
        let n = self.spec.inputs();
        if x.len() % n != 0 {
            return Err(PotError::new("INPUT_SHAPE", format!("inputs: {} values are not a multiple of {n}", x.len())));
        }
        Ok(self.forward(x, x.len() / n)?.1.iter().map(|v| *v as i32).collect())
    }

    /// One step in place; nothing changes where it fails. `number` is the step's, from 0: Adam's bias correction needs it.
    ///
    /// Errors: `INPUT_SHAPE`, `DATA_LABELS`, `VALUE_RANGE`, `WEIGHT_RANGE`, `ETA_RANGE`.
    /// `STEP_NUMBER` where it is needed and not given.
    pub fn step(&mut self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<StepReport, PotError> {
        if self.training.is_some() {
            return self.step_by_rule(x, y, eta, number);
        }
        let trace = self.step_traced(x, y, eta, number)?;
        if self.spec.local() {
            return Ok(StepReport { loss: 0.0, correct: 0 });
        }
        Ok(loss::report(&self.spec, &trace, y))
    }

    /// The same of plain SGD and a plain network, with every integer of the step. Errors: as [`Executor::step`], `SPEC_INVALID` of others.
    pub fn step_traced(&mut self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<StepTrace, PotError> {
        self.check_step(x, y, eta, number)?;
        let s = &self.spec;
        if self.training.is_some() {
            return Err(PotError::new(
                "SPEC_INVALID",
                "steps of an optimiser, and of activations and losses of the graph, have no trace: take them without".into(),
            ));
        }
        let (mut layers, _) = self.forward(x, s.batch)?;
        if s.local() {
            self.backward(&mut layers, adapters::given(s, y)?)?;
            self.update_adapters(&layers, eta)?;
            return Ok(StepTrace { layers, softmax: None });
        }
        let z = &layers[layers.len() - 1].z;
        let (delta, softmax) = loss::gradient(s, &self.tables, z, y)?;
        self.backward(&mut layers, delta)?;
        match s.lora {
            None => self.update(&layers, eta)?,
            Some(_) => self.update_adapters(&layers, eta)?,
        }
        Ok(StepTrace { layers, softmax })
    }

    /// Whether a step may be taken; its rate. Errors: as [`Executor::step`].
    fn check_step(&self, x: &[i32], y: &[i32], eta: i64, number: Option<u64>) -> Result<i64, PotError> {
        let s = &self.spec;
        check_len("inputs", x.len(), s.batch * s.inputs())?;
        check_len("labels", y.len(), s.batch * s.outputs())?;
        s.check_eta(eta)?;
        match number {
            None if matches!(s.optimizer(), Some(Optimizer::Adam { .. })) => {
                Err(PotError::new("STEP_NUMBER", "this optimiser's rate depends on the step's number: give it".into()))
            }
            Some(n) if n >= MAX_STEPS => Err(PotError::new("STEP_NUMBER", format!("a step's number must lie below {MAX_STEPS}, not {n}"))),
            number => Ok(s.step_rate(eta, number.unwrap_or(0))),
        }
    }

    /// First kernel and bias index of each layer.
    fn offsets(&self) -> Vec<usize> {
        let mut at = 0;
        let size = |l: &crate::spec::Layer| l.outputs * (l.inputs + usize::from(l.bias));
        self.spec.layers.iter().map(|l| (at, at += size(l)).0).collect()
    }

    /// Kernel and bias of a layer, trained or frozen; empty in layer-local mode.
    fn parts(&self, l: usize, offset: usize) -> (&[i64], Option<&[i64]>) {
        let layer = &self.spec.layers[l];
        let n = layer.outputs * layer.inputs;
        let all = if self.spec.lora.is_some() { &self.base } else { &self.weights };
        if all.is_empty() {
            return (&[], None);
        }
        (&all[offset..][..n], layer.bias.then(|| &all[offset + n..][..layer.outputs]))
    }
    /// Brings products with the frozen base to the scale of the adapters'. Errors: `VALUE_RANGE`.
    fn rescale(&self, layer: usize, quantity: &str, raw: &mut [i128]) -> Result<(), PotError> {
        let shift = self.spec.base_bits().map_or(0, |bits| self.spec.scales.w() - bits);
        let limit = 1i128 << (126 - shift);
        match raw.iter_mut().find(|v| v.abs() >= limit) {
            Some(v) => Err(range(layer, quantity, *v >> (self.spec.scales.w() - shift), limit)),
            None => {
                raw.iter_mut().for_each(|v| *v <<= shift);
                Ok(())
            }
        }
    }

    /// `round(v, w)` and its remainder, limited to `lo <= q < hi`.
    fn round(&self, layer: usize, quantity: &str, v: i128, lo: i64, hi: i64) -> Result<(i64, u64), PotError> {
        let w = self.spec.scales.w();
        let t = v + (1i128 << (w - 1));
        let q = t >> w;
        if q < i128::from(lo) || q >= i128::from(hi) {
            return Err(range(layer, quantity, q, i128::from(hi)));
        }
        Ok((q as i64, (t - (q << w)) as u64))
    }

    /// The layers, and what the last one gives.
    fn forward(&self, x: &[i32], batch: usize) -> Result<(Vec<LayerTrace>, Vec<i64>), PotError> {
        let s = &self.spec;
        let mut input: Vec<i64> = x.iter().map(|v| i64::from(*v)).collect();
        let mut out = vec![];
        for ((l, layer), offset) in s.layers.iter().enumerate().zip(self.offsets()) {
            let (w, bias) = self.parts(l, offset);
            let narrow = fits(max_abs(w), max_row_sum(&input, layer.inputs), u128::from(bias.map_or(0, max_abs)) << s.scales.a);
            let mut raw = Vec::with_capacity(batch * layer.outputs);
            for row in input.chunks(layer.inputs) {
                if w.is_empty() {
                    break;
                }
                let nonzero = sparse(row);
                let run = if narrow { forward::<i64> } else { forward::<i128> };
                run(w, bias, s.scales.a, row, &nonzero, layer.outputs, &mut raw);
            }
            self.rescale(l, "pre-activation", &mut raw)?;
            let adapter = self.adapter_forward(l, &input, &mut raw)?;
            let two_b = 2 * s.scales.b;
            let last = l + 1 == s.layers.len();
            let bent = s.bends(l);
            let (lo, hi) =
                if last && bent.is_none() { (-(1i64 << (two_b - 1)), 1i64 << (two_b - 1)) } else { (1 - (1i64 << two_b), (1i64 << two_b) + 1) };
            let (mut z, mut r) = (Vec::with_capacity(raw.len()), Vec::with_capacity(raw.len()));
            for v in raw {
                let (q, rem) = self.round(l, "pre-activation", v, lo, hi)?;
                z.push(q);
                r.push(rem);
            }
            let next = match bent {
                Some(a) => Function { name: a.name, alpha: a.alpha }.of_all(&z, s.scales.a, s.scales.b),
                None if layer.activation == Activation::Relu => z.iter().map(|v| (*v).max(0)).collect(),
                None => z.clone(),
            };
            out.push(LayerTrace { input: std::mem::replace(&mut input, next), z, r, adapter, ..LayerTrace::default() });
        }
        Ok((out, input))
    }

    fn backward(&self, layers: &mut [LayerTrace], delta: Vec<i64>) -> Result<(), PotError> {
        let s = &self.spec;
        let half = 1i64 << (2 * s.scales.b - 1);
        let offsets = self.offsets();
        let mut delta = delta;
        for l in (0..s.layers.len()).rev() {
            layers[l].delta = delta;
            self.adapter_backward(l, &mut layers[l])?;
            if l == s.lowest() {
                return Ok(());
            }
            let layer = &s.layers[l];
            let (w, _) = self.parts(l, offsets[l]);
            let narrow = fits(max_abs(w), max_row_sum(&layers[l].delta, layer.outputs), 0);
            let mut raw = vec![];
            for row in layers[l].delta.chunks(layer.outputs) {
                let run = if narrow { backward::<i64> } else { backward::<i128> };
                run(w, row, layer.inputs, &mut raw);
            }
            self.rescale(l - 1, "gradient", &mut raw)?;
            self.adapter_gradient(l, &layers[l], &mut raw);
            let (mut g, mut rg) = (Vec::with_capacity(raw.len()), Vec::with_capacity(raw.len()));
            for v in raw {
                let (q, rem) = self.round(l - 1, "gradient", v, -half, half)?;
                g.push(q);
                rg.push(rem);
            }
            let relu = s.layers[l - 1].activation == Activation::Relu;
            delta = g.iter().zip(&layers[l - 1].z).map(|(g, z)| if relu && *z <= 0 { 0 } else { *g }).collect();
            layers[l].g = g;
            layers[l].rg = rg;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
