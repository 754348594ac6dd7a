#!/usr/bin/env bash
# Takes a backup of all databases of one moment while everything runs. One server holds them, so one log orders them.
#   backup.sh postgres://superuser@host:port/postgres FOLDER
# The folder is a data folder: PostgreSQL starts on it as it is. Then restore.sh, before the services start.
set -euo pipefail
url=${1:?the URL of a superuser}
folder=${2:?a folder that does not exist yet}
pg_basebackup --dbname "$url" --pgdata "$folder" --wal-method stream --checkpoint fast --progress --no-password
echo "backup: $(du -sh "$folder" | cut -f1) in $folder"
