#!/usr/bin/env bash
# Runs a command with the compiler and the flags that the native addon of packages/halo2-wasm-linux-x64-gnu is built with, so
# that whatever cargo compiles for the tests is what it compiles for the addon, byte for byte the same on every machine:
#   scripts/pinned-rust.sh cargo test --release
# The compiler is Debian's, as for the WebAssembly artifacts; the linker is LLVM's.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUSTC_VERSION=1.96.0
LLD=/usr/lib/llvm-22/bin

fail() { echo "pinned-rust.sh: $*" >&2; exit 1; }
/usr/bin/rustc --version 2>/dev/null | grep -q "^rustc $RUSTC_VERSION " || fail "needs Debian's rustc $RUSTC_VERSION (apt-get install rustc-web cargo-web)"
[ -x "$LLD/ld.lld" ] || fail "needs LLVM's linker (apt-get install lld-22)"

# No path of this machine may reach the addon; later prefixes win.
flags=(
  -Clink-arg=-fuse-ld=lld "-Clink-arg=-B$LLD" -Cstrip=symbols
  "--remap-path-prefix=$ROOT=/pot"
  "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  "--remap-path-prefix=/usr/src/rustc-$RUSTC_VERSION=/rust"
  "--remap-path-prefix=/usr/lib/rustlib/src/rust=/rust"
)
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${flags[*]}")
POT_WASM_SHA256=$(sha256sum "$ROOT/packages/halo2-wasm/wasm/pot_wasm_bg.wasm" | cut -d' ' -f1)
export CARGO_ENCODED_RUSTFLAGS POT_WASM_SHA256 CARGO_INCREMENTAL=0 RUSTC=/usr/bin/rustc PATH="/usr/bin:$PATH"
exec "$@"
