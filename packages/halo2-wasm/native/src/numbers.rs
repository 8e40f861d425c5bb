//! Numbers of 64 bits, which JavaScript has as integers of any size: one that does not fit is refused, not cut.

use napi::bindgen_prelude::BigInt;
use pot_proof_system::error::PotError;

/// Errors: `OPTION_INVALID`.
pub fn i64_of(name: &str, number: &BigInt) -> napi::Result<i64> {
    match number.get_i64() {
        (value, true) => Ok(value),
        _ => Err(refused(name, "-2^63..2^63")),
    }
}

/// Errors: `OPTION_INVALID`.
pub fn u64_of(name: &str, number: &BigInt) -> napi::Result<u64> {
    match number.get_u64() {
        (false, value, true) => Ok(value),
        _ => Err(refused(name, "0..2^64")),
    }
}

fn refused(name: &str, range: &str) -> napi::Error {
    napi::Error::from_reason(PotError::new("OPTION_INVALID", format!("{name} must lie in {range}")).to_json())
}
