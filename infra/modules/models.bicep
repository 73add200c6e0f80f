// Azure OpenAI with two deployments: one model looks and writes, the other one transcribes. A third one makes pictures, if it is asked for.
import { roles } from 'roles.bicep'

type deployment = {
  model: string
  version: string
  sku: string
  capacity: int
}

param name string
param location string
param tags object

@description('Whether the account is closed to the public and reached through a private endpoint only.')
param restricted bool
@description('Name of the app\'s identity, in this resource group.')
param identityName string
param chat deployment
param speech deployment

@description('The deployment that makes pictures; null for none.')
param image deployment?

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'OpenAI'
  sku: {
    name: 'S0'
  }
  properties: {
    // An identity's tokens are accepted only under the account's own host name.
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: restricted ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: restricted ? 'Deny' : 'Allow'
    }
  }

  // Deployments of one account are made one after the other, because two at a time conflict.
  resource chatDeployment 'deployments' = {
    name: 'chat'
    sku: {
      name: chat.sku
      capacity: chat.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: chat.model
        version: chat.version
      }
      // Another version of a model gives other answers. So the version changes only when a new one is deployed, and never automatically.
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
  }

  resource speechDeployment 'deployments' = {
    name: 'speech'
    sku: {
      name: speech.sku
      capacity: speech.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: speech.model
        version: speech.version
      }
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
    dependsOn: [
      chatDeployment
    ]
  }

  resource imageDeployment 'deployments' = if (image != null) {
    name: 'image'
    sku: {
      name: image!.sku
      capacity: image!.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: image!.model
        version: image!.version
      }
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
    dependsOn: [
      speechDeployment
    ]
  }
}

resource appAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityName, roles.openAiUser)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.openAiUser)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

output id string = account.id
output endpoint string = account.properties.endpoint
output chatDeployment string = account::chatDeployment.name
output speechDeployment string = account::speechDeployment.name
output imageDeployment string = image == null ? '' : 'image'
