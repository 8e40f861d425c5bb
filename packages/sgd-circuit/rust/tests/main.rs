//! All integration tests, in one binary: halo2 is linked once. One module runs by its name: `cargo test --release -p pot-sgd regression::`.

mod common;

mod adapter_attacks;
mod adapters;
mod api;
mod attacks;
mod digests;
mod every_file;
mod genesis;
mod held;
mod keys;
mod names;
mod optimizer_attacks;
mod optimizers;
mod proof;
mod regression;
mod statement;
mod tamper;
mod window;
