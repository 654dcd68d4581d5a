/**
 * Carries out a plan (algorithms 9.1): every link in it is read again and decided again, and what comes out is sent
 * if it is the planned operation on the same grounds. Everything else is left as if nobody had looked: what is stale
 * is reported and never improvised, and what is not in the plan waits for the next pass (I20).
 */
import type { ConnectorError } from '../errors.ts'
import { SIDES } from '../core/record.ts'
import type { LinkId } from '../store/links.ts'
import { untilGoneForGood } from './absence.ts'
import { openAgenda, type Agenda } from './agenda.ts'
import { decidePlanned } from './decide-planned.ts'
import { deliver } from './deliver.ts'
import { postponed } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { guardAgainstMassWriting } from './guards.ts'
import type { Progress } from './pass.ts'
import type { OperationOutcome, PlannedOperations } from './planned.ts'
import { settleUnknown } from './recover.ts'
import { commitBatch, LEASE_MS } from './reconcile.ts'
import { archiveRules } from './rules-archive.ts'
import { runJournal } from './run-journal.ts'
import type { Steering } from './steering.ts'
import { sweepInView } from './sweep.ts'
import { together } from './together.ts'

export interface Applied {
  readonly operations: readonly OperationOutcome[]
  /** Those of them that earlier runs had done already. */
  readonly before: number
  /** Writes that were due as well for the same records, and are left to the next pass. */
  readonly unplanned: number
}

/**
 * `engine.run` is the run of this plan; `earlier` are runs that carried out parts of the same plan before. Throws
 * `GuardTripped` before the first call.
 */
export async function applyPlan(
  engine: Engine,
  planned: PlannedOperations,
  options: {
    readonly progress: Progress
    readonly earlier: readonly string[]
    /** When the plan was made. */
    readonly madeMs: number
  },
): Promise<Applied> {
  const { mappings } = engine.pairing
  const agenda = openAgenda(planned)
  const journal = runJournal(engine.store)
  await archiveRules(engine)
  await settleUnknown(engine)
  let before = 0
  for (const run of options.earlier) before += await note(engine, agenda, await journal.unread(run))
  await note(engine, agenda, await journal.unread(engine.run))
  for (const mapping of mappings) {
    const own = planned.writes.filter((write) => write.mapping === mapping.rules.mapping)
    await guardAgainstMassWriting(engine, mapping, own)
  }
  await untilGoneForGood(engine, planned, options.madeMs)
  await look(engine, planned, options.progress)
  const total = planned.writes.length + planned.links.length
  const withheld = new Set<string>()
  // Ends when a round settles nothing: an operation may need what another one makes, however deep.
  for (let inVain = 0; inVain < TURNED_BACK_MAX;) {
    const turnedBack = new Set<string>()
    for (const mapping of mappings) {
      await carryOutMapping(engine, mapping, { agenda, withheld, turnedBack }, () => {
        options.progress.report({ what: 'carrying out the plan', done: agenda.underWay(), total })
      })
    }
    await settleUnknown(engine)
    const settled = await note(engine, agenda, await journal.unread(engine.run))
    if (settled === 0 && turnedBack.size === 0) break
    inVain = settled === 0 ? inVain + 1 : 0
    agenda.reopen()
  }
  return { operations: agenda.outcomes(), before, unplanned: withheld.size }
}

/**
 * Rounds in a row of which nothing comes but writes that waited too long for the vendor's allowance. What was turned
 * back twice waits as long as it takes (`send.ts`).
 */
const TURNED_BACK_MAX = 4

/** Whom a new record may be the same as is known from a listing; changed records are read by their ids. */
async function look(engine: Engine, { writes, links }: PlannedOperations, progress: Progress): Promise<void> {
  const made = new Set(
    [...links, ...writes.filter(({ kind }) => kind === 'create')].map(({ mapping }) => mapping),
  )
  for (const mapping of engine.pairing.mappings) {
    if (!made.has(mapping.rules.mapping)) continue
    await together(SIDES.map((side) => sweepInView(engine, mapping, side, progress)))
  }
}

async function note(
  engine: Engine,
  agenda: Agenda,
  entries: Awaited<ReturnType<ReturnType<typeof runJournal>['unread']>>,
): Promise<number> {
  const links = await engine.store.loadLinks({ links: [...new Set(entries.map(({ link }) => link))] })
  const linkById = new Map(links.map(({ link }) => [link.id, link]))
  let settled = 0
  for (const mapping of engine.pairing.mappings) {
    const own = entries.filter((entry) => entry.mapping === mapping.rules.mapping)
    settled += agenda.note(
      mapping,
      own.flatMap((entry) => {
        const link = linkById.get(entry.link)
        return link ? [{ entry, link }] : []
      }),
    )
  }
  return settled
}

/**
 * One look at every open operation of a mapping. `withheld` knows the writes that the plan does not have, `turnedBack`
 * those that were too old to be sent when their turn came.
 */
async function carryOutMapping(
  engine: Engine,
  mapping: MappingRuntime,
  {
    agenda,
    withheld,
    turnedBack,
  }: { readonly agenda: Agenda; readonly withheld: Set<string>; readonly turnedBack: Set<string> },
  onSettled: () => void,
): Promise<void> {
  const { mapping: name } = mapping.rules
  const steering: Steering = {
    admit(task, writes) {
      agenda.refresh(mapping, task)
      return writes.filter((write) => {
        const isTaken = agenda.take(engine, mapping, write)
        const key = [write.link, write.side, write.kind, ...Object.keys(write.fields)].join(' ')
        if (isTaken) withheld.delete(key)
        else withheld.add(key)
        return isTaken
      })
    },
    onFailed(write, error) {
      // Nothing was sent: whether it still holds is for the next look to say.
      if (error.kind === 'stale') turnedBack.add(write.id)
      else agenda.refused(write, reasonOf(error))
    },
  }
  for (;;) {
    engine.signal.throwIfAborted()
    const records = agenda.next(name, engine.settings.batchSize)
    if (records.length === 0) return
    const rows = await engine.store.claimRecords({
      mapping: name,
      records,
      nowMs: engine.runtime.now(),
      leaseMs: LEASE_MS,
    })
    const links: LinkId[] = []
    try {
      const { kept, decided } = await decidePlanned(engine, mapping, agenda, { rows, taken: links })
      const keeping = new Set(kept)
      const others = rows.filter((row) => !keeping.has(row))
      const dueMs = engine.runtime.now()
      await engine.store.commitPlans(postponed(mapping, others, dueMs))
      if (!decided) continue
      await deliver(engine, mapping, await commitBatch(engine, mapping, decided, links), steering)
    } finally {
      engine.inHand.release(links)
    }
    onSettled()
  }
}

function reasonOf(error: ConnectorError): string {
  return `${error.connection}: ${error.message}`
}
