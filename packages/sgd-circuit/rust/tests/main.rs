//! All integration tests, in one binary: halo2 is linked once. One module runs by its name: `cargo test --release -p pot-sgd regression::`.

mod common;

mod activations;
mod adapters;
mod api;
mod digests;
mod every_file;
mod genesis;
mod keys;
mod optimizers;
mod proof;
mod regression;
mod renewal;
mod statement;
mod window;
