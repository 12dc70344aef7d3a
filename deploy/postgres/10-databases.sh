#!/usr/bin/env bash
# A database and a role for each service, which can't look into any other. PostgreSQL's image runs
# this once, on an empty data folder.
set -euo pipefail

for service in scheduling recording escalation letters insights console; do
    # postgres://service:password@host:port/database, as the service itself reads it.
    url="$(<"/run/secrets/${service}_database_url")"
    password="${url#*://*:}"
    # In the environment, not in the arguments: those are for everybody to see.
    SERVICE="$service" PASSWORD="${password%%@*}" psql --quiet --no-psqlrc \
        --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
CREATE ROLE :"service" LOGIN PASSWORD :'password' CONNECTION LIMIT 100;
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
    echo "database and role $service are there"
done

psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
SQL
