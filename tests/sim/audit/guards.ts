/**
 * I11: when more is deleted or overwritten at once than the guards let pass, nothing of it is carried over before a
 * person has said go on, which holds for one complete pass.
 */
import type { Case } from './case.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import { chapterAt, contactOf, isLead, otherVendor, partnersOf, relativesOf, wasPaired } from './partners.ts'

export function auditGuards(facts: Case): readonly Violation[] {
  if (!facts.guarded) return []
  const { limits: guards, imports, approvals } = facts.guarded
  return imports.flatMap(({ atMs: fromMs, vendor, action }): readonly Violation[] => {
    if (action.do !== 'purge' && action.do !== 'bulk') return []
    const approvedMs = approvals.find((each) => each.atMs > fromMs)?.atMs ?? Number.POSITIVE_INFINITY
    // Also what happens while a pass goes on that a person agreed to before.
    const isApproved = ({ atMs }: Chapter) =>
      atMs >= approvedMs || approvals.some((each) => each.atMs <= atMs && atMs <= each.overMs)
    const far = otherVendor(facts, vendor)
    const all = facts.witness.biographies(far, action.kind)
    // Two equal records may be linked, without a stamp: then they are among those of which a guard takes a share.
    const isLinkable = (biography: Biography, atMs: number): boolean => {
      const isThere = (each: Biography) => chapterAt(each, atMs)?.state === 'live'
      const isAlike = isThere(biography) && relativesOf(facts, biography).some(isThere)
      return isAlike || wasPaired(facts, biography, atMs)
    }
    // Leads are counted by a mapping of their own.
    const isOfLead = (biography: Biography) =>
      [biography, ...partnersOf(facts, biography)].some((each) => isLead(each) && contactOf(each) === null)
    const judged = (ofLeads: boolean): readonly Violation[] => {
      const records = all.filter((each) => isOfLead(each) === ofLeads)
      const paired = records.filter((each) => wasPaired(facts, each, fromMs))
      if (action.do === 'bulk' && paired.length < guards.smallWorld) return []
      const isDone = ({ by, state, values }: Chapter) =>
        by === 'engine' &&
        (action.do === 'purge' ? state !== 'live' : jobIn(far, values) === action.draft.job)
      const doneMs = paired.flatMap(({ chapters }) => {
        const done = chapters.find((each) => each.atMs > fromMs && !isApproved(each) && isDone(each))
        return done?.atMs ?? []
      })
      const carried = doneMs.length
      // A share of the pairs that there were by then: some are made between the import and the look that counts it.
      const countedMs = Math.max(fromMs, ...doneMs)
      const links = records.filter((each) => isLinkable(each, fromMs) || isLinkable(each, countedMs)).length
      const allowed =
        action.do === 'purge'
          ? Math.max(guards.deletionsFree, Math.floor(links * guards.deletionShare))
          : Math.floor(links * guards.fieldShare)
      if (carried <= allowed) return []
      return [
        {
          invariant: 'I11',
          what: `${carried} of ${links} were ${action.do === 'purge' ? 'removed' : 'overwritten'} in ${far} without asking`,
        },
      ]
    }
    return [false, true].flatMap(judged)
  })
}

const JOB: Readonly<Record<string, string>> = {
  attio: 'job_title',
  hubspot: 'jobtitle',
  salesforce: 'Title',
}

function jobIn(vendor: string, values: Chapter['values']): unknown {
  return values[JOB[vendor] ?? '']
}
