#!/usr/bin/env bash
# Runs Apache Kafka in the foreground, on loopback, as one broker and controller, without Docker. Ctrl-C stops it.
#   start.sh [folder of its data] [port] [port of the controller]
# CIRCULA_KAFKA_HEAP (512m) is the size of its heap.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
directory=${1:-.circula/kafka}
port=${2:-9092}
controller=${3:-9093}

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if ! command -v "$java" >/dev/null; then
    echo "kafka: Java 17 or newer is needed: apt-get install --no-install-recommends default-jre-headless" >&2
    exit 1
fi
jars=$("$here/fetch.sh" | tail -n 1)

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
settings=$directory/server.properties
{
    cat "$here/server.properties"
    echo "listeners=CLIENTS://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller"
    echo "advertised.listeners=CLIENTS://127.0.0.1:$port"
    # A fixed list of voters: another port at the next start is then only a line here, not a vote.
    echo "controller.quorum.voters=1@127.0.0.1:$controller"
    echo "log.dirs=$directory/data"
} >"$settings"

run() { # heap, then what to run
    local heap=$1
    shift
    exec "$java" "-Xmx$heap" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
        -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "$jars/*" "$@"
}

if [[ ! -s $directory/data/meta.properties || ! -s $directory/data/bootstrap.checkpoint ]]; then
    # What an interrupted formatting left behind holds no event yet.
    rm -rf "$directory/data"
    # Sixteen random bytes in Kafka's spelling; it must not look like an option.
    cluster=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=' | sed 's/^-/A/')
    (run 128m kafka.tools.StorageTool format -t "$cluster" -c "$settings") >&2
fi

echo "kafka: listening on 127.0.0.1:$port, data in $directory/data" >&2
run "${CIRCULA_KAFKA_HEAP:-512m}" kafka.Kafka "$settings"
