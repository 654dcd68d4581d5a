/** Tasks and events, as much of them as a timeline needs (Salesforce fact sheet 18). */
import {
  area,
  date,
  datetime,
  field,
  flag,
  lookup,
  narrowing,
  picklist,
  readOnly,
  required,
  restricted,
  text,
  whole,
} from './define.ts'
import type { Field } from './field.ts'
import { BUSINESS, children, type ObjectDefinition } from './objects.ts'
import { audit, currency, id, isDeleted, owner } from './shared.ts'

const SUBJECTS: readonly string[] = ['Call', 'Email', 'Meeting', 'Send Letter/Quote', 'Other']

/** Who and what an activity is about; both polymorphic (8). */
function parties(): Field[] {
  const polymorphic = { polymorphicForeignKey: true, namePointing: true }
  return [
    narrowing(lookup('WhoId', 'Name ID', ['Contact', 'Lead'], 'Who', polymorphic)),
    narrowing(lookup('WhatId', 'Related To ID', ['Account', 'Opportunity'], 'What', polymorphic)),
  ]
}

function subject(): Field {
  return field('Subject', 'Subject', 'combobox', {
    length: 255,
    nameField: true,
    permissionable: false,
    picklistValues: SUBJECTS.map((value) => ({
      active: true,
      defaultValue: false,
      label: value,
      validFor: null,
      value,
    })),
  })
}

/** Set by the vendor from the other references. */
function account(): Field {
  return readOnly(narrowing(lookup('AccountId', 'Account ID', ['Account'], 'Account')))
}

const CHILDREN = (name: string): ObjectDefinition['children'] => ({
  WhoId: children(name, true),
  WhatId: children(name, true),
})

export const TASK: ObjectDefinition = {
  name: 'Task',
  label: 'Task',
  labelPlural: 'Tasks',
  keyPrefix: '00T',
  custom: false,
  traits: { ...BUSINESS, feedEnabled: false },
  fields: [
    id('Activity ID'),
    ...parties(),
    subject(),
    date('ActivityDate', 'Due Date Only'),
    required(
      picklist('Status', 'Status', ['Not Started*', 'In Progress', 'Completed', 'Waiting', 'Deferred'], {
        defaultedOnCreate: true,
      }),
    ),
    required(picklist('Priority', 'Priority', ['High', 'Normal*', 'Low'], { defaultedOnCreate: true })),
    readOnly(flag('IsHighPriority', 'High Priority')),
    owner('Assigned To ID', ['Group', 'User']),
    area('Description', 'Description', 32_000),
    isDeleted(),
    account(),
    readOnly(flag('IsClosed', 'Closed')),
    ...audit(),
    readOnly(flag('IsArchived', 'Archived')),
    whole('CallDurationInSeconds', 'Call Duration'),
    restricted('CallType', 'Call Type', ['Internal', 'Inbound', 'Outbound']),
    text('CallDisposition', 'Call Result', 255),
    datetime('ReminderDateTime', 'Reminder Date/Time'),
    flag('IsReminderSet', 'Reminder Set'),
    restricted('TaskSubtype', 'Task Subtype', ['Task', 'Email', 'ListEmail', 'Cadence', 'Call'], {
      updateable: false,
      defaultedOnCreate: true,
    }),
  ],
  children: CHILDREN('Tasks'),
  scopes: [
    ['everything', 'All tasks'],
    ['mine', 'My tasks'],
  ],
  optional: { multiCurrency: currency() },
}

export const EVENT: ObjectDefinition = {
  name: 'Event',
  label: 'Event',
  labelPlural: 'Events',
  keyPrefix: '00U',
  custom: false,
  traits: { ...BUSINESS, feedEnabled: false },
  fields: [
    id('Activity ID'),
    ...parties(),
    subject(),
    text('Location', 'Location', 255, { permissionable: true }),
    flag('IsAllDayEvent', 'All-Day Event', { permissionable: true }),
    datetime('ActivityDateTime', 'Due Date Time'),
    date('ActivityDate', 'Due Date Only', { aggregatable: false }),
    whole('DurationInMinutes', 'Duration', { permissionable: false }),
    datetime('StartDateTime', 'Start Date Time'),
    datetime('EndDateTime', 'End Date Time'),
    readOnly(date('EndDate', 'End Date')),
    area('Description', 'Description', 32_000),
    account(),
    owner('Assigned To ID', ['Calendar', 'User']),
    flag('IsPrivate', 'Private'),
    restricted('ShowAs', 'Show Time As', ['Busy*', 'OutOfOffice', 'Free'], {
      defaultedOnCreate: true,
      permissionable: false,
    }),
    isDeleted(),
    readOnly(flag('IsChild', 'Is Child')),
    readOnly(flag('IsGroupEvent', 'Is Group Event')),
    ...audit(),
    readOnly(flag('IsArchived', 'Archived')),
    datetime('ReminderDateTime', 'Reminder Date/Time'),
    flag('IsReminderSet', 'Reminder Set'),
  ],
  children: CHILDREN('Events'),
  scopes: [
    ['everything', 'All events'],
    ['mine', 'My events'],
  ],
  optional: { multiCurrency: currency() },
}
