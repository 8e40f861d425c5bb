#!/usr/bin/env bash
# Builds the native addon that packages/halo2-wasm-linux-x64-gnu brings, byte for byte the same on every Debian 12 for x86-64:
# with assembly for the field, so for processors with ADX and BMI2. It needs what scripts/pinned-rust.sh names.
#
#   scripts/build-addon.sh            builds and writes it
#   scripts/build-addon.sh --check    builds it and compares with the committed file
#
# In target/, whatever is there: what cargo has compiled for the tests with the same flags is not compiled again.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FILE="$ROOT/packages/halo2-wasm-linux-x64-gnu/pot_native.node"
BUILT="$ROOT/target/release/libpot_native.so"

fail() { echo "build-addon.sh: $*" >&2; exit 1; }
case "$*" in
  "" | --check) ;;
  *) fail "unknown arguments $*: there is none but --check" ;;
esac

"$ROOT/scripts/vendor.sh"
# Whatever an earlier build left there is not what this one makes.
rm -f "$BUILT" "$ROOT"/target/release/deps/libpot_native.so
# The features of the whole workspace: cargo's tests have them too.
(cd "$ROOT" && scripts/pinned-rust.sh cargo build --quiet --locked --release --workspace --lib --features pot-native/asm \
  --target-dir target) || fail "cargo build failed"

if [ "${1:-}" = --check ]; then
  cmp "$BUILT" "$FILE" || fail "${FILE#"$ROOT/"} is not what the sources build; run scripts/build-addon.sh"
  echo "build-addon.sh: ${FILE#"$ROOT/"} is reproduced"
else
  cp "$BUILT" "$FILE.tmp" && chmod 644 "$FILE.tmp" && mv "$FILE.tmp" "$FILE"
  wc -c "$FILE"
fi
