// The topic of the media account's events. The subscription needs a key of the deployed app, so a hook creates it after
// each deployment (infra/hooks).
param name string
param location string
param tags object
param mediaAccountId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    source: mediaAccountId
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output name string = topic.name
