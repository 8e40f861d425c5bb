#!/usr/bin/env bash
# Fetches the two proof-system crates that we patch from crates.io, checks them against the digests below, unpacks
# them into third_party/ (git-ignored) and applies patches/<crate>-*.patch. Cargo.toml's [patch.crates-io] points there.
# Does nothing when third_party/ already matches the crates and patches asked for.
#
#   scripts/vendor.sh                writes third_party/
#   scripts/vendor.sh --stock DIR    unpacks the crates as they are, without patches, into the new folder DIR
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEST="$ROOT/third_party"
# name version sha256 of the .crate file, as in the crates.io index
CRATES=(
  "halo2-axiom 0.5.3 18316396f9bc7dcd6ac1602443ea4f83f2c93fa5abe448a28db3abceb9c7aab3"
  "halo2curves-axiom 0.7.3 276d6c463e0e8e70c1a221baae62b670453f6ef851dd1c73f0764e5215fda64d"
)

fail() { echo "vendor.sh: $*" >&2; exit 1; }
command -v cargo >/dev/null || fail "cargo is not installed"
command -v patch >/dev/null || fail "patch is not installed (apt-get install patch)"

patched=yes
case "$#:${1:-}" in
  0:) ;;
  2:--stock)
    DEST=$2 patched=no
    [ ! -e "$DEST" ] || fail "$DEST is there already"
    ;;
  *) fail "unknown arguments $*: there is none but --stock DIR" ;;
esac

stamp=$({ printf '%s\n' "${CRATES[@]}"; cd "$ROOT/patches" && sha256sum -- *.patch; } | sha256sum | cut -d' ' -f1)
if [ "$patched" = yes ] && [ "$(cat "$DEST/.stamp" 2>/dev/null || true)" = "$stamp" ]; then
  echo "vendor.sh: third_party is up to date"
  exit 0
fi

# cargo's own client downloads the crates; a scratch package outside the workspace names them.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/src" && : >"$scratch/src/lib.rs"
{
  printf '[package]\nname = "vendor"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n'
  for entry in "${CRATES[@]}"; do
    read -r name version _ <<<"$entry"
    printf '%s = { version = "=%s", default-features = false }\n' "$name" "$version"
  done
} >"$scratch/Cargo.toml"
(cd "$scratch" && cargo fetch --quiet) || fail "cargo could not fetch the crates"

registry="${CARGO_HOME:-$HOME/.cargo}/registry/cache"
mkdir "$scratch/out"
for entry in "${CRATES[@]}"; do
  read -r name version digest <<<"$entry"
  archive=$(find "$registry" -name "$name-$version.crate" -print -quit)
  [ -n "$archive" ] || fail "$name $version is not in $registry after cargo fetch"
  echo "$digest  $archive" | sha256sum --check --quiet || fail "$name $version does not have the expected digest"
  tar -xzf "$archive" -C "$scratch/out"
  mv "$scratch/out/$name-$version" "$scratch/out/$name"
  [ "$patched" = yes ] || continue
  for patch in "$ROOT/patches/$name"-[0-9]*.patch; do
    [ -f "$patch" ] || fail "no patch for $name"
    patch --directory="$scratch/out/$name" --strip=1 --forward --fuzz=0 --no-backup-if-mismatch --quiet <"$patch" ||
      fail "$(basename "$patch") does not apply to $name $version"
  done
done
[ "$patched" = no ] || echo "$stamp" >"$scratch/out/.stamp"

# tar restores old time stamps: make cargo see that sources may have changed.
find "$scratch/out" -type f -name '*.rs' -exec touch {} +
rm -rf "$DEST" && mv "$scratch/out" "$DEST"
if [ "$patched" = yes ]; then kind=patched; else kind=stock; fi
echo "vendor.sh: $DEST holds ${#CRATES[@]} $kind crates"
