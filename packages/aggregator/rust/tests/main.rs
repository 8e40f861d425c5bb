//! All integration tests, in one binary: halo2 is linked once. One module runs by its name: `cargo test --release -p pot-aggregator wrapper::`.

mod common;
#[path = "../../../sgd-circuit/rust/tests/every_file.rs"]
mod every_file;
mod statement;

mod compression;
mod recursion;
mod recursion_accumulation;
mod recursion_forms;
mod recursion_key;
mod recursion_rates;
mod recursion_rules;
mod transcript;
mod wrapper;
