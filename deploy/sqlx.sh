#!/usr/bin/env bash
# Writes the query caches (.sqlx) of the services named, or of all; with --check, says whether the committed ones are true.
# Needs a PostgreSQL superuser in CIRCULA_TEST_POSTGRES; `make sqlx` starts one.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CIRCULA_TEST_POSTGRES:?names no server: run make sqlx}"
check=no
if [ "${1:-}" = "--check" ]; then check=yes; shift; fi
services=("$@")
[ ${#services[@]} -gt 0 ] || services=(programme demand candidate matching placement monitoring)
server="${CIRCULA_TEST_POSTGRES%/*}"
for service in "${services[@]}"; do
  database="prepare_$service"
  psql -q "$CIRCULA_TEST_POSTGRES" -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" -c "CREATE DATABASE $database" 2>&1 | grep -v NOTICE || true
  for migration in services/platform/migrations/*.sql "services/$service"/migrations/*.sql; do
    psql -q -v ON_ERROR_STOP=1 "$server/$database" -f "$migration"
  done
  written="$(mktemp -d)"
  # Queries are only read when the crate is checked anew. Its date comes back afterwards, or the tests would build it again.
  root="services/$service/src/lib.rs" dated="$(mktemp)"
  touch -r "$root" "$dated"
  touch "$root"
  env "$(echo "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_URL=$server/$database" \
    SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$written" cargo check --quiet -p "$service" --tests
  touch -r "$dated" "$root"
  if [ "$check" = yes ]; then
    diff -rq "$written" "services/$service/.sqlx" || { echo "services/$service/.sqlx is not true: run make sqlx"; exit 1; }
  else
    mkdir -p "services/$service/.sqlx"
    find "services/$service/.sqlx" -name 'query-*.json' -delete
    find "$written" -name 'query-*.json' -exec mv -t "services/$service/.sqlx" {} +
  fi
  rm -rf "$written" "$dated"
  echo "$service: queries $([ "$check" = yes ] && echo checked || echo written)"
done
