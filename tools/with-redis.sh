#!/usr/bin/env bash
# Runs a command beside a real Redis (7 or later, or Valkey) that lives exactly as long: tools/with-redis.sh npm test
#
# A server of its own on a free loopback port, in memory only, with a password, and as a cluster of one, so that scripts are
# held to a cluster's rules. The command finds QUARTERMASTER_TEST_REDIS_URL. Goes together with tools/with-postgres.sh.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: tools/with-redis.sh <command> [argument…]" >&2; exit 2; }

server=$(command -v redis-server || command -v valkey-server || true)
cli=$(command -v redis-cli || command -v valkey-cli || true)
[ -n "$server" ] && [ -n "$cli" ] || {
  echo "Cannot start Redis: redis-server is not installed. On Debian: apt-get install redis-server" >&2
  exit 1
}

work=$(mktemp -d "${TMPDIR:-/tmp}/qm-redis.XXXXXX")
free_port() {
  node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}
port=$(free_port)
bus=$(free_port)
password=$(node -p 'require("node:crypto").randomBytes(12).toString("hex")')

# From standard input, so that the password is in no list of processes.
"$server" - >"$work/log" 2>&1 <<CONFIG &
bind 127.0.0.1
port $port
cluster-port $bus
cluster-enabled yes
cluster-announce-ip 127.0.0.1
requirepass $password
dir $work
save ""
appendonly no
CONFIG
server_pid=$!

stop() {
  status=$?
  trap - EXIT INT TERM
  kill -KILL "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ask() { REDISCLI_AUTH=$password "$cli" -h 127.0.0.1 -p "$port" "$@" 2>/dev/null; }
tries=0
until [ "$(ask ping || true)" = PONG ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 200 ] || ! kill -0 "$server_pid" 2>/dev/null; then cat "$work/log" >&2; exit 1; fi
  sleep 0.05
done
ask cluster addslotsrange 0 16383 >/dev/null
until ask cluster info | grep -q cluster_state:ok; do
  tries=$((tries + 1))
  if [ "$tries" -gt 400 ]; then cat "$work/log" >&2; exit 1; fi
  sleep 0.05
done

export QUARTERMASTER_TEST_REDIS_URL="redis://default:$password@127.0.0.1:$port"
# In the background, so that a signal to this script is not held up by the command.
"$@" <&0 &
command_pid=$!
trap 'kill -INT $command_pid 2>/dev/null; exit 130' INT
trap 'kill -TERM $command_pid 2>/dev/null; wait $command_pid; exit 143' TERM
wait "$command_pid"
