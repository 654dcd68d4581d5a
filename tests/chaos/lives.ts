/** The engine's process: started, killed at random moments, asked to stop, and started again. */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child, Exit } from '../system/rig/child.ts'
import { endOf, isRefusedForOwner, type End } from './exits.ts'
import { ownerOf } from './owner.ts'
import { writesOf } from './quiet.ts'
import type { ChaosScenario, Life } from './scenario.ts'
import type { Stage } from './stage.ts'
import { eventually, until } from './wait.ts'

export interface LifeFigures {
  lives: number
  kills: number
  drains: number
  /** Second processes that were turned away. */
  refusals: number
  /** Ends that nobody asked for, by kind. */
  readonly ends: Record<string, number>
}

export interface Lives {
  /** Lives one life after the other until the signal is aborted, and leaves nothing running. */
  live(signal: AbortSignal): Promise<void>
  /** A daemon that nobody disturbs; started again when it asks for a person, or when a CRM's trouble outlasted it. */
  readonly calm: CalmDaemon
  readonly figures: LifeFigures
  /** A sentence each. */
  readonly violations: readonly string[]
}

export interface CalmDaemon {
  /** Keeps one running until the signal is aborted, then stops it. */
  run(signal: AbortSignal): Promise<void>
}

/** Long enough on a machine that has other things to do; a process that takes longer hangs. */
const START_MS = 120_000
/** Requests under way are waited for, or given up after their timeout. */
const DRAIN_MS = 15_000
/** A moment amid writing that does not come within this time is not waited for. */
const WRITES_WITHIN_MS = 20_000
/** A pass that is left alone is done by then, or there was too much weather. */
const ALONE_MS = 12_000
const RESTARTS_MAX = 20

export function createLives(stage: Stage, scenario: ChaosScenario): Lives {
  const figures: LifeFigures = { lives: 0, kills: 0, drains: 0, refusals: 0, ends: {} }
  const violations: string[] = []
  let guardsAccepted = false

  const begin = (command: Life['command']): Child => {
    figures.lives += 1
    const guards = guardsAccepted ? ['--accept-guards'] : []
    guardsAccepted = false
    return stage.attune([command, '--json', ...guards])
  }

  const count = (end: End): void => {
    if (end.kind === 'broken') violations.push(end.what)
    else if (end.kind === 'killed') figures.kills += 1
    else if (end.kind === 'drained') figures.drains += 1
    else if (end.kind !== 'complete') figures.ends[end.kind] = (figures.ends[end.kind] ?? 0) + 1
    guardsAccepted = end.kind === 'guard'
  }

  const live = async (life: Life, signal: AbortSignal): Promise<void> => {
    const child = begin(life.command)
    let over: Exit | null = null
    const exit = child.exit.then((how) => (over = how))
    const either = endOfEither(exit, signal)
    const isUp = await eventually(() => ownerOf(stage) === child.pid, {
      everyMs: 20,
      withinMs: START_MS,
      signal: either,
    })
    if (isUp) {
      const intruder = life.intruder ? intrude(exit) : Promise.resolve()
      await itsMoment(life, either)
      await intruder
    } else if (!either.aborted) {
      violations.push(`attune ${life.command} did not take its database within ${START_MS} ms`)
    }
    // Before it is up, it does not listen for anything else.
    const sent = isUp && life.end === 'drain' ? 'SIGTERM' : 'SIGKILL'
    const isStopped = over === null
    if (isStopped) child.kill(sent)
    const how = await ended(child, exit, sent)
    count(endOf(life.command, how, isStopped ? sent : null))
    await note(life, how)
    await until(Date.now() + life.downMs, signal)
  }

  /** Waits for the moment at which this life ends; it may end by itself before. */
  const itsMoment = async ({ end, moment }: Life, signal: AbortSignal): Promise<void> => {
    if (end === 'live') {
      await until(Date.now() + ALONE_MS, signal)
    } else if ('afterMs' in moment) {
      await until(Date.now() + moment.afterMs, signal)
    } else {
      const wanted = (await writesOf(stage)) + moment.writes
      const isAmid = async () => (await writesOf(stage)) >= wanted
      await eventually(isAmid, { everyMs: 20, withinMs: WRITES_WITHIN_MS, signal })
    }
  }

  /** Somebody who does not know that it is running. */
  const intrude = async (owner: Promise<Exit>): Promise<void> => {
    const second = stage.attune(['sync', '--json'])
    let ownerIsOver = false
    void owner.then(() => (ownerIsOver = true))
    const isOver = await within(second.exit, START_MS)
    if (!isOver) second.kill('SIGKILL')
    const how = await second.exit
    if (isRefusedForOwner(how)) figures.refusals += 1
    // Where the owner died meanwhile, there was no reason to turn anybody away.
    else if (!ownerIsOver) {
      const { code, signal, stderr } = how
      violations.push(`a second process was not turned away: ${code ?? signal}, ${stderr.slice(-300)}`)
    }
  }

  /** It ends within its time, or that is a finding and it is killed. */
  const ended = async (child: Child, exit: Promise<Exit>, sent: NodeJS.Signals): Promise<Exit> => {
    if (!(await within(exit, DRAIN_MS))) {
      violations.push(`a process was still there ${DRAIN_MS} ms after ${sent}`)
      child.kill('SIGKILL')
    }
    return exit
  }

  const note = (life: Life, { code, signal, durationMs }: Exit): Promise<void> => {
    const line = { atMs: Date.now(), ...life, code, signal, durationMs: Math.round(durationMs) }
    return appendFile(join(stage.folder, 'lives.jsonl'), `${JSON.stringify(line)}\n`)
  }

  return {
    figures,
    violations,
    async live(signal) {
      for (const life of scenario.lives) {
        if (signal.aborted) return
        await live(life, signal)
      }
    },
    calm: {
      async run(signal) {
        for (let restarts = 0; !signal.aborted; restarts += 1) {
          if (restarts > RESTARTS_MAX) {
            violations.push(`a daemon that nobody disturbed ended ${restarts} times`)
            return
          }
          const child = begin('start')
          await Promise.race([child.exit, aborted(signal)])
          const isStopped = signal.aborted
          if (isStopped) child.kill('SIGTERM')
          const how = await ended(child, child.exit, 'SIGTERM')
          count(endOf('start', how, isStopped ? 'SIGTERM' : null))
        }
      },
    },
  }
}

/** A signal that is aborted when the process is over, or when the other one is. */
function endOfEither(exit: Promise<Exit>, other: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const stop = () => controller.abort()
  void exit.then(stop, stop)
  return AbortSignal.any([controller.signal, other])
}

/** Whether the process is over in time. */
async function within(exit: Promise<Exit>, ms: number): Promise<boolean> {
  let isOver = false
  const over = exit.then(() => (isOver = true))
  const waiting = new AbortController()
  await Promise.race([over, until(Date.now() + ms, waiting.signal)])
  waiting.abort()
  return isOver
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
