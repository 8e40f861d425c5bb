//! Proving keys as bytes: a header that says whose key it is, then halo2's own `RawBytes` form.
//!
//! `magic (8) | BLAKE2b-256 of all that follows (32) | id (32) | vk digest (32) | key`
//!
//! halo2's reader panics on bytes that are not a key, so lengths, counts and field elements are checked before it reads.

use crate::engine::{Pk, Vk};
use crate::error::PotError;
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::plonk::Circuit;
use halo2_axiom::SerdeFormat;

/// Says what the bytes are, and their version.
pub const MAGIC: &[u8; 8] = b"pot-key\x01";
const HASHED: usize = 40;
const HEADER: usize = 104;
const SCALAR: usize = 32;

fn invalid(why: &str) -> PotError {
    PotError::new("KEY_INVALID", format!("not a usable proving key: {why}"))
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let digest = blake2b_simd::Params::new().hash_length(32).personal(b"pot-key").hash(bytes);
    digest.as_bytes().try_into().expect("32 bytes")
}

/// Writes a key. `id` names everything that the key follows from.
pub fn write(pk: &Pk, id: &[u8; 32]) -> Vec<u8> {
    let mut out = vec![0; HEADER];
    pk.write(&mut out, SerdeFormat::RawBytes).expect("writing to memory does not fail");
    out[..8].copy_from_slice(MAGIC);
    out[HASHED..72].copy_from_slice(id);
    out[72..HEADER].copy_from_slice(pk.get_vk().transcript_repr().to_repr().as_ref());
    let digest = hash(&out[HASHED..]);
    out[8..HASHED].copy_from_slice(&digest);
    out
}

/// Reads the key of a circuit of 2^k rows that was written with the same `id`. What was written is what is read; that
/// the circuit is this one, only whoever wrote it knows: see the caller. Errors: `KEY_INVALID`.
pub fn read<C: Circuit<Fr>>(bytes: &[u8], id: &[u8; 32], k: u32, params: C::Params) -> Result<Pk, PotError>
where
    C::Params: Clone,
{
    if bytes.len() < HEADER || bytes[..8] != MAGIC[..] {
        return Err(invalid("it is no key of this version"));
    }
    if bytes[HASHED..72] != id[..] {
        return Err(invalid("it is another circuit's, or another reference string's"));
    }
    if hash(&bytes[HASHED..]) != bytes[8..HASHED] {
        return Err(invalid("it is damaged"));
    }
    let key = &bytes[HEADER..];
    // Version of halo2's form, k, no compression of selectors: what the reader would panic on, or take too much memory for.
    let mut start = vec![2];
    start.extend(k.to_le_bytes());
    start.push(0);
    if key.get(..6) != Some(&start[..]) {
        return Err(invalid("it is for another number of rows"));
    }
    let mut rest = key;
    let vk = Vk::read::<_, C>(&mut rest, SerdeFormat::RawBytes, params.clone()).map_err(|e| invalid(&e.to_string()))?;
    if vk.transcript_repr().to_repr().as_ref() != &bytes[72..HEADER] {
        return Err(invalid("its verifying key has another digest"));
    }
    let fixed = vk.fixed_commitments().len();
    if fixed != vk.cs().num_fixed_columns() {
        return Err(invalid("it has another number of columns"));
    }
    check_polynomials(rest, k, &[fixed, vk.permutation().commitments().len()])?;
    // Everything has been checked by now.
    Pk::from_bytes::<C>(key, SerdeFormat::RawBytesUnchecked, params).map_err(|e| invalid(&e.to_string()))
}

/// Checks what follows the verifying key: three polynomials, and of each kind of column a list of values and one of
/// polynomials; every one of 2^k canonical field elements.
fn check_polynomials(mut rest: &[u8], k: u32, columns: &[usize]) -> Result<(), PotError> {
    for _ in 0..3 {
        polynomial(&mut rest, k)?;
    }
    for count in columns.iter().flat_map(|n| [n, n]) {
        if length(&mut rest)? != *count {
            return Err(invalid("it has another number of columns"));
        }
        for _ in 0..*count {
            polynomial(&mut rest, k)?;
        }
    }
    if !rest.is_empty() {
        return Err(invalid("something follows it"));
    }
    Ok(())
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], PotError> {
    let (head, tail) = rest.split_at_checked(n).ok_or_else(|| invalid("it is cut short"))?;
    *rest = tail;
    Ok(head)
}

fn length(rest: &mut &[u8]) -> Result<usize, PotError> {
    Ok(u32::from_be_bytes(take(rest, 4)?.try_into().expect("4 bytes")) as usize)
}

fn polynomial(rest: &mut &[u8], k: u32) -> Result<(), PotError> {
    if length(rest)? != 1 << k {
        return Err(invalid("a polynomial of it has another length"));
    }
    let values = take(rest, SCALAR << k)?;
    if values.chunks_exact(SCALAR).any(|v| Fr::from_raw_bytes(v).is_none()) {
        return Err(invalid("a number of it is no field element"));
    }
    Ok(())
}
