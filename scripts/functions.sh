#!/usr/bin/env bash
# The suites that run against the Functions app on a real host. Sourced by ./test.
# shellcheck disable=SC2154 # ./test sets work, its folder for logs and results; start_servers the addresses

# Whether there is a host to run the app on (scripts/start-functions).
has_functions_host() { [ -n "${FUNCTIONS_HOST_COMMAND:-}" ] || command -v func >/dev/null; }

# wait_until_healthy <seconds> <url> <process id>: a host answers long before its app does, with a 503.
wait_until_healthy() {
  local until=$((SECONDS + $1))
  until curl --silent --fail --output /dev/null --max-time 5 "$2"; do
    kill -0 "$3" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.5
  done
}

functions_conformance() {
  say "Conformance of the Functions app"
  start_servers
  local url=http://127.0.0.1:$host_port key=Y29uZm9ybWFuY2UtbXVsdGltb2RhbC1rZXktb25l
  scripts/start-functions "$host_port" "$storage" "$storage" "$key" "$work/keys" polled >"$work/functions.log" 2>&1 &
  started+=($!)
  wait_until_healthy 180 "$url/healthz" $! || fail "the Functions host did not start: $(tail -n 20 "$work/functions.log")"
  run_conformance "$url" "$key"
  end_started
}

# Hosts and workers are killed in it, which takes its time: Durable hands out again only after a minute what a dead one had taken.
functions_faults() {
  say "Faults of the Functions app"
  FAULTS_HOST=functions run_tests tests/MultiModal.Faults.Tests --filter "Host=Any|Host=Functions"
}
