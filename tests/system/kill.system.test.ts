/**
 * `kill -9` at random moments of `attune sync`, again and again, while people keep working in both CRMs. In the
 * end the world is the one that an undisturbed engine makes of it: nothing twice, nothing lost, nothing left.
 *
 * The moments come from a seed: `ATTUNE_KILL_SEED=5 npx vitest run --project system tests/system/kill` repeats a
 * failing run as far as a real process can be repeated.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from '../../src/sandbox/random.ts'
import {
  departures,
  editsOf,
  lostActs,
  newcomers,
  perform,
  sharedPeople,
  type Act,
} from './rig/people-at-work.ts'
import { since, startSandbox, type RunningSandbox } from './rig/sandbox.ts'
import { differences, picture } from './rig/world-picture.ts'
import { openWorkspace, type Workspace } from './rig/workspace.ts'

const SEED = Number(process.env['ATTUNE_KILL_SEED'] ?? 1)
const KILLS_PER_PHASE = 10
/** On a busy machine some runs are done before their moment comes; with fewer deaths than this nothing was shown. */
const KILLS_MIN = 6
/** A round of edits makes about so many requests that write. */
const WRITES_MAX = 4
/** Small latencies spread the run out, so that more moments fall between a request and its answer. */
const WORLD = { people: 150, overlap: 0.6, seed: 11, latency: 10 }

it('ends like an undisturbed run, however often it is killed', async () => {
  const [calm, disturbed] = [await openStage(), await openStage()]
  const random = seededRandom(SEED, 'kill')
  const moments: string[] = []

  // What people will do: newcomers at any time, edits and departures once everybody is linked.
  const people = [...sharedPeople(await dumps(calm.sandbox))]
  const rounds = Array.from({ length: KILLS_PER_PHASE }, (_, round) => round + 1)
  const arrivals = rounds.map((round) => newcomers(round))
  const changes = rounds.map((round) => [
    ...editsOf(people, round),
    ...(round === 5 ? departures(people) : []),
  ])

  const first = await calm.workspace.run(['sync', '--json'])
  expect(first.code, first.stderr).toBe(0)
  const idle = await calm.workspace.run(['sync', '--json'])
  expect(idle.code, idle.stderr).toBe(0)
  // A life begins with what even an idle run does. Short lives, so that the work takes many of them.
  const shortestMs = idle.durationMs / 3
  const longestMs = idle.durationMs + (first.durationMs - idle.durationMs) / 3

  const runAndKill = async (stage: Stage, round: number) => {
    const child = stage.workspace.start(['sync', '--json'])
    let isOver = false
    const exit = child.exit.finally(() => (isOver = true))
    if (round % 2 === 0) {
      // Any moment: starting, reading, deciding, ending.
      const afterMs = Math.round(shortestMs + random.next() * (longestMs - shortestMs))
      moments.push(`${afterMs} ms`)
      await Promise.race([sleep(afterMs), exit])
    } else {
      // Amid writing, where a moment is worth most.
      const writes = random.integer(1, WRITES_MAX)
      moments.push(`${writes} writes`)
      const before = await writesOf(stage)
      while (!isOver && (await writesOf(stage)) < before + writes) await Promise.race([sleep(5), exit])
    }
    child.kill('SIGKILL')
    const how = await exit
    // Or it was done before its moment came.
    if (how.signal === null) expect(how, how.stderr).toMatchObject({ code: 0 })
    return how.signal !== null
  }

  let killed = 0
  for (const [round, acts] of arrivals.entries()) {
    await perform(disturbed.sandbox, acts)
    killed += Number(await runAndKill(disturbed, round))
  }
  await settle(disturbed)
  await perform(calm.sandbox, arrivals.flat())
  await settle(calm)
  const halfway = {
    calm: picture(await dumps(calm.sandbox)),
    disturbed: picture(await dumps(disturbed.sandbox)),
  }
  expect(differences(halfway.calm, halfway.disturbed), `killed after ${moments.join(', ')}`).toEqual([])

  for (const [round, acts] of changes.entries()) {
    await perform(disturbed.sandbox, acts)
    killed += Number(await runAndKill(disturbed, round))
  }
  await settle(disturbed)
  await perform(calm.sandbox, changes.flat())
  await settle(calm)

  const [end, wanted] = [await dumps(disturbed.sandbox), await dumps(calm.sandbox)]
  const how = `killed after ${moments.join(', ')}, database ${disturbed.workspace.database}`
  expect(differences(picture(wanted), picture(end)), how).toEqual([])
  expect(lostActs(end, [...arrivals, ...changes].flat() as Act[]), how).toEqual([])
  expect(doubledStamps(end), how).toEqual([])
  expect(killed, 'runs that were killed and not already done').toBeGreaterThanOrEqual(KILLS_MIN)

  for (const stage of [calm, disturbed]) {
    const before = await stage.sandbox.stats()
    await stage.workspace.sync()
    const { attio, hubspot } = since(before, await stage.sandbox.stats())
    expect([attio.writes, hubspot.writes], 'writes of a sync that has nothing to do').toEqual([0, 0])
    await stage.sandbox.stop()
    await stage.workspace.remove()
  }
})

interface Stage {
  readonly sandbox: RunningSandbox
  readonly workspace: Workspace
}

async function openStage(): Promise<Stage> {
  const sandbox = await startSandbox(WORLD)
  return { sandbox, workspace: await openWorkspace({ environment: sandbox.environment }) }
}

/** Requests that changed something so far, over both vendors. */
async function writesOf({ sandbox }: Stage): Promise<number> {
  const { attio, hubspot } = await sandbox.stats()
  return attio.writes + hubspot.writes
}

/** Complete passes until one changes nothing: a pass may leave a doubtful write for the next one. */
async function settle({ workspace }: Stage): Promise<void> {
  for (let pass = 1; pass <= 3; pass += 1) {
    const { writes } = await workspace.sync()
    if (writes === 0) return
  }
  throw new Error('three undisturbed passes did not come to rest')
}

async function dumps(sandbox: RunningSandbox) {
  return { attio: await sandbox.dump('attio'), hubspot: await sandbox.dump('hubspot') }
}

/** Records of one side that claim the same counterpart. */
function doubledStamps(end: Awaited<ReturnType<typeof dumps>>): readonly string[] {
  const stamps = { attio: 'hubspot_id', hubspot: 'attio_record_id' } as const
  return (['attio', 'hubspot'] as const).flatMap((vendor) =>
    Object.entries(end[vendor]).flatMap(([object, records]) => {
      const claims = Object.values(records)
        .filter(({ state }) => state === 'live')
        .flatMap(({ values }) => values[stamps[vendor]] ?? [])
      return claims
        .filter((claim, index) => claims.indexOf(claim) !== index)
        .map((claim) => `${vendor}/${object}: ${JSON.stringify(claim)}`)
    }),
  )
}
