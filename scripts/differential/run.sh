#!/usr/bin/env bash
# Scratch of a review: random circuits proven by the stock halo2-axiom 0.5.3 and by the patched one, verified by both, compared
# byte for byte, tampered with. Usage: run.sh DIR (FIRST LAST | numbers). Takes minutes to build.
# Both copies get a seeded vanishing polynomial and seeded hash maps: stock draws them from the system, so that its own
# proofs differ from call to call. The stock copy also gets patch 01. Compare bytes with RAYON_NUM_THREADS=1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$here/../.." && pwd)
dir=$1; shift
bash "$root/scripts/vendor.sh"
if [ ! -d "$dir/h2s" ]; then
  mkdir -p "$dir"
  cp -r "$here/src" "$here/Cargo.toml" "$dir/"
  cp -r "$root/third_party/halo2-axiom" "$dir/h2p"
  cp -r "$(find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -name halo2-axiom-0.5.3 -print -quit)" "$dir/h2s"
  rm -f "$dir"/h2?/Cargo.lock
  for c in h2p h2s; do
    sed -i 's/rand::thread_rng()/<rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(_start as u64)/; s/parallelize(&mut random_poly, |random_poly, _| {/parallelize(\&mut random_poly, |random_poly, _start| {/' "$dir/$c/src/plonk/vanishing/prover.rs"
    lookup="$dir/$c/src/plonk/lookup/prover.rs"
    sed -i 's/HashMap::with_capacity(capacity)/HashMap::with_capacity_and_hasher(capacity, Default::default())/g; s/^use std::collections::HashMap;$//' "$lookup"
    echo 'type HashMap<K, V> = rustc_hash::FxHashMap<K, V>;' >>"$lookup"
  done
  sed -i 's/assert!(self.0 < 2, "The API/assert!(self.0 < 3, "The API/' "$dir/h2s/src/plonk/circuit.rs"
  # Another version number: cargo takes no two packages of one name and version from paths.
  sed -i '0,/^version = "0.5.3"/s//version = "0.5.4"/' "$dir/h2p/Cargo.toml"
  sed -i "s#^\[dependencies.halo2curves\]#&\npath = \"$root/third_party/halo2curves-axiom\"#" "$dir/h2p/Cargo.toml"
  cat >>"$dir/h2p/src/plonk.rs" <<'R'

impl<C: CurveAffine> ProvingKey<C> {
    /// Eliminated columns and linear forms.
    pub fn linear_counts(&self) -> (usize, usize) { (self.ev.linear.eliminated.iter().filter(|e| **e).count(), self.ev.linear.forms.len()) }
}
R
fi
cd "$dir" && nice cargo build --release --quiet && exec ./target/release/scratch "$@"
