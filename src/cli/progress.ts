/**
 * Progress of long work, on stderr: a live bar on a terminal, elsewhere a line every few seconds. There is no
 * timer; whether it is time for another line is decided when the work reports.
 */
import type { Progress } from '../stages/pass.ts'
import { durationText, grouped } from './style.ts'

export interface ProgressBar extends Progress {
  /** Removes the bar, so that what follows starts on a clean line. */
  done(): void
}

export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

interface Options {
  readonly quiet: boolean
  readonly output?: ProgressOutput
  readonly now?: () => number
}

type Step = Parameters<Progress['report']>[0]

const LINE_EVERY_MS = 3_000
const BAR_EVERY_MS = 100
const BAR_WIDTH = 24
const CLEAR_LINE = '\r\u001B[2K'

export function progressBar(options: Options): ProgressBar {
  const { output = process.stderr, now = Date.now } = options
  if (options.quiet) return { report: () => undefined, done: () => undefined }
  const isLive = output.isTTY === true
  const started = new Map<string, { readonly atMs: number; readonly done: number }>()
  let shownAtMs = Number.NEGATIVE_INFINITY
  let isBarShown = false
  return {
    report(step) {
      const atMs = now()
      const first = started.get(step.what)
      const start = first && first.done <= step.done ? first : { atMs, done: step.done }
      started.set(step.what, start)
      const isOver = step.total !== null && step.done >= step.total
      if (atMs - shownAtMs < (isLive ? BAR_EVERY_MS : LINE_EVERY_MS) && !(isLive && isOver)) return
      shownAtMs = atMs
      const text = stepText(step, { elapsedMs: atMs - start.atMs, since: step.done - start.done, isLive })
      output.write(isLive ? CLEAR_LINE + text.slice(0, (output.columns ?? 80) - 1) : `${text}\n`)
      isBarShown = isLive
    },
    done() {
      if (isBarShown) output.write(CLEAR_LINE)
      isBarShown = false
    },
  }
}

/** What is being done, how far it is, how fast it goes, and when it will be over. */
function stepText(step: Step, pace: { elapsedMs: number; since: number; isLive: boolean }): string {
  const { what, done, total } = step
  const perSecond = pace.elapsedMs > 0 ? (pace.since / pace.elapsedMs) * 1_000 : 0
  const rate = perSecond > 0 ? `, ${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s` : ''
  if (total === null) return `${what}: ${grouped(done)}${rate}`
  const left = perSecond > 0 ? `, ${durationText(((total - done) / perSecond) * 1_000)} left` : ''
  const bar = pace.isLive ? ` ${drawn(total === 0 ? 1 : done / total)}` : ':'
  return `${what}${bar} ${grouped(done)} of ${grouped(total)}${rate}${done < total ? left : ''}`
}

function drawn(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH)
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`
}
