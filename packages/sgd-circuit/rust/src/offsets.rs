//! What is added to numbers with a sign before they are stored.

use crate::optimizer::wide;
use crate::spec::SgdSpec;

/// Offset at which weights are stored: keeps cells non-negative (and so cheap to commit to) while |W| < 8.
pub fn weight_offset(spec: &SgdSpec) -> i64 {
    1i64 << (spec.scales.w() + 3)
}

/// The same for gradients, which are small: any offset does, since no gate bounds them by it.
pub fn gradient_offset() -> i64 {
    1i64 << 40
}

/// The same for an optimiser's states: M or m, which have a sign, and v.
pub fn state_offset(spec: &SgdSpec, which: usize) -> i64 {
    if which == 0 {
        1i64 << (wide(spec.scales.b) as u32 * spec.scales.b - 1)
    } else {
        0
    }
}

/// The same for the frozen base.
pub fn base_offset(spec: &SgdSpec) -> i64 {
    1i64 << (spec.base_bits().unwrap_or(0) + 3)
}
