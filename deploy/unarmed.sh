#!/usr/bin/env bash
# Says whether the binaries of a folder are fit for use: faults and planted bugs (tests/README.md) are in debug builds alone.
set -euo pipefail
folder=${1:?names no folder with the binaries of a build}
names=(programme demand candidate matching placement monitoring gateway circula)
# A line of its own: that there is no such folder is not that nothing is found in it.
cd "$folder"
# What turns faults on is read under these names, and nothing else has them. Status 1 of grep: none has; 2: one is not there.
armed=$(LC_ALL=C grep -lE 'CIRCULA_(FAULT|BUG|TEST_MIGRATIONS)' "${names[@]}") || [[ $? -eq 1 ]]
if [[ -n $armed ]]; then
    echo "faults can be turned on in ${armed//$'\n'/, }: build with --release and without debug assertions" >&2
    exit 1
fi
