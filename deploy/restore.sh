#!/usr/bin/env bash
# Begins a new life of the databases that a backup brought back. Run it once, after PostgreSQL has started on the backup
# and before the services start: they then publish what they have anew, and pass over what the broker still holds of the
# future that was lost.
#   restore.sh postgres://superuser@host:port/postgres
set -euo pipefail
url=${1:?the URL of a superuser}
server=${url%/*}
ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$server/$1" --command "$2"; }

databases=()
newest=0
while read -r database; do
    if [[ $(ask "$database" "SELECT to_regclass('life') IS NOT NULL") == t ]]; then
        databases+=("$database")
        life=$(ask "$database" "SELECT epoch FROM life")
        ((life > newest)) && newest=$life
    fi
done < <(ask postgres "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname")

# All take the same number: a service knows another's events by it.
for database in "${databases[@]}"; do
    ask "$database" "UPDATE life SET epoch = $((newest + 1))"
    echo "restore: $database begins life $((newest + 1))"
done
