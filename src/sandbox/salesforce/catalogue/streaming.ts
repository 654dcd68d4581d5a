/** What the older streaming API is told to send: queries whose rows change, and channels that anybody may use (21.3). */
import { area, decimal, flag, readOnly, required, restricted, text } from './define.ts'
import { SETUP, type ObjectDefinition } from './objects.ts'
import { audit, id, isDeleted } from './shared.ts'

const TRAITS = { ...SETUP, createable: true, updateable: true, deletable: true }

export const PUSH_TOPIC: ObjectDefinition = {
  name: 'PushTopic',
  label: 'Push Topic',
  labelPlural: 'Push Topics',
  keyPrefix: '0IF',
  custom: false,
  traits: TRAITS,
  fields: [
    id('Push Topic ID'),
    required(text('Name', 'Topic Name', 25, { nameField: true, idLookup: true, unique: true })),
    required(area('Query', 'SOQL Query', 1_300)),
    required(decimal('ApiVersion', 'API Version', 'double', [18, 1])),
    flag('IsActive', 'Is Active', { defaultValue: true }),
    restricted('NotifyForFields', 'Notify For Fields', ['All', 'Referenced', 'Select', 'Where'], {
      defaultValue: 'Referenced',
      defaultedOnCreate: true,
    }),
    text('Description', 'Description', 400),
    flag('NotifyForOperationCreate', 'Create', { defaultValue: true }),
    flag('NotifyForOperationUpdate', 'Update', { defaultValue: true }),
    flag('NotifyForOperationDelete', 'Delete', { defaultValue: true }),
    flag('NotifyForOperationUndelete', 'Undelete', { defaultValue: true }),
    isDeleted(),
    ...audit(),
  ],
  children: {},
  scopes: [],
  optional: {},
}

export const STREAMING_CHANNEL: ObjectDefinition = {
  name: 'StreamingChannel',
  label: 'Streaming Channel',
  labelPlural: 'Streaming Channels',
  keyPrefix: '0M6',
  custom: false,
  traits: TRAITS,
  fields: [
    id('Streaming Channel ID'),
    required(text('Name', 'Streaming Channel Name', 80, { nameField: true, idLookup: true, unique: true })),
    text('Description', 'Description', 255),
    readOnly(flag('IsDynamic', 'Is Dynamic')),
    isDeleted(),
    ...audit(),
  ],
  children: {},
  scopes: [],
  optional: {},
}
