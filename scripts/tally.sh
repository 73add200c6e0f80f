#!/usr/bin/env bash
# Counting tests, and telling a feed that lacks packages from a restore that is broken. Sourced by ./test.
# shellcheck disable=SC2154 # ./test sets work, its folder for logs and results

passed=0 failed=0 skipped=0

# What not every feed holds: a user on nuget.org has them all.
rare='^(Microsoft\.Azure\.Functions\.Worker(\..*)?|Microsoft\.DurableTask\..*|SixLabors\.ImageSharp)$'

# lacking_packages <restore log>: the packages that are missing; fails if anything else went wrong as well.
lacking_packages() {
  local errors packages
  errors=$(grep -E '(error|Warning As Error)' "$1" | grep -vE 'error NU110[12]: ' || true)
  [ -z "$errors" ] || return 1
  packages=$(sed -nE 's/.*error NU110[12]: Unable to find package ([^ ]+[^ .]).*/\1/p' "$1" | sort -u)
  [ -n "$packages" ] || return 1
  [ -z "$(grep -vE "$rare" <<<"$packages" || true)" ] || return 1
  tr '\n' ' ' <<<"$packages"
}

# left_out <filter>: projects of the solution that the solution filter leaves out.
left_out() {
  comm -23 \
    <(dotnet sln MultiModalFunctions.sln list | grep csproj | sort) \
    <(grep -o '[^"]*\.csproj' "$1" | sort)
}

# test_projects <solution or filter>: folders of the projects with tests.
test_projects() {
  if [ "$1" = MultiModalFunctions.sln ]; then dotnet sln "$1" list; else grep -o '[^"]*\.csproj' "$1"; fi |
    grep '\.Tests\.csproj$' | xargs -n 1 dirname | sort
}

# run_tests <project folder> [arguments of dotnet test]: adds to the counts; a run that breaks off counts as one failure.
run_tests() {
  local arguments status=0
  arguments_for "$@"
  dotnet test "${arguments[@]}" || status=$?
  count_tests "$1" "$status"
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
