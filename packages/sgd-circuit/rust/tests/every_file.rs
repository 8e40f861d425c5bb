//! For each crate whose Cargo.toml has `autotests = false`: a file that its main.rs does not name would not run, and nothing else would say so.

#[test]
fn is_a_module() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let main = std::fs::read_to_string(format!("{tests}/main.rs")).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(tests).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|e| e == "rs") && stem != "main" {
            assert!(main.lines().any(|line| line == format!("mod {stem};")), "tests/{stem}.rs does not run");
            files += 1;
        }
    }
    assert!(files > 3, "{files} files were seen");
}
