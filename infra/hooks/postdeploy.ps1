# Does the same as postdeploy.sh, for Windows.
$ErrorActionPreference = 'Stop'

foreach ($name in 'AZURE_RESOURCE_GROUP', 'AZURE_FUNCTION_APP_NAME', 'AZURE_EVENT_TOPIC_NAME', 'AZURE_SUBSCRIPTION_ID') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: azd runs this script after a deployment." }
}
if (-not (Get-Command az -ErrorAction SilentlyContinue)) { throw 'The Azure CLI (az) is missing: https://aka.ms/azure-cli' }

$key = ''
for ($try = 1; -not $key; $try++) {
    $key = az functionapp keys list --subscription $env:AZURE_SUBSCRIPTION_ID --resource-group $env:AZURE_RESOURCE_GROUP `
        --name $env:AZURE_FUNCTION_APP_NAME --query systemKeys.blobs_extension --output tsv 2>$null
    if ($key) { break }
    if ($try -ge 30) { throw "$env:AZURE_FUNCTION_APP_NAME has no key blobs_extension: did the app start? See its log stream, and az login." }
    Write-Host "Waiting for $env:AZURE_FUNCTION_APP_NAME to start"
    Start-Sleep -Seconds 10
}

Write-Host "Subscribing $env:AZURE_FUNCTION_APP_NAME to the inbox"
# az is a batch file here, and an ampersand that is not quoted would end the command.
$endpoint = "https://$env:AZURE_FUNCTION_APP_NAME.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.BlobDroppedEvent&code=$key"
az eventgrid system-topic event-subscription create --subscription $env:AZURE_SUBSCRIPTION_ID `
    --resource-group $env:AZURE_RESOURCE_GROUP --system-topic-name $env:AZURE_EVENT_TOPIC_NAME --name inbox `
    --endpoint-type webhook --endpoint "`"$endpoint`"" `
    --included-event-types Microsoft.Storage.BlobCreated `
    --subject-begins-with /blobServices/default/containers/inbox/ `
    --advanced-filter data.api StringIn PutBlob PutBlockList FlushWithClose CopyBlob `
    --output none
if ($LASTEXITCODE -ne 0) { throw 'The Event Grid subscription could not be created.' }
