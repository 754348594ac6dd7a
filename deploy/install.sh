#!/usr/bin/env bash
# Says what is missing for a purpose and installs it, asking nothing. Without root it prints the one command to run.
#   install.sh demo|test|check [embedded|apache]
set -euo pipefail
purpose=${1:?demo, test or check}
broker=${2:-embedded}
tools=${CIRCULA_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/circula/tools}

packages=()
need() { # command or file, Debian packages
    local what=$1
    shift
    if [[ $what == /* ]]; then
        compgen -G "$what" >/dev/null || packages+=("$@")
    else
        command -v "$what" >/dev/null || packages+=("$@")
    fi
}

need cc build-essential
need pkg-config pkg-config
need '/usr/include/zlib.h' zlib1g-dev
need git git
need '/usr/lib/postgresql/*/bin/postgres' postgresql
if [[ $broker == apache ]]; then
    need java openjdk-17-jre-headless
    need mvn maven
fi
if [[ $purpose != demo ]]; then
    need psql postgresql-client
    need chromium chromium
    need chromedriver chromium-driver
    need npm nodejs npm
fi
if [[ $purpose == check ]]; then
    need docker-compose docker-compose
    need shellcheck shellcheck
fi
if ! command -v cargo >/dev/null; then
    # Newer distributions carry rustup; where none does, its own installer is run below.
    [[ $(id -u) -ne 0 ]] || apt-get update -qq
    if apt-cache show rustup >/dev/null 2>&1; then packages+=(rustup); else need curl curl ca-certificates; fi
fi

if [[ ${#packages[@]} -gt 0 ]]; then
    command="apt-get install -y --no-install-recommends ${packages[*]}"
    echo "missing: ${packages[*]}"
    if [[ $(id -u) -ne 0 ]]; then
        echo "Run this once, then make $purpose again:"
        echo "  sudo sh -c 'mkdir -p /etc/postgresql-common && echo create_main_cluster=false >> /etc/postgresql-common/createcluster.conf; apt-get update && $command'"
        exit 1
    fi
    # Debian's package would start a cluster of its own; nobody asked for one.
    mkdir -p /etc/postgresql-common
    grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf ||
        echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    $command | sed -n 's/^Setting up /  &/p'
    echo "installed: ${packages[*]}"
fi

if ! command -v cargo >/dev/null; then
    echo "missing: Rust; running the installer of https://rustup.rs"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain none
fi

# What the tests ask whether pages can be used by everybody.
if [[ $purpose == test && ! -f $tools/node_modules/axe-core/axe.min.js ]]; then
    mkdir -p "$tools"
    npm install --silent --no-fund --no-audit --prefix "$tools" axe-core@4.14.1
fi
