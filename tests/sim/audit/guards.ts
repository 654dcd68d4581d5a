/**
 * I11: when more is deleted or overwritten at once than the guards let pass, nothing of it is carried over before a
 * person has said go on.
 */
import type { Case } from './case.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import { chapterAt, contactOf, isLead, otherVendor, partnersOf, relativesOf, wasPaired } from './partners.ts'

export function auditGuards(facts: Case): readonly Violation[] {
  if (!facts.guarded) return []
  const { limits: guards, imports, approvedMs: approvals } = facts.guarded
  return imports.flatMap(({ atMs: fromMs, vendor, action }): readonly Violation[] => {
    if (action.do !== 'purge' && action.do !== 'bulk') return []
    const approvedMs = approvals.find((each) => each > fromMs) ?? Number.POSITIVE_INFINITY
    const far = otherVendor(facts, vendor)
    // Two equal records may be linked, without a stamp: then they are among those of which a guard takes a share.
    const isThere = (biography: Biography) => chapterAt(biography, fromMs)?.state === 'live'
    const isAlike = (biography: Biography) =>
      isThere(biography) && relativesOf(facts, biography).some(isThere)
    const isPaired = (biography: Biography) => wasPaired(facts, biography, fromMs)
    const linkable = facts.witness
      .biographies(far, action.kind)
      .filter((biography) => isPaired(biography) || isAlike(biography))
    // Leads are counted by a mapping of their own.
    const isOfLead = (biography: Biography) =>
      [biography, ...partnersOf(facts, biography)].some((each) => isLead(each) && contactOf(each) === null)
    const judged = (records: readonly Biography[]): readonly Violation[] => {
      const links = records.length
      const paired = records.filter(isPaired)
      if (action.do === 'bulk' && paired.length < guards.smallWorld) return []
      const isDone = ({ by, state, values }: Chapter) =>
        by === 'engine' &&
        (action.do === 'purge' ? state !== 'live' : jobIn(far, values) === action.draft.job)
      const carried = paired.filter(({ chapters }) =>
        chapters.some((chapter) => chapter.atMs > fromMs && chapter.atMs < approvedMs && isDone(chapter)),
      ).length
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
    return [...Map.groupBy(linkable, isOfLead).values()].flatMap(judged)
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
