#!/usr/bin/env bash
# Runs a command with the compiler and the flags that the native addon of packages/halo2-wasm-linux-x64-gnu is built with, so
# that whatever cargo compiles for the tests is what it compiles for the addon, byte for byte the same on every Debian 12:
#   scripts/pinned-rust.sh cargo test --release
# The compiler is Debian's, as for the WebAssembly artifacts; the linker is LLVM's. The addon says in itself which linker and
# which gcc (for the C runtime's first and last object) made it, so that these are pinned too.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
source "$ROOT/scripts/own-cargo.sh"
LLD=/usr/lib/llvm-22/bin
LLD_VERSION=22.1.8
GCC_VERSION=12.2.0-14+deb12u1

fail() { echo "pinned-rust.sh: $*" >&2; exit 1; }
[ $# -gt 0 ] || fail "no command was given"
# needs WHAT PACKAGES PATTERN COMMAND...: a tool whose own account of its version holds the pattern.
needs() {
  local what=$1 packages=$2 pattern=$3
  shift 3
  "$@" 2>/dev/null | grep -qF -- "$pattern" || fail "needs $what (apt-get install $packages)"
}
needs "Debian's rustc $RUSTC_VERSION" rustc-web "rustc $RUSTC_VERSION " /usr/bin/rustc --version
needs "Debian's cargo $RUSTC_VERSION" cargo-web "cargo $RUSTC_VERSION " /usr/bin/cargo --version
needs "LLVM's linker $LLD_VERSION" lld-22 "LLD $LLD_VERSION " "$LLD/ld.lld" --version
needs "gcc $GCC_VERSION" gcc "$GCC_VERSION" /usr/bin/gcc --version

# Cargo works in target/, which is under ROOT.
TARGET=
own_cargo
own_flags -Clinker=/usr/bin/gcc -Clink-arg=-fuse-ld=lld "-Clink-arg=-B$LLD" -Cstrip=symbols
POT_WASM_SHA256=$(sha256sum "$ROOT/packages/halo2-wasm/wasm/pot_wasm_bg.wasm" | cut -d' ' -f1)
export POT_WASM_SHA256
exec "$@"
