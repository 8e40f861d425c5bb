//! Nothing: cargo wants a source.
