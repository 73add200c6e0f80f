#!/usr/bin/env bash
# The conformance suite against a host of its own, with its own Azurite and simulator on free ports. Sourced by ./test.
# shellcheck disable=SC2154 # ./test sets work, its folder for logs and results

# start_servers: Azurite and the simulator; sets storage, simulator and host_port.
start_servers() {
  local blob queue table model
  read -r blob queue table model host_port <<<"$(free_ports 5)"
  node_modules/.bin/azurite --silent --inMemoryPersistence --skipApiVersionCheck --disableTelemetry \
    --blobHost 127.0.0.1 --blobPort "$blob" --queueHost 127.0.0.1 --queuePort "$queue" --tableHost 127.0.0.1 --tablePort "$table" >"$work/azurite.log" 2>&1 &
  started+=($!)
  wait_for 60 "http://127.0.0.1:$blob/devstoreaccount1" $! || fail "Azurite did not start: $(cat "$work/azurite.log")"

  simulator=http://127.0.0.1:$model
  dotnet tests/AzureOpenAISimulator/bin/Release/net10.0/AzureOpenAISimulator.dll --urls "$simulator" >"$work/simulator.log" 2>&1 &
  started+=($!)
  wait_for 60 "$simulator/_simulator/health" $! || fail "the simulator did not start: $(cat "$work/simulator.log")"

  # Azurite's account and key are the same everywhere, and public.
  local account=devstoreaccount1 key="Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
  storage="DefaultEndpointsProtocol=http;AccountName=$account;AccountKey=$key;BlobEndpoint=http://127.0.0.1:$blob/$account;QueueEndpoint=http://127.0.0.1:$queue/$account;TableEndpoint=http://127.0.0.1:$table/$account;"
  export AZURE_OPENAI_ENDPOINT=$simulator AZURE_OPENAI_API_KEY=simulator-key
  export Ai__Vision__Deployment=gpt-4o Ai__Text__Deployment=gpt-4o Ai__Speech__Deployment=whisper Pipeline__QuietPeriod=00:00:02
}

# run_conformance <base url> [key]
run_conformance() {
  CONFORMANCE_BASE_URL=$1 CONFORMANCE_KEY=${2:-} CONFORMANCE_STORAGE=$storage CONFORMANCE_SIMULATOR=$simulator \
    run_tests tests/MultiModal.Conformance.Tests
}

local_conformance() {
  start_servers
  local url=http://127.0.0.1:$host_port
  Storage__ConnectionString=$storage LocalHost__Url=$url \
    dotnet src/MultiModal.LocalHost/bin/Release/net10.0/MultiModal.LocalHost.dll serve >"$work/localhost.log" 2>&1 &
  started+=($!)
  wait_for 120 "$url/healthz" $! || fail "the local host did not start: $(tail -n 20 "$work/localhost.log")"
  run_conformance "$url"
  end_started
}
