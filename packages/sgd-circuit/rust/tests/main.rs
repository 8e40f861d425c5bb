//! All integration tests, in one binary: halo2 is linked once. One module runs by its name: `cargo test --release -p pot-sgd regression::`.

mod common;

mod adapter_attacks;
mod adapters;
mod attacks;
mod genesis;
mod keys;
mod optimizer_attacks;
mod optimizers;
mod proof;
mod regression;
mod tamper;
mod window;

/// Cargo.toml has `autotests = false`: a file that is not named above would not run, and nothing else would say so.
#[test]
fn every_file_is_a_module() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|e| e == "rs") && stem != "main" {
            assert!(include_str!("main.rs").lines().any(|line| line == format!("mod {stem};")), "tests/{stem}.rs does not run");
        }
    }
}
