#!/usr/bin/env bash
# What is checked before the tests: format, lints, docs, licences, unused dependencies, contracts, queries, compose, scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${CIRCULA_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/circula/tools}
step() { printf '\n== %s\n' "$*"; }

step format
cargo fmt --all --check
step clippy
cargo clippy --workspace --all-targets --locked -- -D warnings
step doc
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
step "licences, sources, banned crates"
if [[ ! -x $tools/bin/cargo-deny ]]; then
    cargo install --locked --root "$tools" cargo-deny@0.20.2
fi
"$tools/bin/cargo-deny" --log-level error check bans licenses sources
"$tools/bin/cargo-deny" --log-level error check advisories || {
    # Without the advisory database nothing can be said; with it, a finding is a failure.
    if compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/crates" >/dev/null; then exit 1; fi
    echo "advisories: the database could not be fetched; not checked"
}
step "unused dependencies"
if [[ ! -x $tools/bin/cargo-machete ]]; then
    cargo install --locked --root "$tools" cargo-machete@0.9.2
fi
"$tools/bin/cargo-machete" --skip-target-dir
step contracts
if [[ ! -x $tools/node_modules/.bin/buf ]]; then
    mkdir -p "$tools"
    npm install --loglevel=error --no-fund --no-audit --prefix "$tools" @bufbuild/buf@1.75.0 >/dev/null || {
        echo "buf could not be had from the npm registry: the message above says why" >&2
        exit 1
    }
fi
"$tools/node_modules/.bin/buf" lint proto
"$tools/node_modules/.bin/buf" breaking proto --against proto/baseline.binpb
step queries
cargo build --quiet --locked --workspace --bins
"${CARGO_TARGET_DIR:-target}/debug/local" deploy/sqlx.sh --check
step compose
if command -v docker-compose >/dev/null; then compose=(docker-compose); else compose=(docker compose); fi
"${compose[@]}" -f docker-compose.yml config --quiet
step scripts
shellcheck deploy/*.sh deploy/kafka/*.sh deploy/postgres/*.sh .ci/run
