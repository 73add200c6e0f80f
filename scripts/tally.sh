#!/usr/bin/env bash
# Counting tests. Sourced by ./test.
# shellcheck disable=SC2154 # ./test sets work, its folder for logs and results

passed=0 failed=0 skipped=0

# test_projects: folders of the projects with tests.
test_projects() {
  dotnet sln MultiModalFunctions.sln list | grep '\.Tests\.csproj$' | xargs -n 1 dirname | sort
}

# run_tests <project folder> [arguments of dotnet test]: adds to the counts; a run that breaks off counts as one failure.
run_tests() {
  local arguments status=0
  arguments_for "$@"
  dotnet test "${arguments[@]}" || status=$?
  count_tests "$1" "$status"
}

# run_side_by_side <number at a time> <project folders>: as run_tests does, but for the tests that need a Functions host.
# What a project prints is shown in one piece when it has ended.
run_side_by_side() {
  local places=$1 project ended status i
  local -A testing=()
  shift
  for project in "$@" ""; do
    while [ "${#testing[@]}" -ge "$places" ] || { [ -z "$project" ] && [ "${#testing[@]}" -gt 0 ]; }; do
      status=0
      wait -n -p ended "${!testing[@]}" || status=$?
      say "Tested ${testing[$ended]}"
      cat "$work/$(basename "${testing[$ended]}").log"
      count_tests "${testing[$ended]}" "$status"
      unset "testing[$ended]"
      for i in "${!started[@]}"; do if [ "${started[$i]}" = "$ended" ]; then unset "started[$i]"; fi; done
      started=("${started[@]}")
    done
    [ -n "$project" ] || break
    say "Testing $project"
    test_alone "$project" >"$work/$(basename "$project").log" 2>&1 &
    started+=($!)
    testing[$!]=$project
  done
}

# test_alone <project folder>: tests one project, in a process of its own. The conformance suite needs a host.
test_alone() {
  local arguments
  if [ "$1" = tests/MultiModal.Conformance.Tests ]; then
    started=()
    trap end_started EXIT
    local_conformance
  else
    arguments_for "$1" --filter "Host!=Functions"
    exec dotnet test "${arguments[@]}"
  fi
}

# arguments_for <project folder> [arguments of dotnet test]: sets arguments, by which dotnet test leaves its results in $work.
arguments_for() {
  arguments=("$1" --configuration Release --no-build --nologo --logger "trx;LogFileName=$(results_of "$1")" --logger "console;verbosity=minimal" "${@:2}")
}

# count_tests <project folder> <exit status of its execution>
count_tests() {
  local results counters
  results=$(results_of "$1")
  counters=$([ ! -f "$results" ] || grep -o '<Counters [^>]*>' "$results")
  if [ -z "$counters" ]; then
    failed=$((failed + 1))
    return 0
  fi
  local total executed good bad
  total=$(count total "$counters") executed=$(count executed "$counters") good=$(count passed "$counters")
  bad=$((executed - good))
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
  if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then failed=$((failed + 1)); fi
}

results_of() { printf '%s/%s.trx' "$work" "$(basename "$1")"; }

# check <command>: one test, passed if the command succeeds.
check() {
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'failed: %s\n' "$*"; fi
}

count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$2"; }

# The closing line; its status is the status of it all.
close_tally() {
  if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
