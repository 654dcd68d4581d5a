/** Results of trials, for people and for programs. */
import { mutantNamed } from './list.ts'
import { plan, readMeasured, type Measured } from './measured.ts'
import type { Mutant } from './mutant.ts'
import { kindOf } from './scene.ts'
import type { Verdict } from './trials.ts'

export function headline(): string {
  return row(['', 'mutant', 'seen by', 'breaks', 'scenes', 'seconds', 'per 1,000 seeds'])
}

export function verdictLine({ name, caught, sight, scenes, ms, trouble }: Verdict): string {
  const line = row([
    caught ? 'ok' : 'NOT',
    name,
    witness(mutantNamed(name)),
    sight?.invariant ?? '',
    String(scenes),
    (ms / 1_000).toFixed(1),
    rate(readMeasured()[name] ?? null),
  ])
  return caught || trouble === null ? line : `${line}    ${trouble}\n`
}

export function rateLine({ name, seenBy }: Mutant, measured: Measured): string {
  const where = 'theme' in seenBy ? kindOf(seenBy) : ''
  return `${name}: ${measured.seen} of ${measured.of} seeds (${where}), ${rate(measured)} per 1,000, first ${measured.first.join(', ')}\n`
}

export interface Document {
  readonly caught: number
  readonly total: number
  readonly survivors: readonly string[]
  readonly ms: number
  readonly mutants: readonly object[]
}

export function documentOf(verdicts: readonly Verdict[], ms: number): Document {
  const measured = readMeasured()
  return {
    caught: verdicts.filter(({ caught }) => caught).length,
    total: verdicts.length,
    survivors: verdicts.filter(({ caught }) => !caught).map(({ name }) => name),
    ms: Math.round(ms),
    mutants: verdicts.map(({ name, caught, sight, scenes, ms: took, trouble }) => ({
      name,
      caught,
      seenBy: witness(mutantNamed(name)),
      invariant: sight?.invariant ?? null,
      scene: sight?.scene ?? null,
      what: sight?.what ?? null,
      scenes,
      within: within(mutantNamed(name)),
      per1000: perThousand(measured[name] ?? null),
      ms: took,
      trouble,
    })),
  }
}

/** The stated number of scenes in which it has to be caught. */
function within(mutant: Mutant): number {
  return 'suite' in mutant.seenBy ? 1 : plan(mutant).scenes.length
}

function witness({ seenBy }: Mutant): string {
  if ('theme' in seenBy) return `simulator, ${kindOf(seenBy)}`
  if ('explorer' in seenBy) return `explorer, ${seenBy.explorer.join(' ')}`
  return seenBy.suite
}

function perThousand(measured: Measured | null): number | null {
  return measured ? Math.round((measured.seen / measured.of) * 1_000) : null
}

function rate(measured: Measured | null): string {
  const known = perThousand(measured)
  return known === null || !measured ? '' : `${known} (${measured.seen} of ${measured.of})`
}

const WIDTHS = [3, 40, 36, 8, 6, 8, 0] as const

function row(cells: readonly string[]): string {
  return `${cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd()}\n`
}
