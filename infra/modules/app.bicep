// The Functions app, on its own Flex Consumption plan.
param name string
param planName string
param location string
param tags object
param identityName string
param mediaAccountName string
param hostAccountName string
param packageContainer string
param insightsConnectionString string
param modelsEndpoint string
param chatDeployment string
param chatModel string
param speechDeployment string
param speechModel string

@description('Name of the deployment that makes pictures. Empty for none.')
param imageDeployment string
param imageModel string
param imageMaxUsd string
param chatCapacity int
param speechCapacity int
param synthesisInputTokens int
param maximumInstanceCount int
param instanceMemoryMB int

@description('Subnet of the app\'s instances. Empty for none.')
param subnetId string

// A unit of chat capacity is 1,000 tokens a minute and, for the gpt-4.1 family, one request a minute (5 million tokens and
// 5,000 requests: https://learn.microsoft.com/azure/ai-foundry/openai/quotas-limits). The number of requests in
// flight is the number that is allowed a minute, times the minutes that one takes, divided by the number of instances. Each instance
// may have one at least, because it could do nothing otherwise. The seconds are cautious assumptions: if requests take longer, some
// quota stays unused. A unit of transcription capacity is 1,000 tokens a minute, and a piece of a recording takes up to 6,000 (400 seconds are
// 4,000 tokens of sound, and what is said in them is up to 1,730). For whisper, a unit is a request a minute.
var chatSeconds = 6
var speechSeconds = 30
var chatsPerProcess = min(16, max(1, chatCapacity * chatSeconds / 60 / maximumInstanceCount))
var transcriptionsAMinute = startsWith(speechModel, 'whisper') ? speechCapacity : speechCapacity / 6
var transcriptionsPerProcess = min(16, max(1, transcriptionsAMinute * speechSeconds / 60 / maximumInstanceCount))

var pictures = empty(imageDeployment) ? {} : {
  Ai__ImageGeneration__Deployment: imageDeployment
  Ai__ImageGeneration__ModelFamily: imageModel
  Ai__ImageGeneration__MaxUsd: imageMaxUsd
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource media 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: mediaAccountName
}

resource host 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostAccountName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${host.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      // DefaultAzureCredential uses the identity with this client id.
      AZURE_CLIENT_ID: identity.properties.clientId

      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AzureWebJobsStorage__blobServiceUri: host.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: host.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: host.properties.primaryEndpoints.table

      // The connection of the blob trigger. The pipeline uses the same account.
      Media__credential: 'managedidentity'
      Media__clientId: identity.properties.clientId
      Media__blobServiceUri: media.properties.primaryEndpoints.blob
      Media__queueServiceUri: media.properties.primaryEndpoints.queue

      // The dashboard is at "/".
      AzureWebJobsDisableHomepage: 'true'

      // Flex Consumption has no polling blob trigger. Event Grid reports what is dropped.
      'AzureWebJobs.BlobDropped.Disabled': 'true'

      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

      AZURE_OPENAI_ENDPOINT: modelsEndpoint
      Ai__Vision__Deployment: chatDeployment
      Ai__Vision__ModelFamily: chatModel
      Ai__Text__Deployment: chatDeployment
      Ai__Text__ModelFamily: chatModel
      Ai__Speech__Deployment: speechDeployment
      Ai__Speech__ModelFamily: speechModel
      Ai__SynthesisInputTokens: string(synthesisInputTokens)
      Ai__Vision__MaxConcurrency: string(chatsPerProcess)
      Ai__Text__MaxConcurrency: string(chatsPerProcess)
      Ai__Speech__MaxConcurrency: string(transcriptionsPerProcess)
      // With a few transcriptions a minute, waiting is normal: up to 19 waits of a minute, within a step's 30 minutes.
      Ai__MaxAttempts: '20'
      Ai__MaxRetryDelaySeconds: '60'
      ...pictures
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
