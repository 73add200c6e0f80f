// Everything the Functions host needs in Azure, for `azd up`. It uses identities only: no resource that it creates accepts a key.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; it names the resource group and seeds the names in it.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Region of Azure OpenAI, if it is another one. centralus, canadacentral, eastus2, francecentral, southindia and swedencentral offer the default transcription model.')
param openAiLocation string = ''

@description('The person who deploys, who may then drop files and read reports. Empty for nobody.')
param principalId string = ''

@allowed(['Group', 'ServicePrincipal', 'User'])
param principalType string = 'User'

@description('Whether the app is in a virtual network and reaches storage and models through private endpoints.')
param vnetEnabled bool = false

@description('With a virtual network: public addresses or CIDR ranges, separated by commas, that may still drop files into the media account.')
param allowedIpRanges string = ''

@description('Name of the chat model. It must accept images and answer in a JSON schema.')
param chatModel string = 'gpt-5.6-luna'

@description('Version of the chat model. If empty, it is the newest one that the catalogue of models has.')
param chatModelVersion string = ''

@description('Kind of the chat deployment, such as GlobalStandard, DataZoneStandard or Standard.')
param chatSku string = 'GlobalStandard'

@minValue(1)
@description('Capacity of the chat deployment in units of 1,000 tokens a minute; it is a part of the subscription\'s quota in the region.')
param chatCapacity int = 100

@description('Name of the transcription model. whisper returns segments with times, the gpt-4o-transcribe family does not. Azure retires whisper on 2026-12-15.')
param speechModel string = 'gpt-4o-mini-transcribe'

@description('Version of the transcription model. If empty, it is the newest one that the catalogue of models has.')
param speechModelVersion string = ''

@description('Kind of the transcription deployment. If empty, it is GlobalStandard, and Standard for whisper, which is offered in no other way.')
param speechSku string = ''

@minValue(1)
@description('Capacity of the transcription deployment in units of 1,000 tokens a minute. For whisper it is requests a minute instead.')
param speechCapacity int = 100

@description('Name of the model that makes pictures for reports, such as gpt-image-2. If empty, none is deployed, and no picture is made.')
param imageModel string = ''

@description('Version of the model that makes pictures. If empty, it is the newest one that the catalogue of models has.')
param imageModelVersion string = ''

@description('Kind of the deployment that makes pictures.')
param imageSku string = 'GlobalStandard'

@minValue(1)
@description('Capacity of the deployment that makes pictures, in the units of its model; it is a part of the subscription\'s quota in the region.')
param imageCapacity int = 1

@description('What a picture may cost, in USD, as a decimal number. It is reserved before a picture is made, and budgets need it.')
param imageMaxUsd string = '0.05'

@minValue(1)
@maxValue(1000)
@description('Largest number of instances of each function group. The durable functions are one group, the blob trigger and HTTP are others.')
param maximumInstanceCount int = 10

@allowed([2048, 4096])
@description('Memory of an instance in MB. 2,048 is enough to decode images of up to 200 megapixels, one at a time; 512 is not.')
param instanceMemoryMB int = 2048

@minValue(1)
@description('Days after which an answer that no run asked for is deleted. It would have to be paid for again.')
param cacheDays int = 90

@description('Largest number of tokens of one synthesis request. It must fit into the chat deployment\'s tokens a minute.')
@minValue(1000)
param synthesisInputTokens int = 30000

// What the product knows about models. A model that it does not know has to be named with its version.
var catalogue = any(loadJsonContent('../src/MultiModal.Pipeline/Ai/Models/models.json'))
var chatRow = first(filter(catalogue.models, row => row.name == chatModel && row.capability == 'chat'))
var imageRow = first(filter(catalogue.models, row => row.name == imageModel && row.capability == 'imageGeneration'))
var speechRow = first(filter(catalogue.models, row => row.name == speechModel && row.capability == 'transcription'))

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
// Names are made here and passed to the modules, so that what-if can predict them before anything is deployed.
var identityName = 'id-${token}'
var mediaAccountName = 'stmedia${token}'
var hostAccountName = 'sthost${token}'
var modelsAccountName = 'oai-${token}'
var ipRanges = empty(allowedIpRanges) ? [] : map(split(allowedIpRanges, ','), range => trim(range))

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identityName
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    location: location
    tags: tags
    identityName: identityName
  }
  dependsOn: [
    identity
  ]
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
  }
}

module media 'modules/media.bicep' = {
  scope: group
  params: {
    name: mediaAccountName
    location: location
    tags: tags
    cacheDays: cacheDays
    restricted: vnetEnabled
    ipRanges: ipRanges
    identityName: identityName
    userPrincipalId: principalId
    userPrincipalType: principalType
  }
  dependsOn: [
    identity
  ]
}

module host 'modules/host.bicep' = {
  scope: group
  params: {
    name: hostAccountName
    location: location
    tags: tags
    restricted: vnetEnabled
    identityName: identityName
  }
  dependsOn: [
    identity
  ]
}

module models 'modules/models.bicep' = {
  scope: group
  params: {
    name: modelsAccountName
    location: empty(openAiLocation) ? location : openAiLocation
    tags: tags
    restricted: vnetEnabled
    identityName: identityName
    chat: { model: chatModel, version: empty(chatModelVersion) ? last(chatRow.azure.versions).version : chatModelVersion, sku: chatSku, capacity: chatCapacity }
    speech: {
      model: speechModel
      version: empty(speechModelVersion) ? last(speechRow.azure.versions).version : speechModelVersion
      sku: empty(speechSku) ? (startsWith(speechModel, 'whisper') ? 'Standard' : 'GlobalStandard') : speechSku
      capacity: speechCapacity
    }
    image: empty(imageModel) ? null : {
      model: imageModel
      version: empty(imageModelVersion) ? last(imageRow.azure.versions).version : imageModelVersion
      sku: imageSku
      capacity: imageCapacity
    }
  }
  dependsOn: [
    identity
  ]
}

module endpoints 'modules/endpoints.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    location: location
    tags: tags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    mediaAccountId: media.outputs.id
    hostAccountId: host.outputs.id
    modelsAccountId: models.outputs.id
    token: token
  }
}

module events 'modules/events.bicep' = {
  scope: group
  params: {
    name: 'evgt-${token}'
    location: location
    tags: tags
    mediaAccountId: media.outputs.id
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityName: identityName
    mediaAccountName: mediaAccountName
    hostAccountName: hostAccountName
    packageContainer: host.outputs.packageContainer
    insightsConnectionString: monitoring.outputs.connectionString
    modelsEndpoint: models.outputs.endpoint
    chatDeployment: models.outputs.chatDeployment
    chatModel: chatModel
    speechDeployment: models.outputs.speechDeployment
    speechModel: speechModel
    imageDeployment: models.outputs.imageDeployment
    imageModel: imageModel
    imageMaxUsd: imageMaxUsd
    chatCapacity: chatCapacity
    speechCapacity: speechCapacity
    synthesisInputTokens: synthesisInputTokens
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    subnetId: vnetEnabled ? network!.outputs.appSubnetId : ''
  }
  dependsOn: [
    identity
    media
    endpoints
  ]
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_FUNCTION_APP_URL string = app.outputs.url
output AZURE_MEDIA_ACCOUNT_NAME string = mediaAccountName
output AZURE_EVENT_TOPIC_NAME string = events.outputs.name
output AZURE_OPENAI_ENDPOINT string = models.outputs.endpoint
