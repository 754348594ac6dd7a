#!/usr/bin/env bash
# Builds and plays the demo. SCALE, STAY, CONTINUE and FRESH come from the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
broker=${1:-embedded}
echo "building (the first time compiles the whole tree: some minutes)"
# The whole tree, so that the tests find it compiled with the same features.
cargo build --locked --workspace --bins
arguments=(demo --kafka "$broker")
if [[ ${CONTINUE:-no} == yes && ! -e .circula/postgres ]]; then
    echo "there is no earlier run in .circula to go on with: leave CONTINUE out" >&2
    exit 1
fi
if [[ -e .circula/postgres ]]; then
    if [[ ${CONTINUE:-no} == yes ]]; then
        echo "found the data of an earlier run in .circula: going on with it"
    elif [[ ${FRESH:-yes} == no ]]; then
        echo "found the data of an earlier run in .circula: CONTINUE=yes goes on with it, FRESH=yes starts anew" >&2
        exit 1
    else
        # What is removed is said once it is: not before the program has seen whether a house still runs there.
        arguments+=(--fresh)
    fi
fi
exec "${CARGO_TARGET_DIR:-target}/debug/circula" "${arguments[@]}"
