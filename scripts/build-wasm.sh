#!/usr/bin/env bash
# Builds packages/halo2-wasm/wasm from packages/halo2-wasm/bindings, byte for byte the same on every machine.
#
#   scripts/build-wasm.sh            builds and writes packages/halo2-wasm/wasm
#   scripts/build-wasm.sh --check    builds from nothing into a temporary folder and compares with the committed files
#   scripts/build-wasm.sh --bench D  builds with the microbenchmarks of bindings/src/bench.rs, for Node, into folder D
#
# rustup's toolchains need a downloaded wasm32 standard library; Debian's build it from source (rust-web-src).
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUSTC_VERSION=1.96.0
BINARYEN_VERSION=132.0.0
TOOLS="$ROOT/.tools"
OUT="$ROOT/packages/halo2-wasm/wasm"
TARGET="${POT_WASM_TARGET_DIR:-$ROOT/target-wasm}"
CARGO_DIR="${CARGO_HOME:-$HOME/.cargo}"

fail() { echo "build-wasm.sh: $*" >&2; exit 1; }

mode=build glue=web features=()
case "${1:-}" in
  "") ;;
  --check) mode=check ;;
  --bench) mode=bench OUT="${2:?--bench needs a folder}" glue=nodejs features=(--features bench) ;;
  *) fail "unknown argument $1" ;;
esac

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
binaryen="$TOOLS/binaryen-$BINARYEN_VERSION"
if [ ! -x "$binaryen/node_modules/.bin/wasm-opt" ]; then
  npm install --silent --no-audit --no-fund --prefix "$binaryen" "binaryen@$BINARYEN_VERSION" || fail "no wasm-opt"
fi
"$ROOT/scripts/vendor.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ "$mode" = check ] && TARGET="$scratch/target"

# --- compile ---
# No path of this machine may reach the binary; later prefixes win.
flags=(
  -Ctarget-feature=+simd128,+bulk-memory
  -Clink-arg=-zstack-size=4194304
  "--remap-path-prefix=$ROOT=/pot"
  "--remap-path-prefix=$TARGET=/target"
  "--remap-path-prefix=$CARGO_DIR=/cargo"
  "--remap-path-prefix=/usr/src/rustc-$RUSTC_VERSION=/rust"
  "--remap-path-prefix=/usr/lib/rustlib/src/rust=/rust"
)
export CARGO_ENCODED_RUSTFLAGS
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${flags[*]}")
export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc PATH="/usr/bin:$PATH" CARGO_INCREMENTAL=0
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_PANIC=abort
(cd "$ROOT" && nice /usr/bin/cargo build --quiet --locked --release --package pot-wasm --lib "${features[@]}" \
  --target wasm32-unknown-unknown -Z build-std=std,panic_abort --target-dir "$TARGET") || fail "cargo build failed"

# --- bind and optimise ---
"$TOOLS/bindgen/release/bindgen" "$glue" "$TARGET/wasm32-unknown-unknown/release/pot_wasm.wasm" "$scratch/pkg"
"$binaryen/node_modules/.bin/wasm-opt" -O3 --enable-simd --enable-bulk-memory --enable-bulk-memory-opt \
  --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-reference-types \
  --enable-multivalue --strip-debug "$scratch/pkg/pot_wasm_bg.wasm" -o "$scratch/opt.wasm"
mv "$scratch/opt.wasm" "$scratch/pkg/pot_wasm_bg.wasm"
rm -f "$scratch/pkg/pot_wasm_bg.wasm.d.ts" "$scratch/pkg/package.json"

# --- compare or install ---
if [ "$mode" = check ]; then
  diff -rq "$scratch/pkg" "$OUT" || fail "packages/halo2-wasm/wasm is not what the sources build; run scripts/build-wasm.sh"
  echo "build-wasm.sh: packages/halo2-wasm/wasm is reproduced"
else
  mkdir -p "$OUT" && rm -rf "${OUT:?}"/* && mv "$scratch/pkg"/* "$OUT/"
  (cd "$OUT" && wc -c ./*)
fi
