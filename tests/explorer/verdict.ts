/** Whether an exploration found what the table says, in words. */
import { FINDINGS, type Expected } from './configuration.ts'
import type { Exploration } from './explore.ts'

/** Everything that is not as expected; empty when all is. What was found and must not be comes with a trace. */
export function surprises({ configuration, found, unrest, trace }: Exploration): readonly string[] {
  const { must, may, terminates, writesMax } = configuration.expected
  const told = (of: Parameters<Exploration['trace']>[0]) =>
    trace(of)
      .map((does, i) => `\n  ${String(i + 1).padStart(2)}. ${does}`)
      .join('')
  const isEndless = unrest.endless > 0
  return [
    ...FINDINGS.flatMap((finding) =>
      found.has(finding) && !must.includes(finding) && !may.includes(finding)
        ? [`${finding}, which must not happen:${told(finding)}`]
        : [],
    ),
    ...must.flatMap((finding) => (found.has(finding) ? [] : [`no ${finding}, which must be found`])),
    ...(isEndless && terminates ? [`it does not terminate, which it must:${told('endless')}`] : []),
    ...(!isEndless && !terminates ? ['it terminates, which it must not'] : []),
    ...(unrest.writesMax > writesMax
      ? [`${unrest.writesMax} writes until rest, at most ${writesMax} are expected`]
      : []),
  ]
}

/** What was found, in one line. */
export function verdict({ found, unrest }: Exploration): string {
  const counts = FINDINGS.flatMap((finding) =>
    found.has(finding) ? [`${finding} ${found.get(finding)}`] : [],
  )
  const rest = unrest.endless > 0 ? 'does not terminate' : `at most ${unrest.writesMax} writes until rest`
  return [...(counts.length === 0 ? ['clean'] : counts), rest].join(', ')
}

/** What the table says, in one line. */
export function expectation({ must, may, terminates, writesMax }: Expected): string {
  const finds = must.length > 0 ? must.join(', ') : 'clean'
  const allowed = may.filter((finding) => !must.includes(finding))
  const more =
    allowed.length === 0 || allowed.length >= FINDINGS.length - must.length
      ? ''
      : ` (may: ${allowed.join(', ')})`
  const hasBound = Number.isFinite(writesMax)
  const rest = terminates ? (hasBound ? `at most ${writesMax} writes` : 'terminates') : 'does not terminate'
  const isOnlyEndless = !terminates && must.length === 0
  return isOnlyEndless ? rest : `${finds}${more}, ${rest}`
}
