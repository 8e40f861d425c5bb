//! The WebAssembly face of pot-halo2 and pot-sgd.
