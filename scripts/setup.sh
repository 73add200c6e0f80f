#!/usr/bin/env bash
# What ./run and ./test both need. Sourced, never run: it expects to be in the repository's top folder.

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

need_toolchains() {
  command -v dotnet >/dev/null || fail "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download"
  # Here, dotnet --version succeeds only if an SDK is installed that global.json allows.
  dotnet --version >/dev/null 2>&1 ||
    fail "this needs the .NET SDK 10 (global.json); installed: $(dotnet --list-sdks | cut -d ' ' -f 1 | paste -s -d ' ' -). Get it from https://dotnet.microsoft.com/download"
  { command -v node && command -v npm; } >/dev/null || fail "Node.js 18 or newer, with npm, is missing: https://nodejs.org"
}

# The programs that render documents and that the offline engines are: what is missing is installed where that is possible, or named.
# Further packages that a caller wants are its arguments, as program=package.
need_programs() {
  local missing=() pair
  for pair in ffmpeg=ffmpeg tesseract=tesseract-ocr pocketsphinx_continuous=pocketsphinx pdftoppm=poppler-utils "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ -d /usr/share/pocketsphinx/model/en-us ] || missing+=(pocketsphinx-en-us)
  [ "${#missing[@]}" -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      printf 'Some programs are missing, and this is not root. Install them and start again:\n  sudo apt-get install %s\n' "${missing[*]}" >&2
      return 1
    fi
  fi
  command -v apt-get >/dev/null || { printf 'Install these programs and start again: %s\n' "${missing[*]}" >&2; return 1; }
  say "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# What the tests need beyond that: they make their media with other programs than the product reads them with.
need_test_programs() {
  need_programs identify=imagemagick exiftool=libimage-exiftool-perl heif-enc=libheif-examples gs=ghostscript espeak-ng=espeak-ng jbig2dec=jbig2dec \
    gropdf=groff pango-view=pango1.0-tools shellcheck=shellcheck python3=python3 openssl=openssl
}

# The browser that the dashboard is tested in. Where it is missing and cannot be installed, those tests are skipped.
need_browser() {
  command -v chromium >/dev/null || need_programs chromium=chromium || say "The dashboard in a browser: skipped. Chromium is missing"
}

# need_packages [--omit=dev]: what package-lock.json pins: Azurite and the weights of the model that tells speech from noise, which the build copies;
# and, unless they are left out, the programs that check the dashboard and the API's description.
need_packages() {
  if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ] ||
    { [ $# -eq 0 ] && [ ! -d node_modules/typescript ]; }; then
    say "Installing the packages of package-lock.json"
    npm ci "$@" --no-audit --no-fund --loglevel=error
    touch node_modules/.package-lock.json
  fi
}

# start_azurite <folder for its log>: one of our own, in memory and on free ports. Sets storage, its connection string.
start_azurite() {
  local blob queue table
  read -r blob queue table <<<"$(free_ports 3)"
  node_modules/.bin/azurite --silent --inMemoryPersistence --skipApiVersionCheck --disableTelemetry \
    --blobHost 127.0.0.1 --blobPort "$blob" --queueHost 127.0.0.1 --queuePort "$queue" --tableHost 127.0.0.1 --tablePort "$table" >"$1/azurite.log" 2>&1 &
  started+=($!)
  wait_for 60 "http://127.0.0.1:$blob/devstoreaccount1" $! || fail "Azurite did not start: $(cat "$1/azurite.log")"

  set_storage "$blob" "$queue" "$table"
}

# open_azurite <blob port> <folder for data and log>: the Azurite that answers on this port, or one that is started on it, on the two ports after it
# and in the folder. If anything else listens on one of the three, it is started on free ports. Sets storage, its connection string.
open_azurite() {
  local ports=("$1" $(($1 + 1)) $(($1 + 2))) taken
  if is_azurite "${ports[0]}" "${ports[2]}"; then
    say "Using the Azurite that answers on port $1"
    set_storage "${ports[@]}"
    return
  fi
  need_packages --omit=dev
  for taken in "${ports[@]}"; do
    is_taken "$taken" || continue
    read -r -a ports <<<"$(free_ports 3)"
    say "Another program than Azurite listens on port $taken: Azurite listens on ${ports[*]}"
    break
  done
  say "Starting Azurite (data in $2/azurite)"
  mkdir -p "$2/azurite"
  node_modules/.bin/azurite --silent --skipApiVersionCheck --disableTelemetry --location "$2/azurite" \
    --blobHost 127.0.0.1 --blobPort "${ports[0]}" --queueHost 127.0.0.1 --queuePort "${ports[1]}" --tableHost 127.0.0.1 --tablePort "${ports[2]}" \
    >"$2/azurite.log" 2>&1 &
  started+=($!)
  wait_for 60 "http://127.0.0.1:${ports[0]}/devstoreaccount1" $! || fail "Azurite did not start: see $2/azurite.log"
  set_storage "${ports[@]}"
}

# set_storage <blob port> <queue port> <table port>: sets storage, the connection string of an Azurite on these ports.
set_storage() {
  # Azurite's account and key are the same everywhere, and public.
  local account=devstoreaccount1 key="Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
  # shellcheck disable=SC2034 # for whoever sources this
  storage="DefaultEndpointsProtocol=http;AccountName=$account;AccountKey=$key;BlobEndpoint=http://127.0.0.1:$1/$account;QueueEndpoint=http://127.0.0.1:$2/$account;TableEndpoint=http://127.0.0.1:$3/$account;"
}

# is_azurite <blob port> <table port>: whether Azurite's blob and table services answer there, as their Server header says.
is_azurite() {
  local service
  for service in "Blob $1" "Table $2"; do
    curl --silent --output /dev/null --dump-header - --max-time 2 "http://127.0.0.1:${service#* }/devstoreaccount1" |
      grep --quiet --ignore-case "^server: azurite-${service% *}" || return 1
  done
}

# is_taken <port>: whether something listens on it.
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Ports that nobody listens on, as many as asked for.
free_ports() {
  node -e '
    const net = require("net"), servers = [];
    const next = n => n === 0
      ? (console.log(servers.map(s => s.address().port).join(" ")), servers.forEach(s => s.close()))
      : servers.push(net.createServer().listen(0, "127.0.0.1", () => next(n - 1)));
    next(Number(process.argv[1]));' "$1"
}

# wait_for <seconds> <url> <process id>: until the url answers, as long as the process lives.
wait_for() {
  local until=$((SECONDS + $1))
  until curl --silent --output /dev/null --max-time 2 "$2"; do
    kill -0 "$3" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.2
  done
}

# Ends what this script started, newest first, and waits until it is gone.
started=()
end_started() {
  local i pid
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    pid=${started[$i]}
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  started=()
}
