// The media account, with the containers inbox, results, cache and state.
import { roles } from 'roles.bicep'

@maxLength(24)
param name string
param location string
param tags object
param cacheDays int

@description('Whether the account is closed to the public, except for the given addresses. Trusted Azure services (Event Grid) can always reach it.')
param restricted bool
param ipRanges string[]

@description('Name of the app\'s identity, in this resource group.')
param identityName string
param userPrincipalId string
param userPrincipalType string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: restricted && empty(ipRanges) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: restricted ? 'Deny' : 'Allow'
      ipRules: [for range in ipRanges: { value: range, action: 'Allow' }]
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      containerDeleteRetentionPolicy: {
        enabled: true
        days: 7
      }
      // The lifecycle rule for the cache uses this: an answer that is asked for again stays.
      lastAccessTimeTrackingPolicy: {
        enable: true
        name: 'AccessTimeTracking'
        trackingGranularityInDays: 1
        blobType: ['blockBlob']
      }
    }

    resource containers 'containers' = [for container in ['inbox', 'results', 'cache', 'state']: {
      name: container
    }]
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'forget-unused-answers'
            type: 'Lifecycle'
            enabled: true
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['cache/']
              }
              actions: {
                baseBlob: {
                  delete: {
                    daysAfterLastAccessTimeGreaterThan: cacheDays
                  }
                }
              }
            }
          }
          {
            // This rule is for locks only, which are created again when they are missing. A batch's state and the inventory of its
            // last run are kept for as long as the batch exists, and the product itself deletes what a newer run replaces.
            name: 'forget-old-locks'
            type: 'Lifecycle'
            enabled: true
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['state/locks/']
              }
              actions: {
                baseBlob: {
                  delete: {
                    daysAfterModificationGreaterThan: 7
                  }
                }
              }
            }
          }
        ]
      }
    }
    dependsOn: [
      blobs
    ]
  }
}

// The blob trigger needs the role blob owner, and so do user delegation keys for upload URLs. The trigger also needs queue contributor,
// because it keeps what it retries and what it gives up in queues of the account. The ledger of costs needs table contributor.
var appRoles = [roles.blobOwner, roles.queueContributor, roles.tableContributor]

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in appRoles: {
  name: guid(account.id, identityName, role)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}]

resource userAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(userPrincipalId)) {
  name: guid(account.id, userPrincipalId, roles.blobContributor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobContributor)
    principalId: userPrincipalId
    principalType: userPrincipalType
  }
}

output id string = account.id
