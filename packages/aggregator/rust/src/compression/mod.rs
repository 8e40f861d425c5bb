//! A compression proof of one aggregate, between the recursive circuit and the on-chain wrapper.
//!
//! The wrapper's cost is the number of the points that it multiplies. An aggregate's proof is wide; this circuit verifies it on the same chip,
//! where a point is cheap, and its own proof has few points: the chip's columns packed into few.
//!
//! Layers, from below: [`circuit`] (the verifier of the aggregate's proof), [`keys`] (keys, proving, verifying).

pub mod circuit;
pub mod keys;
