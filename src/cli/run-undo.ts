/** Taking a run back over every pairing: the preview, and carrying it out. */
import { createEngine } from '../compose.ts'
import type { RequestCounts } from '../connectors/counted.ts'
import { ConfigError } from '../errors.ts'
import { continueRun, standingUndos } from '../stages/continued-run.ts'
import type { Pairing } from '../stages/engine.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import type { Progress } from '../stages/pass.ts'
import type { PlannedField, PlannedWrite } from '../stages/planned.ts'
import { journalSince } from '../stages/retention.ts'
import { runJournal } from '../stages/run-journal.ts'
import type { PairStep } from '../stages/undo-pair-steps.ts'
import { planUndo, undoRun, type UndoPlan } from '../stages/undo.ts'
import type { Leftover } from '../stages/undo-fields.ts'
import type { JournalEntry, Run } from '../store/writes.ts'
import { countRequests, requestsSince } from './request-counts.ts'
import { noteSelves, recallSelves } from './self-memory.ts'
import type { Session } from './session.ts'

export interface UndoOperation {
  readonly kind: PlannedWrite['kind'] | PairStep['kind']
  readonly mapping: string
  /** Null for pairs, which only our own database keeps; so are the next two. */
  readonly side: PlannedWrite['side'] | null
  readonly connection: string | null
  readonly object: string | null
  /** For `create`, the id that the record had; for pairs, the left one; null where only the right one is concerned. */
  readonly record: string | null
  /** For pairs, the right record. */
  readonly other: string | null
  readonly fields: readonly PlannedField[]
  /** What is not as it was afterwards, or cannot be taken back in turn; empty otherwise. */
  readonly remark: string
}

/** The JSON document of `attune undo --json`. */
export interface UndoDocument {
  readonly undoes: string
  /** The undo itself, which is a run too; null for a preview. */
  readonly runId: string | null
  readonly operations: readonly UndoOperation[]
  /** What stays as it is, and why. */
  readonly left: readonly Leftover[]
  /** What was written, as `attune runs` has it; empty for a preview. */
  readonly did: Run['did']
  readonly requests: Readonly<Record<string, RequestCounts>>
  readonly durationMs: number
}

export interface UndoPreview {
  readonly run: Run
  readonly journal: readonly JournalEntry[]
  readonly plans: ReadonlyMap<string, UndoPlan>
  readonly document: UndoDocument
}

/** What taking the run back would do now. Throws `ConfigError` when there is no such run. */
export async function previewUndo(
  session: Session,
  pairings: readonly OpenedPairing[],
  target: string,
  progress: Progress,
): Promise<UndoPreview> {
  const { runtime, store, signal } = session
  const [startedMs, before] = [runtime.now(), countRequests(session)]
  const run = await store.run(target)
  if (!run) {
    throw new ConfigError(`there is no run ${target}`, {
      hint: '`attune runs` lists them, with what they did',
    })
  }
  const sinceMs = await journalSince(store)
  if (sinceMs !== null && run.startedMs < sinceMs) {
    throw new ConfigError(
      `run ${target} is too old: what it wrote before ${new Date(sinceMs).toISOString()} is forgotten`,
      {
        hint: '`retention.journal` in the settings says how long runs can be taken back',
      },
    )
  }
  await recallSelves(session)
  const journal = await runJournal(store).unread(target)
  // What an undo that was cut off did already belongs to the one that goes on.
  const earlier = await standingUndos(store, target)
  const plans = new Map<string, UndoPlan>()
  const operations: UndoOperation[] = []
  const left: Leftover[] = [...strangers(journal, pairings)]
  for (const { pairing } of pairings) {
    const own = { app: session, store, pairing, pairings, run: runtime.id(), signal, guardsAccepted: false }
    const plan = await planUndo(createEngine(own), journal, { target, earlier, progress })
    plans.set(pairing.name, plan)
    operations.push(
      ...plan.writes.map((write) => writeOperation(pairing, write)),
      ...plan.pairs.map(pairOperation),
    )
    left.push(...plan.leftovers)
  }
  const document = {
    undoes: target,
    runId: null,
    operations,
    left,
    did: [],
    requests: requestsSince(countRequests(session), before),
    durationMs: runtime.now() - startedMs,
  }
  return { run, journal, plans, document }
}

/** Does what was previewed, as far as it still holds. */
export async function runUndo(
  session: Session,
  pairings: readonly OpenedPairing[],
  preview: UndoPreview,
  options: { readonly progress: Progress; readonly guardsAccepted: boolean },
): Promise<UndoDocument> {
  const { runtime, store, signal } = session
  const { run: target, journal, document } = preview
  const [startedMs, before] = [runtime.now(), countRequests(session)]
  const earlier = await standingUndos(store, target.id)
  const { id: run } = await continueRun(session, { kind: 'undo', subject: target.id })
  const left: Leftover[] = [...strangers(journal, pairings)]
  for (const { pairing } of pairings) {
    const { guardsAccepted, progress } = options
    const engine = createEngine({ app: session, store, pairing, pairings, run, signal, guardsAccepted })
    const planned = preview.plans.get(pairing.name) ?? { writes: [], pairs: [], leftovers: [] }
    left.push(...(await undoRun(engine, journal, { target: target.id, earlier, progress, planned })))
  }
  await noteSelves(session)
  await store.endRun({
    id: run,
    atMs: runtime.now(),
    summary: JSON.stringify({ undoes: target.id, left: left.length }),
  })
  return {
    ...document,
    runId: run,
    left,
    did: (await store.run(run))?.did ?? [],
    requests: requestsSince(countRequests(session), before),
    durationMs: runtime.now() - startedMs,
  }
}

/** Links of mappings that are not there any more: nobody can say what their fields mean. */
function strangers(
  journal: readonly JournalEntry[],
  pairings: readonly OpenedPairing[],
): readonly Leftover[] {
  const known = new Set(pairings.flatMap(({ pairing }) => pairing.mappings.map(({ rules }) => rules.mapping)))
  const foreign = journal.filter(({ mapping }) => !known.has(mapping))
  return [...new Map(foreign.map((entry) => [entry.link, entry])).values()].map(
    ({ mapping, link, side, record }) => {
      const because = `the mapping ${mapping} is not in the settings, or cannot run now`
      return { mapping, link, side, record, field: null, because }
    },
  )
}

function writeOperation(pairing: Pairing, write: PlannedWrite): UndoOperation {
  const { kind, mapping, side, connection, object, record, fields } = write
  const remark = remarkOn(kind, pairing.connectors[side].capabilities.archives)
  return { kind, mapping, side, connection, object, record, other: null, fields, remark }
}

function remarkOn(kind: PlannedWrite['kind'], hasBin: boolean): string {
  switch (kind) {
    case 'remove':
      return hasBin ? 'goes to the recycle bin' : 'is deleted for good: this CRM has no recycle bin'
    case 'create':
      return 'is made anew, not restored: it gets another id, and what is not mapped does not come back'
    case 'update':
    case 'associate':
      return ''
  }
}

const PAIR_REMARKS: Readonly<Record<PairStep['kind'], string>> = {
  link: '',
  unlink: 'both stay alone until a person pairs them',
  apart: 'it stays alone until a person pairs it',
  release: 'the next pass looks for its counterpart',
}

function pairOperation({ kind, mapping, left, right }: PairStep): UndoOperation {
  const remark = PAIR_REMARKS[kind]
  const nowhere = { side: null, connection: null, object: null }
  return { kind, mapping, ...nowhere, record: left, other: right, fields: [], remark }
}
