# Sourced by deploy/demo and tests/run: where build output goes, and what a bare Debian 12 lacks.

# Outside the checkout, so that it outlives it.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/interim-visits"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$cache/target}"
# Cargo tells the output of two checkouts apart by the time of their files only: what another
# checkout left there must not pass for this one's.
if [ "$(cat "$CARGO_TARGET_DIR/checkout" 2>/dev/null)" != "$PWD" ]; then
    find proto services tests -type f -exec touch -c {} +
    mkdir -p "$CARGO_TARGET_DIR"
    echo "$PWD" >"$CARGO_TARGET_DIR/checkout"
fi
# rustup's cargo may be installed and not yet on the path.
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

# Installs Debian's packages.
need_packages() {
    echo "installing $*" >&2
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >&2
}

# need COMMAND PACKAGE…: installs the packages if the command is missing.
need() {
    command -v "$1" >/dev/null || need_packages "${@:2}"
}

# need_python FOLDER PINS: an environment of Python there with what the file PINS names. One whose
# Python was upgraded or moved doesn't run, and is made anew.
need_python() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv
    if cmp -s "$2" "$1/installed" && "$1/bin/python" -c '' 2>/dev/null; then
        return
    fi
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$2"
    cp "$2" "$1/installed"
}

# A C compiler, for SQLite and for ring.
need cc build-essential
command -v cargo >/dev/null || {
    echo "cargo is missing: install Rust with rustup, see rust-toolchain.toml" >&2
    exit 1
}
