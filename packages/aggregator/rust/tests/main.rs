//! All integration tests, in one binary: halo2 is linked once. One module runs by its name: `cargo test --release -p pot-aggregator wrapper::`.

mod common;
mod statement;

mod narrow;
mod recursion;
mod recursion_rules;
mod transcript;
mod wrapper;

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
