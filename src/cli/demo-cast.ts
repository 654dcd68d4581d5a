/** Who plays in the demo: a few records with names, entered by people into one CRM or another. */
import { InvariantError } from '../errors.ts'
import type { HumanEdit, VendorModel } from '../sandbox/model.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'

export interface Cast {
  /** Attio record ids. */
  readonly ada: string
  readonly alan: string
  readonly charles: string
  readonly bletchley: string
  /** HubSpot record ids. */
  readonly katherine: string
  /** The same company, entered twice in HubSpot. */
  readonly bletchleyTwice: readonly [string, string]
  /** Salesforce record id of a lead. */
  readonly grace: string
}

export function enterCast(sandbox: Sandbox): Cast {
  const attio = modelOf(sandbox, 'attio')
  const hubspot = modelOf(sandbox, 'hubspot')
  const salesforce = modelOf(sandbox, 'salesforce')
  const attioPerson = (first: string, last: string, email: string, title: string): string =>
    create(attio, 'people', {
      name: [{ first_name: first, last_name: last, full_name: `${first} ${last}` }],
      email_addresses: [email],
      job_title: title,
    })
  const company = { name: 'Bletchley Park', domain: 'bletchley.example' }
  return {
    ada: attioPerson('Ada', 'Lovelace', 'ada@engine.example', 'Analyst'),
    alan: attioPerson('Alan', 'Turing', 'alan@enigma.example', 'Fellow'),
    charles: attioPerson('Charles', 'Babbage', 'charles@difference.example', 'Professor'),
    bletchley: create(attio, 'companies', { name: company.name, domains: [company.domain] }),
    katherine: create(hubspot, 'contacts', {
      firstname: 'Katherine',
      lastname: 'Johnson',
      email: 'katherine@orbit.example',
      jobtitle: 'Computer',
      phone: '(757) 864-1000',
    }),
    bletchleyTwice: [
      create(hubspot, 'companies', company),
      create(hubspot, 'companies', { ...company, name: 'Bletchley Park Trust' }),
    ],
    grace: create(salesforce, 'Lead', {
      FirstName: 'Grace',
      LastName: 'Hopper',
      Email: 'grace@compiler.example',
      Title: 'Lieutenant',
      Company: 'Compilers',
    }),
  }
}

export type Crm = 'attio' | 'hubspot' | 'salesforce'

export function modelOf(sandbox: Sandbox, vendor: Crm): VendorModel {
  const model = sandbox.vendors.get(vendor)?.model
  if (!model) throw new InvariantError('demo', `the sandbox has no ${vendor}`)
  return model
}

function create(model: VendorModel, object: string, values: NonNullable<HumanEdit['values']>): string {
  return model.edit({ action: 'create', object, values }).id
}
