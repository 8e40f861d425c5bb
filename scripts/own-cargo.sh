# Sourced by the scripts that build what is committed (build-wasm.sh, build-addon.sh by pinned-rust.sh), which set ROOT: Debian's
# compiler, nothing of a user's own settings for cargo, no path of this machine.
RUSTC_VERSION=1.96.0

# What a user's environment may say of cargo would be other flags, another compiler or another folder.
own_cargo() {
  local name
  unset RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTFLAGS CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS
  while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^CARGO_(PROFILE|TARGET)_' || true)
  export RUSTC=/usr/bin/rustc PATH="/usr/bin:$PATH" CARGO_INCREMENTAL=0
}

# own_flags FLAG...: makes these rustc's flags, and none else. No path of this machine may reach what is built, TARGET among them
# where it is set; later prefixes win.
own_flags() {
  local flags=("$@" "--remap-path-prefix=$ROOT=/pot")
  [ -z "${TARGET:-}" ] || flags+=("--remap-path-prefix=$TARGET=/target")
  flags+=(
    "--remap-path-prefix=$(realpath -m "${CARGO_HOME:-$HOME/.cargo}")=/cargo"
    "--remap-path-prefix=/usr/src/rustc-$RUSTC_VERSION=/rust"
    "--remap-path-prefix=/usr/lib/rustlib/src/rust=/rust"
  )
  CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${flags[*]}")
  export CARGO_ENCODED_RUSTFLAGS
}
