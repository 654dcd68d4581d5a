/** What the requests need of the token. Attio fact sheet 2.3. */
export const SCOPES = {
  members: ['user_management:read'],
  schemaRead: ['object_configuration:read'],
  schemaWrite: ['object_configuration:read-write'],
  recordRead: ['record_permission:read', 'object_configuration:read'],
  recordWrite: ['record_permission:read-write', 'object_configuration:read'],
  webhookRead: ['webhook:read'],
  webhookWrite: ['webhook:read-write'],
} as const
