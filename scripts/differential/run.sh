#!/usr/bin/env bash
# Compares the stock halo2-axiom with the patched one on random circuits: src/main.rs says what is compared.
# Needs Rust by rustup and patch; builds both crates, which takes minutes, and keeps them for the next time.
#
#   scripts/differential/run.sh [--dir DIR] [--trace] circuits FIRST END    circuits of the seeds FIRST to END - 1
#   scripts/differential/run.sh [--dir DIR] [--trace] numbers               transforms, multi-scalar multiplications
#
#   --dir DIR    where to build: a new or empty folder, or one that this script made (target/differential without it)
#   --trace      print where code panics
#
# Ends with 0 where nothing differs, 1 where something does, 2 where the arguments are wrong, 3 where it cannot build.
#
# The provers run on one thread unless RAYON_NUM_THREADS says otherwise: on several, the stock crate orders a lookup's
# rows as its threads finish, so that its own proofs differ from call to call.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)

fail() { echo "differential: $*" >&2; exit 3; }
usage() {
  echo "differential: $*" >&2
  sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# --- arguments: the program checks its own again, this is so that a wrong one costs no build ---
dir="$ROOT/target/differential" options=() words=()
while [ $# -gt 0 ]; do
  case "$1" in
    --dir)
      [ -n "${2:-}" ] || usage "--dir needs a folder"
      dir=$2
      shift
      ;;
    --trace) options+=("$1") ;;
    -*) usage "there is no option $1" ;;
    *) words+=("$1") ;;
  esac
  shift
done
case "${words[*]:0:1}" in
  numbers) [ "${#words[@]}" -eq 1 ] || usage "numbers takes no further words" ;;
  circuits)
    [ "${#words[@]}" -eq 3 ] || usage "circuits takes two seeds"
    for seed in "${words[@]:1}"; do
      [[ "$seed" =~ ^[0-9]{1,18}$ ]] || usage "$seed is no seed"
    done
    [ "${words[1]}" -lt "${words[2]}" ] || usage "there is no seed from ${words[1]} up to ${words[2]}"
    ;;
  "") usage "no command is given" ;;
  *) usage "there is no command ${words[0]}" ;;
esac

# --- the folder ---
# Changes a copy. A patch that does not fit, or is in already, ends the script: nothing is compared unpatched unnoticed.
apply() {
  patch --directory="$1" --strip=1 --forward --fuzz=0 --no-backup-if-mismatch --quiet <"$2" ||
    fail "$(basename "$2") does not apply to $1"
}

# Both crates beside each other, `patched` with its `curves`. Both draw what they would draw from the system from seeds
# (repeatable.patch); the stock one gets the third phase, without which it panics at circuits that the other proves; the
# patched one gets a version of its own, since cargo takes no two packages of one name and version from folders.
prepare() {
  rm -rf "$dir/unpacked" "$dir/stock" "$dir/patched" "$dir/curves"
  "$ROOT/scripts/vendor.sh" --stock "$dir/unpacked" || fail "the stock crate could not be unpacked"
  mv "$dir/unpacked/halo2-axiom" "$dir/stock"
  rm -rf "$dir/unpacked"
  cp -R "$ROOT/third_party/halo2-axiom" "$dir/patched"
  cp -R "$ROOT/third_party/halo2curves-axiom" "$dir/curves"
  apply "$dir/stock" "$HERE/patches/repeatable.patch"
  apply "$dir/patched" "$HERE/patches/repeatable.patch"
  apply "$dir/stock" "$ROOT/patches/halo2-axiom-01-three-phases.patch"
  apply "$dir/patched" "$HERE/patches/beside-stock.patch"
  # The versions of all dependencies are the ones that are shipped.
  cp "$ROOT/Cargo.lock" "$dir/Cargo.lock"
}

command -v cargo >/dev/null || fail "cargo is not installed"
"$ROOT/scripts/vendor.sh" || fail "the patched crates could not be made"
sources=("$ROOT/third_party/.stamp" "$ROOT/Cargo.lock" "$HERE/run.sh" "$HERE"/patches/*.patch)
stamp=$(cat "${sources[@]}" | sha256sum | cut -d' ' -f1)
if [ -e "$dir" ] && [ ! -e "$dir/.stamp" ]; then
  [ -d "$dir" ] && [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty and was not made by this script"
fi
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
if [ "$(cat "$dir/.stamp" 2>/dev/null || true)" != "$stamp" ]; then
  echo unfinished >"$dir/.stamp"
  prepare
  echo "$stamp" >"$dir/.stamp"
fi
rm -rf "$dir/src"
cp -Rp "$HERE/src" "$HERE/Cargo.toml" "$dir/"

(cd "$dir" && nice cargo build --release --quiet --target-dir "$dir/target") || fail "the program could not be built"
export RAYON_NUM_THREADS="${RAYON_NUM_THREADS:-1}"
exec "$dir/target/release/differential" "${options[@]}" "${words[@]}"
