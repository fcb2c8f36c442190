#!/usr/bin/env bash
# Runs a command beside a real PostgreSQL that lives exactly as long: tools/with-postgres.sh npm test
#
# A new cluster in a temporary directory, on a free loopback port, durable as in production (fsync on), with a password.
# The command finds QUARTERMASTER_TEST_DATABASE_URL, and QUARTERMASTER_TEST_PG_CTL (a script that takes start, stop or
# any other word of pg_ctl). PostgreSQL refuses to run as root, so root runs it as the user postgres.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: tools/with-postgres.sh <command> [argument…]" >&2; exit 2; }

bin=''
for dir in "$(pg_config --bindir 2>/dev/null || true)" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) \
  "$(dirname "$(command -v initdb || echo /)")"; do
  if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then bin=$dir; break; fi
done
[ -n "$bin" ] || { echo "Cannot start PostgreSQL: initdb is not installed. On Debian: apt-get install postgresql" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/qm-postgres.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || { echo "Cannot start PostgreSQL as root: there is no user postgres to run it as" >&2; exit 1; }
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  chown postgres: "$work"
fi

port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
password=$(node -p 'require("node:crypto").randomBytes(12).toString("hex")')

ctl="$work/ctl"
cat > "$ctl" <<CTL
#!/bin/sh
cd "$work" && exec ${as[*]} "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w -s -o "-p $port -k $work -c listen_addresses=127.0.0.1 -c max_connections=200" "\$@"
CTL
chmod 755 "$ctl"

stop() {
  status=$?
  trap - EXIT INT TERM
  "$ctl" stop -m immediate >/dev/null 2>&1 || true
  rm -rf "$work"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

(umask 077; printf '%s' "$password" > "$work/password"; [ ${#as[@]} = 0 ] || chown postgres: "$work/password")
(cd "$work" && "${as[@]}" "$bin/initdb" -D "$work/data" -U quartermaster -A scram-sha-256 --pwfile="$work/password" \
  -E UTF8 --locale=C.UTF-8 --no-sync >"$work/initdb.log" 2>&1) || { cat "$work/initdb.log" >&2; exit 1; }
"$ctl" start || { cat "$work/log" >&2; exit 1; }

export QUARTERMASTER_TEST_DATABASE_URL="postgres://quartermaster:$password@127.0.0.1:$port/postgres"
export QUARTERMASTER_TEST_PG_CTL="$ctl"
# In the background, so that a signal to this script is not held up by the command.
"$@" <&0 &
command_pid=$!
trap 'kill -INT $command_pid 2>/dev/null; exit 130' INT
trap 'kill -TERM $command_pid 2>/dev/null; wait $command_pid; exit 143' TERM
wait "$command_pid"
