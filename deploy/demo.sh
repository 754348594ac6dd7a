#!/usr/bin/env bash
# Builds and plays the demo. SCALE, STAY, CONTINUE and FRESH come from the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
broker=${1:-embedded}
yes_or_no() { # a variable, and what it is if it is not said: every word that says so, in any case; another is refused
    local word=${!1:-$2}
    case ${word,,} in
    yes | y | true | t | on | 1) echo yes ;;
    no | n | false | f | off | 0) echo no ;;
    *)
        echo "$1=$word is neither yes nor no: say yes, y, true, t, on, 1 or no, n, false, f, off, 0" >&2
        return 1
        ;;
    esac
}
one_of() { # a variable, its word, and what it may be: a slip is told before minutes of building
    local word
    for word in "${@:3}"; do
        [[ $2 != "$word" ]] || return 0
    done
    echo "$1=$2 is not known: say one of ${*:3}" >&2
    return 1
}
export SCALE=${SCALE:-default}
one_of SCALE "$SCALE" small default full
one_of KAFKA "$broker" embedded apache
CONTINUE=$(yes_or_no CONTINUE no)
FRESH=$(yes_or_no FRESH yes)
STAY=$(yes_or_no STAY yes)
export CONTINUE STAY
arguments=(demo --kafka "$broker")
# What is there, and how far it came, is said by the program, which can count it; so is that without CONTINUE and with
# FRESH=no nothing begins where something is.
if [[ $CONTINUE == yes ]]; then
    if [[ ! -e .circula/postgres ]]; then
        echo "there is no earlier run in .circula to go on with: leave CONTINUE out" >&2
        exit 1
    fi
elif [[ -e .circula/postgres && $FRESH == yes ]]; then
    arguments+=(--fresh)
fi
echo "building (the first time compiles the whole tree: some minutes)"
# The whole tree, so that the tests find it compiled with the same features.
cargo build --locked --workspace --bins
exec "${CARGO_TARGET_DIR:-target}/debug/circula" "${arguments[@]}"
