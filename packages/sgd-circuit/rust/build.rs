//! Sets `POT_CIRCUIT_SOURCES`: SHA-256 of the sources of circuit and prover, the same whatever they are built for. A stored
//! key names it, so that a changed circuit never loads an old key. Tests are left out: no key follows from them.

use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Rust files under `dir`, in the order of their paths.
fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).expect("a source folder").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn main() {
    let mut hash = Sha256::new();
    for folder in ["src", "../../circuit/rust/src", "../../proof-system/rust/src"] {
        println!("cargo:rerun-if-changed={folder}");
        let mut files = vec![];
        sources(Path::new(folder), &mut files);
        for file in files {
            let text = fs::read(&file).expect("a source file");
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
    }
    println!("cargo:rustc-env=POT_CIRCUIT_SOURCES={}", hex::encode(hash.finalize()));
}
