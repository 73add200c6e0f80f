// Private endpoints of both storage accounts and of Azure OpenAI, with their DNS zones.
param location string
param tags object
param token string
param networkId string
param subnetId string
param mediaAccountId string
param hostAccountId string
param modelsAccountId string

var storageZones = [for kind in ['blob', 'queue', 'table']: 'privatelink.${kind}.${environment().suffixes.storage}']
var zoneNames = concat(storageZones, ['privatelink.openai.azure.com'])

// Each number is a position in zoneNames.
var targets = [
  { name: 'media-blob', account: mediaAccountId, kind: 'blob', zone: 0 }
  { name: 'media-queue', account: mediaAccountId, kind: 'queue', zone: 1 }
  { name: 'media-table', account: mediaAccountId, kind: 'table', zone: 2 }
  { name: 'host-blob', account: hostAccountId, kind: 'blob', zone: 0 }
  { name: 'host-queue', account: hostAccountId, kind: 'queue', zone: 1 }
  { name: 'host-table', account: hostAccountId, kind: 'table', zone: 2 }
  { name: 'models', account: modelsAccountId, kind: 'account', zone: 3 }
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zone in zoneNames: {
  name: zone
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zone, i) in zoneNames: {
  parent: zones[i]
  name: 'link-${token}'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: networkId
    }
  }
}]

module endpoints 'endpoint.bicep' = [for target in targets: {
  params: {
    name: 'pe-${target.name}-${token}'
    location: location
    tags: tags
    subnetId: subnetId
    accountId: target.account
    kind: target.kind
    zoneId: zones[target.zone].id
  }
}]
