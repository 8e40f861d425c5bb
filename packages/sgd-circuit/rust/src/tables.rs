//! The lookup table of both exponential tables together.

use crate::executor::exp_tables;
use crate::spec::SgdSpec;

/// Tag that keeps the low table's keys apart from the high table's.
pub const LOW_TAG: u64 = 1 << 20;

/// Entries (key, value) of both exponential tables.
pub fn pair_table(spec: &SgdSpec) -> Vec<(u64, u64)> {
    let (hi, lo) = exp_tables(&spec.scales);
    let high = hi.iter().enumerate().map(|(i, v)| (i as u64, u64::from(*v)));
    let low = lo.iter().enumerate().map(|(i, v)| (LOW_TAG + i as u64, u64::from(*v)));
    high.chain(low).collect()
}
