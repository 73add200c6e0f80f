#!/bin/sh
# Subscribes the deployed app to Event Grid's events for blobs that are dropped. The Bicep files cannot do this, because the
# webhook's address contains a key that the app creates when it starts. Each deployment runs this again, which updates the subscription.
set -eu

: "${AZURE_RESOURCE_GROUP:?azd runs this script after a deployment}"
: "${AZURE_FUNCTION_APP_NAME:?azd runs this script after a deployment}"
: "${AZURE_EVENT_TOPIC_NAME:?azd runs this script after a deployment}"
: "${AZURE_SUBSCRIPTION_ID:?azd runs this script after a deployment}"
command -v az >/dev/null || { echo "error: the Azure CLI (az) is missing: https://aka.ms/azure-cli" >&2; exit 1; }

key=""
tries=30
while [ -z "$key" ]; do
  key=$(az functionapp keys list --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" \
    --name "$AZURE_FUNCTION_APP_NAME" --query systemKeys.blobs_extension --output tsv 2>/dev/null || true)
  [ -z "$key" ] || break
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "error: $AZURE_FUNCTION_APP_NAME has no key blobs_extension: did the app start? See its log stream, and az login." >&2; exit 1; }
  echo "Waiting for $AZURE_FUNCTION_APP_NAME to start"
  sleep 10
done

echo "Subscribing $AZURE_FUNCTION_APP_NAME to the inbox"
# A blob is complete once it is committed: by one put, a block list, a flush with close (Data Lake), or a copy. The creation
# of an append blob or a page blob is an empty blob.
az eventgrid system-topic event-subscription create --subscription "$AZURE_SUBSCRIPTION_ID" \
  --resource-group "$AZURE_RESOURCE_GROUP" --system-topic-name "$AZURE_EVENT_TOPIC_NAME" --name inbox \
  --endpoint-type webhook \
  --endpoint "https://$AZURE_FUNCTION_APP_NAME.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.BlobDroppedEvent&code=$key" \
  --included-event-types Microsoft.Storage.BlobCreated \
  --subject-begins-with /blobServices/default/containers/inbox/ \
  --advanced-filter data.api StringIn PutBlob PutBlockList FlushWithClose CopyBlob \
  --output none
