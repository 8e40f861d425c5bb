//! Public inputs and the digests that bind them to the proof's own commitments.

pub use crate::limits::{BASE_DOMAIN, DATA_DOMAIN, WEIGHTS_DOMAIN};
use crate::limits::{BASE_RESERVED_OF, RESERVED_ROWS};
use crate::spec::{Activation, Kind, Labels, SgdSpec, MAX_ADAM_ETA, MAX_STEPS};
use halo2_axiom::halo2curves::bn256::Fr;
pub use pot_circuit::statement::field::{from_hex as field_from_hex, to_hex as field_to_hex};
use pot_circuit::statement::{function_numbers, LOGISTIC};
use pot_proof_system::digest;
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};

/// Bytes of a compressed commitment in a proof.
pub const POINT_BYTES: usize = 32;

/// What a proof is about. Field elements are `0x` and 64 hexadecimal digits, big-endian, below the modulus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Public {
    pub run_id: String,
    #[serde(default)]
    pub first_step: u64,
    #[serde(default)]
    pub epoch: u64,
    #[serde(default)]
    pub eta: String,
    /// Of a specification with rates of steps: one base rate a step, and `eta` is 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub etas: Vec<String>,
    pub weights_in: String,
    #[serde(default)]
    pub weights_out: String,
    #[serde(default)]
    pub data: String,
    /// Of the frozen base: there where the specification has one.
    #[serde(default)]
    pub base: String,
}

/// A base rate as its one decimal text.
fn integer(name: &str, text: &str) -> Result<i64, PotError> {
    let canonical = text.parse::<i64>().ok().filter(|v| (1..MAX_ADAM_ETA).contains(v) && v.to_string() == text);
    canonical.ok_or_else(|| PotError::new("PUBLIC_INVALID", format!("{name} must be a decimal integer in 1..{MAX_ADAM_ETA}")))
}

impl Public {
    /// Errors: `PUBLIC_INVALID`.
    pub fn from_json(json: &str) -> Result<Self, PotError> {
        serde_json::from_str(json).map_err(|e| PotError::new("PUBLIC_INVALID", format!("public inputs: {e}")))
    }
    /// eta as an integer; what a specification allows is `SgdSpec::check_eta`'s.
    pub fn eta(&self) -> Result<i64, PotError> {
        integer("eta", &self.eta)
    }
    /// The base rates: one for all steps, or one a step where the specification says so. Errors: `PUBLIC_INVALID`, `ETA_RANGE`.
    pub fn base_rates(&self, spec: &SgdSpec) -> Result<Vec<i64>, PotError> {
        let wrong = |m: String| Err(PotError::new("PUBLIC_INVALID", m));
        let rates = match spec.rates_per_step {
            false if self.etas.is_empty() => vec![self.eta()?],
            false => return wrong("etas: all steps of this specification have one rate, eta".into()),
            true if self.eta == "0" && self.etas.len() == spec.steps => {
                self.etas.iter().map(|eta| integer("etas", eta)).collect::<Result<Vec<_>, _>>()?
            }
            true => return wrong(format!("etas: a rate for each of the {} steps of this specification, and eta 0", spec.steps)),
        };
        rates.iter().try_for_each(|eta| spec.check_eta(*eta)).map(|()| rates)
    }
    /// The instance column, of a length that the specification fixes. A rate for all steps is first, where the circuit reads it; steps' own
    /// rates are in `rate_rows`, behind the first four. Base rates of steps that are corrected stand at the end.
    pub fn instance(&self, spec: &SgdSpec, rate_rows: &[usize]) -> Result<Vec<Fr>, PotError> {
        let run = field_from_hex("runId", &self.run_id)?;
        let weights_in = field_from_hex("weightsIn", &self.weights_in)?;
        let base = match spec.base_bits() {
            Some(_) => Some(field_from_hex("base", &self.base)?),
            None if self.base.is_empty() => None,
            None => return Err(PotError::new("PUBLIC_INVALID", "base: this specification has no frozen base".into())),
        };
        if spec.kind == Kind::Genesis {
            return Ok([run, weights_in].into_iter().chain(base).collect());
        }
        if self.first_step.checked_add(spec.steps as u64).is_none_or(|e| e >= MAX_STEPS) || self.epoch >= 1 << 32 {
            return Err(PotError::new("PUBLIC_INVALID", "firstStep or epoch is out of range".into()));
        }
        let etas = self.base_rates(spec)?;
        let listed = spec.rates_per_step && spec.own_rates();
        let first = if listed { 0 } else { etas[0] as u64 };
        let head = [Fr::from(first), run, Fr::from(self.first_step), Fr::from(spec.steps as u64)];
        let digests = [weights_in, field_from_hex("weightsOut", &self.weights_out)?, field_from_hex("data", &self.data)?];
        let mut instance = head.to_vec();
        if spec.own_rates() {
            let rates = spec.window_rates(&etas, self.first_step)?;
            instance.resize(rate_rows.iter().map(|r| r + 1).max().unwrap_or(0).max(instance.len()), Fr::from(0));
            rate_rows.iter().zip(rates).for_each(|(row, rate)| instance[*row] = Fr::from(rate as u64));
        }
        // Behind the rates, none of which may stand where another of these would.
        instance.push(Fr::from(self.epoch));
        instance.extend(digests.into_iter().chain(base));
        if listed && spec.divides() {
            // Two base rates may be corrected to one.
            instance.extend(etas.iter().map(|eta| Fr::from(*eta as u64)));
        }
        Ok(instance)
    }
}

/// Rows, columns, secret rows, fractional bits and layers: how a strip lies.
fn strip_layout(spec: &SgdSpec, columns: usize, reserved: usize, bits: u32) -> Result<Vec<u64>, PotError> {
    let mut v = vec![u64::from(spec.shape()?.k), columns as u64, reserved as u64, u64::from(bits), spec.layers.len() as u64];
    for l in &spec.layers {
        v.extend([l.inputs as u64, l.outputs as u64, u64::from(l.bias)]);
    }
    Ok(v)
}

/// What follows in the numbers of a layout: nothing, adapters, or states of a whole network's optimiser. A rule without states trains the
/// same weights as plain SGD.
const ALONE: u64 = 0;
const ON_BASE: u64 = 1;
const WITH_STATES: u64 = 2;

fn states(spec: &SgdSpec) -> usize {
    spec.optimizer().map_or(0, |o| o.states())
}

/// Numbers that fix the layout of the weight columns.
pub fn weight_layout(spec: &SgdSpec) -> Result<Vec<u64>, PotError> {
    let shape = spec.shape()?;
    let mut v = strip_layout(spec, shape.weight_columns, RESERVED_ROWS, spec.scales.w())?;
    // Which of the parts below follow.
    v.push(match spec.lora {
        Some(_) => ON_BASE,
        None if states(spec) > 0 => WITH_STATES,
        None => ALONE,
    });
    if spec.lora.is_none() && states(spec) > 0 {
        // The limb bits fix the states' offsets.
        v.extend([states(spec) as u64, u64::from(spec.scales.b)]);
    }
    if let Some(lora) = &spec.lora {
        v.extend([shape.base_columns as u64, u64::from(lora.base_bits), u64::from(lora.local)]);
        v.extend(lora.adapters.iter().flat_map(|a| a.map_or([0, 0], |a| [a.rank as u64, a.alpha])));
        v.push(u64::from(lora.optimizer.is_some()));
        if let Some(o) = &lora.optimizer {
            // The limb bits fix the states' offsets.
            v.extend([o.states() as u64, u64::from(spec.scales.b)]);
        }
    }
    Ok(v)
}

/// A base is opened by many proofs, so that more of its rows are secret (docs/operators/lora.md, section 3).
fn base_reserved(k: u32) -> usize {
    RESERVED_ROWS.max((1 << k) / BASE_RESERVED_OF)
}

/// Numbers that fix the layout of the frozen base's columns: the same for every adapter that is trained on it.
pub fn base_layout(spec: &SgdSpec) -> Result<Vec<u64>, PotError> {
    let none = || PotError::new("SPEC_INVALID", "this specification has no frozen base".into());
    strip_layout(spec, spec.shape()?.base_columns, base_reserved(spec.shape()?.k), spec.base_bits().ok_or_else(none)?)
}

/// Numbers that fix the layout of the data columns.
pub fn data_layout(spec: &SgdSpec) -> Result<Vec<u64>, PotError> {
    let shape = spec.shape()?;
    let s = &spec.scales;
    let mut v = vec![shape.data_columns as u64, spec.batch as u64, spec.steps as u64, u64::from(s.a), u64::from(s.b)];
    v.extend([spec.x_offset as u64, spec.y_offset as u64, spec.loss.labels() as u64]);
    v.extend(weight_layout(spec)?);
    Ok(v)
}

/// What a layer computes, in a digest: the only kind there is, and its activation.
const DENSE: u64 = 1;
fn activation(spec: &SgdSpec, layer: usize) -> Vec<u64> {
    let last = layer + 1 == spec.layers.len();
    match spec.layers[layer].activation {
        Activation::Linear => vec![1],
        Activation::Relu => vec![2],
        Activation::Softmax => vec![3],
        // Of these the logits count.
        Activation::Sigmoid if last && spec.loss.labels() == Labels::Bits => vec![LOGISTIC],
        other => other.function().map(|f| function_numbers(&f)).unwrap_or_default(),
    }
}

/// What the layers compute, beside what a layout says of them.
fn function(spec: &SgdSpec) -> impl Iterator<Item = u64> + '_ {
    let layers = 0..spec.layers.len();
    [spec.layers.len() as u64].into_iter().chain(layers.flat_map(|l| std::iter::once(DENSE).chain(activation(spec, l))))
}

/// All numbers that the digest of weights absorbs: their layout, then what makes them a function. Two networks that
/// differ in a layer's size, bias or activation, in an adapter or in a number format have no digest in common. Of the
/// loss they absorb what the last activation says: a softmax goes with a cross-entropy alone, and that with a softmax alone,
/// and a binary cross-entropy with a sigmoid of its own: there logits count. Batch, offsets and update rule are in the run id.
pub fn weight_description(spec: &SgdSpec) -> Result<Vec<u64>, PotError> {
    let mut v = weight_layout(spec)?;
    let s = &spec.scales;
    v.extend([s.a, s.d, s.e, s.b, s.p].map(u64::from));
    v.extend(function(spec));
    Ok(v)
}

/// All numbers that the digest of a frozen base absorbs: the same for every adapter, rule and format of activations, and for every
/// loss with the same last activation.
pub fn base_description(spec: &SgdSpec) -> Result<Vec<u64>, PotError> {
    let mut v = base_layout(spec)?;
    v.extend(function(spec));
    Ok(v)
}

/// Digest of the weight columns' commitments (`points`: compressed, in column order).
pub fn weights_digest(spec: &SgdSpec, points: &[u8]) -> Result<Fr, PotError> {
    digest::column_group(WEIGHTS_DOMAIN, &weight_description(spec)?, points)
}

/// Digest of the data columns' commitments.
pub fn data_digest(spec: &SgdSpec, points: &[u8]) -> Result<Fr, PotError> {
    digest::column_group(DATA_DOMAIN, &data_layout(spec)?, points)
}

/// Digest of the frozen base columns' commitments.
pub fn base_digest(spec: &SgdSpec, points: &[u8]) -> Result<Fr, PotError> {
    digest::column_group(BASE_DOMAIN, &base_description(spec)?, points)
}

/// Reads the proof's first points by position and compares their digests with the public inputs. A genesis proof has no states: of them
/// `first_state` are the commitments.
///
/// Errors: `VERIFY_TRUNCATED`, `VERIFY_DIGEST` (which digest).
pub fn bind(spec: &SgdSpec, public: &Public, proof: &[u8], first_state: &[u8]) -> Result<(), PotError> {
    let shape = spec.shape()?;
    let [c, cb, cx] = [shape.weight_columns, shape.base_columns, shape.data_columns].map(|n| n * POINT_BYTES);
    let window = spec.kind == Kind::Window;
    let own = if window { c } else { c.saturating_sub(first_state.len()) };
    if proof.len() < if window { 2 * c + cb + cx } else { own + cb } {
        return Err(PotError::new("VERIFY_TRUNCATED", format!("the proof has only {} bytes", proof.len())));
    }
    let mut rest = proof;
    let mut check = |name: &str, bytes: usize, known: &[u8], digest: fn(&SgdSpec, &[u8]) -> Result<Fr, PotError>, want: &str| {
        let points;
        (points, rest) = rest.split_at(bytes);
        if digest(spec, &[points, known].concat())? != field_from_hex(name, want)? {
            return Err(PotError::new("VERIFY_DIGEST", format!("{name} is not the digest of the proof's own commitments")));
        }
        Ok(())
    };
    check("weightsIn", own, if window { &[] } else { first_state }, weights_digest, &public.weights_in)?;
    if window {
        check("weightsOut", c, &[], weights_digest, &public.weights_out)?;
    }
    if spec.base_bits().is_some() {
        check("base", cb, &[], base_digest, &public.base)?;
    }
    if window {
        check("data", cx, &[], data_digest, &public.data)?;
    }
    Ok(())
}
