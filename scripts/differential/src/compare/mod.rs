//! The comparisons, and what they report.

mod alteration;
mod circuits;
mod difference;
mod numbers;
mod verdict;

pub use circuits::compare_circuits;
pub use numbers::{compare_numbers, Multiexp, Number, ROTATIONS};
pub use verdict::Verdict;

use difference::Difference;
use std::any::Any;
use std::panic::{catch_unwind, UnwindSafe};

/// Points and scalars take so many bytes of a proof.
pub const ELEMENT_BYTES: usize = 32;

/// Runs a comparison. A panic in it is a difference like others: it must not end the comparisons that follow.
fn caught<T>(compare: impl FnOnce() -> T + UnwindSafe) -> Result<T, Difference> {
    catch_unwind(compare).map_err(|payload| Difference::Panicked { message: message_of(payload.as_ref()) })
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_string())
}
