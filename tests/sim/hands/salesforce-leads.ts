/** People at work with leads: those whom a company would like to have as customers (Salesforce fact sheet 20). */
import type { LeadHands } from './hands.ts'

export const salesforceLeads: LeadHands = {
  object: 'Lead',

  // The form insists on the company that somebody works for.
  values: ({ name }) => ({ Company: name ?? 'Unknown Ltd' }),

  convert({ id, into, accountId, opensDeal }) {
    // The page offers a contact together with its account, and one without any not at all.
    const [contactId, contact] = into ?? []
    const own = contact?.values['AccountId']
    const values = {
      ...(contactId !== undefined && typeof own === 'string'
        ? { contactId, accountId: own }
        : accountId === null
          ? {}
          : { accountId }),
      ...(opensDeal ? {} : { opportunityName: null }),
    }
    return { action: 'convert', object: 'Lead', id, values }
  },
}
