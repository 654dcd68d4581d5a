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
const CLEAR_LINE_ABOVE = '\u001B[1A\u001B[2K'

export function progressBar({ quiet, ...options }: Options): ProgressBar {
  return quiet ? SILENT : progressBoard(options).bar('')
}

export const SILENT: ProgressBar = { report: () => undefined, done: () => undefined }

export interface ProgressBoard {
  /** What is reported here is shown under this name, beside the other bars. */
  bar(name: string): ProgressBar
  /** Writes lines that stay, above the bars. */
  above(write: () => void): void
}

/** Several pieces of work at a time: on a terminal a line for each, all of them live. */
export function progressBoard(options: Omit<Options, 'quiet'> = {}): ProgressBoard {
  const { output = process.stderr, now = Date.now } = options
  const isLive = output.isTTY === true
  const shown = new Map<string, string>()
  let lines = 0

  const draw = (isHidden = false) => {
    const texts = isHidden ? [] : [...shown.values()]
    const bars = texts.map((text) => text.slice(0, (output.columns ?? 80) - 1)).join('\n')
    if (lines > 0 || bars !== '')
      output.write(CLEAR_LINE + CLEAR_LINE_ABOVE.repeat(Math.max(0, lines - 1)) + bars)
    lines = texts.length
  }

  return {
    bar(name) {
      const pace = paceOf(isLive, now)
      const title = name === '' ? '' : `${name}: `
      return {
        report(step) {
          const text = pace(step)
          if (text === null) return
          if (!isLive) {
            output.write(`${title}${text}\n`)
            return
          }
          shown.set(name, title + text)
          draw()
        },
        done() {
          if (shown.delete(name)) draw()
        },
      }
    },
    above(write) {
      draw(true)
      write()
      draw()
    },
  }
}

/** What to show of a step, or null while it is too early to show anything anew. */
function paceOf(isLive: boolean, now: () => number): (step: Step) => string | null {
  const started = new Map<string, { readonly atMs: number; readonly done: number }>()
  let shownAtMs = Number.NEGATIVE_INFINITY
  return (step) => {
    const atMs = now()
    const first = started.get(step.what)
    const start = first && first.done <= step.done ? first : { atMs, done: step.done }
    started.set(step.what, start)
    const isOver = step.total !== null && step.done >= step.total
    if (atMs - shownAtMs < (isLive ? BAR_EVERY_MS : LINE_EVERY_MS) && !(isLive && isOver)) return null
    shownAtMs = atMs
    return stepText(step, { elapsedMs: atMs - start.atMs, since: step.done - start.done, isLive })
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
