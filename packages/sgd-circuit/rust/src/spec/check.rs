//! Which specifications there may be.

use super::{Activation, Adapter, Kind, Labels, Loss, Mode, Part, Penalty, SgdSpec};
use crate::limits::{MAX_ALPHA, MAX_BATCH, MAX_LAYERS, MAX_RANK, MAX_WEIGHTS, MAX_WIDTH, MAX_WINDOW};
use crate::optimizer;
use pot_circuit::ops::activation::check as check_function;
use pot_proof_system::error::PotError;

impl SgdSpec {
    /// Refuses every combination that the circuit's soundness argument does not cover.
    pub fn check(&self) -> Result<(), PotError> {
        let bad = |m: String| Err(PotError::new("SPEC_INVALID", m));
        let s = &self.scales;
        if self.layers.is_empty() || self.layers.len() > MAX_LAYERS {
            return bad(format!("{} layers: supported are 1 to {MAX_LAYERS}", self.layers.len()));
        }
        if self.batch == 0 || self.batch > MAX_BATCH || self.steps == 0 || self.steps > MAX_WINDOW {
            return bad(format!("batch {} and steps {}: supported are 1 to {MAX_BATCH} and 1 to {MAX_WINDOW}", self.batch, self.steps));
        }
        if !(4..=16).contains(&s.a) || !(s.a..=24).contains(&s.d) || !(4..=20).contains(&s.e) {
            return bad(format!("scales a={} d={} e={}: supported are 4 <= a <= 16, a <= d <= 24, 4 <= e <= 20", s.a, s.d, s.e));
        }
        if !(4..=16).contains(&s.b) || s.w() % s.b != 0 || s.w() > 52 {
            return bad(format!("limb bits b={} must be 4 to 16 and divide w = a+d+e = {} <= 52", s.b, s.w()));
        }
        if (s.w() + 4).div_ceil(s.b) * s.b > 60 {
            return bad(format!("limb bits b={} leave no room for the range proof of weights with {} fractional bits", s.b, s.w()));
        }
        if s.p < 4 || s.p > s.b || s.exp_low_bits() > s.b {
            return bad(format!("table bits p={} must be 4 to b={}, and a-2={} at most b", s.p, s.b, s.exp_low_bits()));
        }
        self.check_layers()?;
        self.check_lora()?;
        self.check_optimizer()?;
        self.check_penalties()?;
        if self.rates_per_step && (self.mode != Mode::Exact || self.local()) {
            return bad("ratesPerStep: in exact mode, and not layer-local, where steps are proven one by one".into());
        }
        let cell = 1i64 << s.b;
        if !(0..cell).contains(&self.x_offset) || !(0..cell).contains(&self.y_offset) {
            return bad(format!("offsets {} and {} must lie in [0, 2^{})", self.x_offset, self.y_offset, s.b));
        }
        if self.loss.labels() != Labels::Real && self.y_offset != 0 {
            return bad("labels of a cross-entropy are 0 and 1: yOffset must be 0".into());
        }
        match self.mode {
            Mode::Exact if self.tolerance_limbs != 0 => bad("toleranceLimbs must be 0 in exact mode".into()),
            Mode::Tolerance if self.steps != 1 || !(1..=4).contains(&self.tolerance_limbs) => {
                bad("tolerance mode proves one step with 1 to 4 toleranceLimbs".into())
            }
            Mode::Tolerance if self.tolerance_limbs as u32 * s.b > 48 => {
                bad(format!("a tolerance of {} limbs of {} bits says nothing", self.tolerance_limbs, s.b))
            }
            Mode::Tolerance if self.kind == Kind::Genesis => bad("a genesis proof has no tolerance".into()),
            _ => Ok(()),
        }
    }

    fn check_layers(&self) -> Result<(), PotError> {
        let bad = |m: String| Err(PotError::new("SPEC_INVALID", m));
        for (i, l) in self.layers.iter().enumerate() {
            let last = i + 1 == self.layers.len();
            if l.inputs == 0 || l.outputs == 0 || l.inputs > MAX_WIDTH || l.outputs > MAX_WIDTH {
                return bad(format!("layer {i}: {} x {}: supported are 1 to {MAX_WIDTH}", l.outputs, l.inputs));
            }
            if i > 0 && self.layers[i - 1].outputs != l.inputs {
                return bad(format!("layer {i} takes {} inputs, but layer {} gives {}", l.inputs, i - 1, self.layers[i - 1].outputs));
            }
            let fits = if last { self.loss.takes_last(l.activation) } else { l.activation != Activation::Softmax };
            if !fits {
                return bad(format!("layer {i}: activation {:?} is not supported there with {:?}", l.activation, self.loss));
            }
            if let Some(f) = l.activation.function().filter(|_| self.bends(i).is_some()) {
                check_function(&f, self.scales.a, &self.formats()).or_else(|m| bad(format!("layer {i}: {m}")))?;
            }
        }
        // In 64 bits: on wasm32 the product of two widths does not fit usize.
        let weights: u64 = self.layers.iter().map(|l| l.outputs as u64 * (l.inputs as u64 + 1)).sum();
        if weights > MAX_WEIGHTS as u64 {
            return bad(format!("{weights} weights: at most {MAX_WEIGHTS}"));
        }
        Ok(())
    }

    fn check_lora(&self) -> Result<(), PotError> {
        let bad = |m: String| Err(PotError::new("SPEC_INVALID", m));
        let Some(lora) = &self.lora else { return Ok(()) };
        if lora.adapters.len() != self.layers.len() || lora.adapters.iter().all(Option::is_none) {
            return bad(format!(
                "{} adapters for {} layers: one entry a layer, at least one of them not null",
                lora.adapters.len(),
                self.layers.len()
            ));
        }
        for (i, (adapter, l)) in lora.adapters.iter().zip(&self.layers).enumerate() {
            let Some(Adapter { rank, alpha }) = *adapter else { continue };
            if rank == 0 || rank > MAX_RANK || rank > l.inputs.min(l.outputs) {
                return bad(format!(
                    "layer {i}: rank {rank}: supported are 1 to {MAX_RANK}, at most its {} inputs and {} outputs",
                    l.inputs, l.outputs
                ));
            }
            if alpha == 0 || alpha > MAX_ALPHA {
                return bad(format!("layer {i}: alpha {alpha}: supported are 1 to {MAX_ALPHA}"));
            }
        }
        if !lora.local {
            let fits = (4..=self.scales.w()).contains(&lora.base_bits) && (lora.base_bits + 4).div_ceil(self.scales.b) * self.scales.b <= 60;
            return if fits { Ok(()) } else { bad(format!("baseBits {}: supported are 4 to w = {}", lora.base_bits, self.scales.w())) };
        }
        let l = &self.layers[0];
        if self.layers.len() != 1
            || l.bias
            || l.activation != Activation::Linear
            || self.loss != Loss::MeanSquaredError
            || self.y_offset != 0
            || lora.base_bits != 0
        {
            return bad("layer-local: one linear layer without bias, meanSquaredError, yOffset 0 and baseBits 0".into());
        }
        Ok(())
    }

    fn check_penalties(&self) -> Result<(), PotError> {
        let bad = |m: String| Err(PotError::new("SPEC_INVALID", m));
        if self.lora.is_some() && !self.penalties.is_empty() {
            return bad("penalties: of kernels and biases that are trained, which adapters leave as they are".into());
        }
        if let Some(p) = self.penalties.windows(2).find(|p| (p[0].layer, p[0].of) >= (p[1].layer, p[1].of)) {
            return bad(format!("penalties: that of layer {} comes once, in the order of layers, a kernel's before its bias's", p[1].layer));
        }
        let there = |p: &&Penalty| self.layers.get(p.layer).is_some_and(|l| p.of == Part::Kernel || l.bias) && p.l2 > 0;
        match self.penalties.iter().find(|p| !there(p)) {
            Some(p) => bad(format!("penalties: {:?} of layer {} by {} / 2^32: of what a layer has, by more than 0", p.of, p.layer, p.l2)),
            None => Ok(()),
        }
    }

    fn check_optimizer(&self) -> Result<(), PotError> {
        let bad = |m: String| Err(PotError::new("SPEC_INVALID", m));
        if self.lora.is_some() && self.optimizer.is_some() {
            return bad("optimizer: that of adapters is lora.optimizer, and nothing else is trained".into());
        }
        let Some(o) = self.optimizer() else { return Ok(()) };
        if self.mode != Mode::Exact {
            return bad("an optimizer with state or weight decay is proven in exact mode only".into());
        }
        optimizer::check(&o, &self.formats())?;
        let adapters = self.lora.iter().flat_map(|l| l.adapters.iter().flatten());
        let scaled = adapters.filter_map(|a| optimizer::scaled_epsilon(&o, *a));
        if let Some((v, bits)) = scaled.max().filter(|(v, bits)| v >> bits > 0) {
            return bad(format!("optimizer: epsilon as the gradient of some B takes it is {v}: below 2^{bits}"));
        }
        if o.corrects() && self.rate_unit().is_none() {
            return bad(format!("optimizer: the adapters' ranks over alphas have no common multiple up to {MAX_RANK}"));
        }
        Ok(())
    }
}
