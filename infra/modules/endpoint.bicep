// One private endpoint with its DNS record.
param name string
param location string
param tags object
param subnetId string
param accountId string

@description('The part of the account that the endpoint leads to: blob, queue, table or account.')
param kind string
param zoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: kind
        properties: {
          privateLinkServiceId: accountId
          groupIds: [kind]
        }
      }
    ]
  }

  resource records 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: kind
          properties: {
            privateDnsZoneId: zoneId
          }
        }
      ]
    }
  }
}
