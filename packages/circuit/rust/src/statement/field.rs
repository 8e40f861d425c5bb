//! Field elements as text: `0x` and 64 hexadecimal digits, big-endian, below the modulus.

use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;

/// Reads the one text of an element. Errors: `PUBLIC_INVALID`.
pub fn from_hex(name: &str, text: &str) -> Result<Fr, PotError> {
    let bad = || PotError::new("PUBLIC_INVALID", format!("{name} must be 0x and 64 lower-case hexadecimal digits below the field's modulus"));
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let hex = text.strip_prefix("0x").filter(|h| h.len() == 64 && h.bytes().all(lower)).ok_or_else(bad)?;
    let mut repr = [0u8; 32];
    for (i, byte) in repr.iter_mut().rev().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).map_err(|_| bad())?;
    }
    Option::from(Fr::from_repr(repr)).ok_or_else(bad)
}

/// Its text.
pub fn to_hex(v: &Fr) -> String {
    let digits: String = v.to_repr().iter().rev().map(|b| format!("{b:02x}")).collect();
    format!("0x{digits}")
}
