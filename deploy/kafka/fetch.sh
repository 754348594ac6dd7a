#!/usr/bin/env bash
# Brings Apache Kafka's published jars, as listed in pom.xml beside this script, into a folder outside the checkout.
# The folder is $CIRCULA_KAFKA_JARS, or kafka-<version> in the user's cache. Running it again costs nothing.
# The last line on standard output is the folder; everything else is said on standard error.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml")
jars=${CIRCULA_KAFKA_JARS:-${XDG_CACHE_HOME:-${HOME:?is not set: set CIRCULA_KAFKA_JARS to a folder for the jars}/.cache}/circula/kafka-$version}

say() { echo "kafka: $*" >&2; }

# A folder without our list was filled by somebody else, who knows what they want.
complete() {
    compgen -G "$jars/kafka_2.13-*.jar" >/dev/null || return 1
    [[ ! -e $jars/pom.xml ]] || cmp --silent "$here/pom.xml" "$jars/pom.xml"
}

download() {
    if ! command -v mvn >/dev/null; then
        say "Maven is needed once, to fetch Apache Kafka $version: apt-get install --no-install-recommends maven default-jre-headless"
        say "or set CIRCULA_KAFKA_JARS to a folder that holds the jars already"
        exit 1
    fi
    say "fetching Apache Kafka $version into $jars"
    rm -rf "$jars.partial"
    mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$jars.partial" >&2
    cp "$here/pom.xml" "$jars.partial/pom.xml"
    # The folder appears in one step, so that an interrupted run is never taken for a finished one.
    rm -rf "$jars"
    mv "$jars.partial" "$jars"
    say "fetched $(find "$jars" -name '*.jar' | wc -l) jars"
}

if ! complete; then
    mkdir -p "$(dirname "$jars")"
    # Two at once would trip over each other; the second waits and finds the work done.
    exec 9>"$jars.lock"
    flock 9
    complete || download
fi
echo "$jars"
