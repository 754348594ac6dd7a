#!/usr/bin/env bash
# Roles and databases of all services, as platform::database::bootstrap makes them: owner (migrations), app, relay, and a
# login that owns nothing and may become each of them. Run once by the PostgreSQL image on an empty volume.
set -euo pipefail
for service in programme demand candidate matching placement monitoring; do
    psql -v ON_ERROR_STOP=1 -v password="$CIRCULA_DATABASE_PASSWORD" --username postgres <<SQL
CREATE ROLE ${service}_owner NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE ${service}_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE ${service}_relay NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE ${service} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
GRANT ${service}_owner, ${service}_app, ${service}_relay TO ${service};
CREATE DATABASE ${service} OWNER ${service}_owner;
SQL
done
