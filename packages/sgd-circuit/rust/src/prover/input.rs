//! What a proof is made of, and whether it fits.

use crate::executor::check_checkpoint;
use crate::spec::{Labels, SgdSpec};
use pot_proof_system::error::PotError;

/// 32 secret bytes that blind one content.
pub type Salt = [u8; 32];

/// One window's private inputs.
pub struct WindowInput<'a> {
    pub w0: &'a [i64],
    pub salt0: &'a Salt,
    /// Tolerance mode: the framework's weights; exact mode computes them.
    pub wk: Option<&'a [i64]>,
    pub salt_k: &'a Salt,
    /// `[step][sample][input]` at scale a.
    pub x: &'a [i32],
    /// `[step][sample][output]`, one-hot or at scale a; in layer-local mode the upstream gradient at scale d.
    pub y: &'a [i32],
    pub data_salt: &'a Salt,
    pub base: Base<'a>,
    /// Commitments made before, as `Prover::commit_weights` and `Prover::commit_data` give them, for these very
    /// contents and salts; empty where not known. Others would make a proof that does not verify.
    pub points: WindowPoints<'a>,
}

/// The frozen base; empty where there is none.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    pub weights: &'a [i64],
    pub salt: &'a Salt,
}

impl Base<'_> {
    /// A specification without a frozen base.
    pub const NONE: Base<'static> = Base { weights: &[], salt: &[0; 32] };
}

/// Concatenated compressed commitments to the columns of W_0, W_K, the frozen base and the data.
#[derive(Clone, Copy, Default)]
pub struct WindowPoints<'a> {
    pub w0: &'a [u8],
    pub wk: &'a [u8],
    pub base: &'a [u8],
    pub data: &'a [u8],
}

fn check_len(what: &str, got: usize, want: usize) -> Result<(), PotError> {
    if got != want {
        return Err(PotError::new("INPUT_SHAPE", format!("{what}: {got} values, expected {want}")));
    }
    Ok(())
}

pub(super) fn check_weights(spec: &SgdSpec, w: &[i64]) -> Result<(), PotError> {
    check_checkpoint(spec, w)
}

pub(super) fn check_base(spec: &SgdSpec, w: &[i64]) -> Result<(), PotError> {
    check_values("base weight", w, spec.base_weights())
}

fn check_values(what: &str, w: &[i64], want: usize) -> Result<(), PotError> {
    check_len(what, w.len(), want)?;
    match w.iter().position(|v| v.unsigned_abs() >= 1 << 55) {
        Some(i) => Err(PotError::new("WEIGHT_RANGE", format!("{what} {i} is beyond +-2^55 (integer units)"))),
        None => Ok(()),
    }
}

pub(super) fn check_data(spec: &SgdSpec, x: &[i32], y: &[i32]) -> Result<(), PotError> {
    let samples = spec.steps * spec.batch;
    check_len("inputs", x.len(), samples * spec.inputs())?;
    check_len("labels", y.len(), samples * spec.outputs())?;
    let cell = 1i64 << spec.scales.b;
    let outside = |v: &[i32], off: i64| v.iter().position(|v| !(0..cell).contains(&(i64::from(*v) + off)));
    if let Some(i) = outside(x, spec.x_offset) {
        return Err(PotError::new("DATA_RANGE", format!("input {i} with its offset is outside [0, 2^{})", spec.scales.b)));
    }
    if spec.local() {
        let half = 1i64 << (2 * spec.scales.b - 1);
        return match y.iter().position(|v| !(-half..half).contains(&i64::from(*v))) {
            Some(i) => Err(PotError::new("DATA_RANGE", format!("gradient {i} is outside +-{half} (integer units)"))),
            None => Ok(()),
        };
    }
    if let Some(i) = outside(y, spec.y_offset) {
        return Err(PotError::new("DATA_RANGE", format!("label {i} with its offset is outside [0, 2^{})", spec.scales.b)));
    }
    if spec.softmax() && y.chunks(spec.outputs()).any(|r| r.iter().any(|v| *v != 0 && *v != 1) || r.iter().sum::<i32>() != 1) {
        return Err(PotError::new("DATA_LABELS", "labels of softmax cross-entropy must be one-hot".into()));
    }
    if spec.loss.labels() == Labels::Bits && y.iter().any(|v| *v != 0 && *v != 1) {
        return Err(PotError::new("DATA_LABELS", "labels of a binary cross-entropy must be 0 or 1".into()));
    }
    Ok(())
}
