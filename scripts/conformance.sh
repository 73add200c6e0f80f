#!/usr/bin/env bash
# The conformance suite against a host of its own, with its own Azurite and simulator on free ports. Sourced by ./test.
# shellcheck disable=SC2154 # ./test sets work, its folder for logs and results

# start_servers: Azurite and the simulator; sets storage, simulator and host_port.
start_servers() {
  local model
  start_azurite "$work"
  read -r model host_port <<<"$(free_ports 2)"
  simulator=http://127.0.0.1:$model
  dotnet tests/AzureOpenAISimulator/bin/Release/net10.0/AzureOpenAISimulator.dll --urls "$simulator" >"$work/simulator.log" 2>&1 &
  started+=($!)
  wait_for 60 "$simulator/_simulator/health" $! || fail "the simulator did not start: $(cat "$work/simulator.log")"

  export AZURE_OPENAI_ENDPOINT=$simulator AZURE_OPENAI_API_KEY=simulator-key
  export Ai__Vision__Deployment=gpt-4o Ai__Text__Deployment=gpt-5.6-sol Ai__Speech__Deployment=gpt-4o-transcribe-diarize Pipeline__QuietPeriod=00:00:02
  export Ai__ImageGeneration__Deployment=gpt-image-2 Ai__ImageGeneration__MaxUsd=0.05
  # The voices of the suite are tones, and its recordings are short.
  export Audio__SpeechActivity=Level Audio__ChunkSeconds=20
  export Ai__Vision__Fallback__Deployment=gpt-4.1-mini Ai__FallbackPauseSeconds=1 Ai__AllowPatience=true
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
