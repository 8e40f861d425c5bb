//! A narrow proof of one aggregate, between the recursive circuit and the on-chain wrapper.
//!
//! The wrapper's cost is the number of the points that it multiplies. An aggregate's proof is wide; this circuit verifies it on the same chip,
//! where a point is cheap, and its own proof is narrow: the chip's columns folded into few.
//!
//! Layers, from below: [`circuit`] (the verifier of the aggregate's proof), [`keys`] (keys, proving, verifying).

pub mod circuit;
pub mod keys;
