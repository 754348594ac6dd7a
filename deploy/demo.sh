#!/usr/bin/env bash
# Builds and plays the demo. SCALE, STAY, CONTINUE and FRESH come from the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
broker=${1:-embedded}
echo "building (the first time compiles the whole tree: some minutes)"
# The whole tree, so that the tests find it compiled with the same features.
cargo build --locked --workspace --bins
arguments=(demo --kafka "$broker")
# What is there, and how far it came, is said by the program, which can count it; so is that without CONTINUE and with
# FRESH=no nothing begins where something is.
case ${CONTINUE:-no} in
yes | y | true | t | on | 1)
    if [[ ! -e .circula/postgres ]]; then
        echo "there is no earlier run in .circula to go on with: leave CONTINUE out" >&2
        exit 1
    fi
    ;;
*)
    if [[ -e .circula/postgres && ${FRESH:-yes} != no ]]; then
        arguments+=(--fresh)
    fi
    ;;
esac
exec "${CARGO_TARGET_DIR:-target}/debug/circula" "${arguments[@]}"
