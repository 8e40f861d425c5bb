#!/usr/bin/env bash
# Builds the two WebAssembly artifacts from packages/halo2-wasm/bindings, byte for byte the same on every machine:
# packages/halo2-wasm/wasm, and packages/halo2-wasm/wasm-threads with threads inside one proof (docs/operate/threads.md).
# They are one compilation, linked twice.
#
#   scripts/build-wasm.sh            builds and writes both
#   scripts/build-wasm.sh --check    builds both from nothing into a temporary folder and compares with the committed files
#   scripts/build-wasm.sh --bench D  builds the first with the microbenchmarks of bindings/src/bench.rs, for Node, into folder D
#
# POT_WASM_ONLY=wasm or wasm-threads leaves the other one out of a build, while working on one.
# rustup's toolchains need a downloaded wasm32 standard library; Debian's build it from source (rust-web-src).
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$ROOT/scripts/own-cargo.sh"
TOOLS="$ROOT/.tools"
PACKAGE="$ROOT/packages/halo2-wasm"
TARGET="${POT_WASM_TARGET_DIR:-$ROOT/target-wasm}"
STACK=4194304

fail() { echo "build-wasm.sh: $*" >&2; exit 1; }

mode=build artifacts=(wasm wasm-threads)
case "${1:-}" in
  "") ;;
  --check) mode=check ;;
  --bench) mode=bench bench_out="${2:?--bench needs a folder}" artifacts=(bench) ;;
  *) fail "unknown argument $1" ;;
esac
if [ -n "${POT_WASM_ONLY:-}" ]; then
  [ "$mode" = build ] || fail "POT_WASM_ONLY is for a build: ${1} is about both artifacts or none"
  artifacts=("$POT_WASM_ONLY")
fi

# --- tools ---
if ! /usr/bin/rustc --version 2>/dev/null | grep -q "^rustc $RUSTC_VERSION " || ! command -v wasm-ld-22 >/dev/null; then
  echo "build-wasm.sh: installing rustc-web, cargo-web, rust-web-src and lld-22 with apt-get"
  apt-get update -qq && apt-get install -y -qq rustc-web cargo-web rust-web-src lld-22 >/dev/null || fail "apt-get failed"
fi
/usr/bin/rustc --version | grep -q "^rustc $RUSTC_VERSION " || fail "needs Debian's rustc $RUSTC_VERSION"
pinned() { sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"/\1/p}" "$2"; }
[ "$(pinned wasm-bindgen "$ROOT/Cargo.lock")" = "$(pinned wasm-bindgen-cli-support "$ROOT/scripts/bindgen/Cargo.lock")" ] ||
  fail "wasm-bindgen differs between Cargo.lock and scripts/bindgen/Cargo.lock"
cargo build --quiet --locked --release --manifest-path "$ROOT/scripts/bindgen/Cargo.toml" \
  --target-dir "$TOOLS/bindgen" || fail "no bindgen"
"$ROOT/scripts/vendor.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ "$mode" = check ] && TARGET="$scratch/target"
own_cargo
export RUSTC_BOOTSTRAP=1
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_PANIC=abort

# --- what the artifacts differ in ---
# Sets features, glue and link, the linker's own arguments. Everything below the last crate is compiled once for all of them.
configure() {
  features=multicore glue=web link=()
  case "$1" in
    wasm) ;;
    bench) features=multicore,bench glue=nodejs ;;
    wasm-threads)
      features=threads glue=web-resettable
      # The memory is shared and imported; the exports are what wasm-bindgen makes each thread's stack and locals from.
      local arg
      for arg in --shared-memory --import-memory --max-memory=4294967296 --export=__heap_base --export=__wasm_init_tls \
        --export=__tls_size --export=__tls_align --export=__tls_base; do
        link+=("-Clink-arg=$arg")
      done
      ;;
    *) fail "no artifact $1" ;;
  esac
}

own_flags -Ctarget-feature=+simd128,+bulk-memory,+atomics,+mutable-globals "-Clink-arg=-zstack-size=$STACK"

# build NAME FOLDER: compiles and binds one artifact into FOLDER. Binaryen's wasm-opt is not used: it makes proofs slower
# (docs/operate/engines.md).
build() {
  local name=$1 out=$2
  configure "$name"
  (cd "$ROOT" && nice /usr/bin/cargo rustc --quiet --locked --release --package pot-wasm --lib --features "$features" \
    --target wasm32-unknown-unknown -Z build-std=std,panic_abort -Z build-std-features= --target-dir "$TARGET" \
    -- "${link[@]}") || fail "cargo build failed ($name)"

  "$TOOLS/bindgen/release/bindgen" "$glue" "$TARGET/wasm32-unknown-unknown/release/pot_wasm.wasm" "$out" || fail "bindgen failed ($name)"
  rm -f "$out/pot_wasm_bg.wasm.d.ts" "$out/package.json"
}

for name in "${artifacts[@]}"; do build "$name" "$scratch/$name"; done

# --- compare or install ---
for name in "${artifacts[@]}"; do
  out="$PACKAGE/$name"
  [ "$mode" = bench ] && out="$bench_out"
  if [ "$mode" = check ]; then
    diff -rq "$scratch/$name" "$out" || fail "packages/halo2-wasm/$name is not what the sources build; run scripts/build-wasm.sh"
    echo "build-wasm.sh: packages/halo2-wasm/$name is reproduced"
  else
    mkdir -p "$out" && rm -rf "${out:?}"/* && mv "$scratch/$name"/* "$out/"
    (cd "$out" && wc -c ./*)
  fi
done
