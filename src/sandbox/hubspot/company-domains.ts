/**
 * The account setting that makes companies out of the e-mail domains of new contacts (HubSpot fact sheet
 * 7.5).
 */
import type { Portal } from './portal.ts'
import { prepareWrite } from './prepare-write.ts'
import type { Source, StoredRecord } from './record-store.ts'
import { commitWrite } from './write.ts'

/** As recorded. */
const COMPANIES: Source = { type: 'COMPANIES', id: 'FetchAssociatedCompanyIdStep', userId: null }

/** Domains of mail providers say nothing about a company. */
const MAIL_PROVIDERS = new Set([
  'gmail.com',
  'outlook.com',
  'hotmail.com',
  'yahoo.com',
  'icloud.com',
  'gmx.de',
])

/** Associates a new contact with the company of its e-mail domain, made when there is none. */
export function associateCompanyByDomain(portal: Portal, contact: StoredRecord): void {
  const domain = contact.values['hs_email_domain']
  if (!portal.settings.companiesFromEmailDomains || domain === undefined || MAIL_PROVIDERS.has(domain)) return
  const company = companyWithDomain(portal, domain) ?? createCompany(portal, domain)
  const primary = portal.associationTypes.primary(contact.typeId, company.typeId)
  if (primary === undefined) return
  const changes = portal.associations.add(contact, company, [primary], portal.associationSearchableAt())
  portal.announceAssociations(changes, COMPANIES)
}

/** The setting is a small-portal affair: a scan is enough. */
function companyWithDomain(portal: Portal, domain: string): StoredRecord | undefined {
  for (const record of portal.records.all(portal.types.byTypeId('0-2'))) {
    if (record.state === 'live' && record.values['domain']?.toLowerCase() === domain) return record
  }
  return undefined
}

function createCompany(portal: Portal, domain: string): StoredRecord {
  const prepared = prepareWrite(portal, {
    type: portal.types.byTypeId('0-2'),
    record: null,
    properties: { domain, name: domain },
    source: COMPANIES,
    viaApi: false,
    checksForm: false,
  })
  if (prepared.kind !== 'ready') throw new Error(`A company cannot be made from the domain ${domain}`)
  return commitWrite(portal, prepared.draft).record
}
