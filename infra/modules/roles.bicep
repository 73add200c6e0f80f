// Built-in roles, by the ids that are the same in every tenant
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
@export()
var roles = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  openAiUser: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}
