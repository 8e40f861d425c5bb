//! The on-chain wrapper: a circuit on the stock chip that verifies one proof of an inner circuit, proven with the transcript
//! that contracts can compute, and the contract that verifies it.
//!
//! Layers, from below: [`accumulator`] (an inner accumulator's halves and limbs), [`inner`] (what is known of the inner
//! circuit), [`circuit`] (the verifier of its proof), [`wrapped`] (what comes out), [`contract`] (Solidity, calldata), [`keys`] (keys,
//! proving, verifying).

pub mod accumulator;
pub mod circuit;
pub mod contract;
pub mod inner;
pub mod keys;
pub mod wrapped;
