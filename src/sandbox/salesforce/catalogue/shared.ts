/** Fields that many objects have (Salesforce fact sheet 8, 17). */
import {
  area,
  date,
  datetime,
  decimal,
  field,
  flag,
  lookup,
  part,
  picklist,
  readOnly,
  restricted,
  text,
} from './define.ts'
import type { Field } from './field.ts'

const ACCURACIES: readonly string[] = [
  'Address',
  'NearAddress',
  'Block',
  'Street',
  'ExtendedZip',
  'Zip',
  'Neighborhood',
  'City',
  'County',
  'State',
  'Unknown',
]

const LEAD_SOURCES: readonly string[] = [
  'Web',
  'Phone Inquiry',
  'Partner Referral',
  'Purchased List',
  'Other',
]

export const INDUSTRIES: readonly string[] = [
  'Agriculture',
  'Apparel',
  'Banking',
  'Biotechnology',
  'Chemicals',
  'Communications',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
  'Engineering',
  'Entertainment',
  'Environmental',
  'Finance',
  'Food & Beverage',
  'Government',
  'Healthcare',
  'Hospitality',
  'Insurance',
  'Machinery',
  'Manufacturing',
  'Media',
  'Not For Profit',
  'Recreation',
  'Retail',
  'Shipping',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Utilities',
  'Other',
]

export const RATINGS: readonly string[] = ['Hot', 'Warm', 'Cold']

const CLEAN_STATUSES: readonly string[] = [
  'Matched',
  'Different',
  'Acknowledged',
  'NotFound',
  'Inactive',
  'Pending',
  'SelectMatch',
  'Skipped',
]

export function id(label: string): Field {
  return readOnly(field('Id', label, 'id', { length: 18, idLookup: true, nillable: false }), {
    defaultedOnCreate: true,
  })
}

export function isDeleted(): Field {
  return readOnly(flag('IsDeleted', 'Deleted'))
}

/** Where a record that was merged away went (20). */
export function masterRecord(object: string): Field {
  return readOnly(lookup('MasterRecordId', 'Master Record ID', [object], 'MasterRecord'))
}

/** Who made a record and who changed it when. */
export function audit(): Field[] {
  const always = { nillable: false, defaultedOnCreate: true }
  return [
    readOnly(datetime('CreatedDate', 'Created Date'), always),
    readOnly(lookup('CreatedById', 'Created By ID', ['User'], 'CreatedBy'), always),
    readOnly(datetime('LastModifiedDate', 'Last Modified Date'), always),
    readOnly(lookup('LastModifiedById', 'Last Modified By ID', ['User'], 'LastModifiedBy'), always),
    readOnly(datetime('SystemModstamp', 'System Modstamp'), always),
  ]
}

/** Never move a stamp, and are about the reading user (11). */
export function views(): Field[] {
  return [
    readOnly(datetime('LastViewedDate', 'Last Viewed Date')),
    readOnly(datetime('LastReferencedDate', 'Last Referenced Date')),
  ]
}

export function lastActivity(): Field {
  return readOnly(date('LastActivityDate', 'Last Activity'))
}

export function owner(label = 'Owner ID', to: readonly string[] = ['User']): Field {
  return lookup('OwnerId', label, to, 'Owner', {
    nillable: false,
    defaultedOnCreate: true,
    permissionable: false,
    ...(to.length > 1 && { polymorphicForeignKey: true, namePointing: true }),
  })
}

/** `MailingStreet … MailingGeocodeAccuracy` and the read-only compound `MailingAddress` (17). */
export function address(prefix: string): Field[] {
  const compound = `${prefix}Address`
  const label = (name: string): string => (prefix === '' ? name : `${prefix} ${name}`)
  const parts = [
    area(`${prefix}Street`, label('Street'), 255),
    text(`${prefix}City`, label('City'), 40),
    text(`${prefix}State`, label('State/Province'), 80),
    text(`${prefix}PostalCode`, label('Zip/Postal Code'), 20),
    text(`${prefix}Country`, label('Country'), 80),
    decimal(`${prefix}Latitude`, label('Latitude'), 'double', [18, 15]),
    decimal(`${prefix}Longitude`, label('Longitude'), 'double', [18, 15]),
    restricted(`${prefix}GeocodeAccuracy`, label('Geocode Accuracy'), ACCURACIES),
  ]
  return [
    ...parts.map((definition) => part(compound, definition)),
    readOnly(field(compound, label('Address'), 'address'), { permissionable: true }),
  ]
}

/** `Name` of a person: read-only, made of its parts. */
export function personName(salutations: readonly string[]): Field[] {
  const personname = { extraTypeInfo: 'personname', permissionable: false }
  return [
    part('Name', text('LastName', 'Last Name', 80, { ...personname, nillable: false })),
    part('Name', text('FirstName', 'First Name', 40, personname)),
    part('Name', picklist('Salutation', 'Salutation', salutations, { length: 40, ...personname })),
    readOnly(text('Name', 'Full Name', 121, { extraTypeInfo: 'personname', nillable: false }), {
      nameField: true,
    }),
  ]
}

export function leadSource(name = 'LeadSource', label = 'Lead Source'): Field {
  return picklist(name, label, LEAD_SOURCES)
}

export function cleanStatus(): Field {
  return restricted('CleanStatus', 'Clean Status', CLEAN_STATUSES)
}

/** The address of a picture that the vendor makes up. */
export function photoUrl(): Field {
  return readOnly(field('PhotoUrl', 'Photo URL', 'url', { length: 255, extraTypeInfo: 'imageurl' }))
}

/** Only in an org with several currencies (17). */
export function currency(): Field {
  return restricted('CurrencyIsoCode', 'Currency ISO Code', [], {
    length: 3,
    defaultedOnCreate: true,
    permissionable: false,
  })
}

/** Only where an object has record types. */
export function recordType(): Field {
  return lookup('RecordTypeId', 'Record Type ID', ['RecordType'], 'RecordType', { permissionable: false })
}
