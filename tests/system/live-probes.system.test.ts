/** The live test itself, on the sandbox: it runs, answers its questions, and leaves no record behind. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REPOSITORY, start, type Exit } from './rig/child.ts'
import { startSandbox } from './rig/sandbox.ts'

const VITEST = join(REPOSITORY, 'node_modules/vitest/vitest.mjs')

function liveTest(environment: Readonly<Record<string, string>>): Promise<Exit> {
  return start({ program: VITEST, arguments: ['run', '--project', 'live'], environment }).exit
}

it('says that it was skipped when nobody asked for it', async () => {
  const exit = await liveTest({ ATTUNE_LIVE: '' })
  expect(exit.code, exit.stderr).toBe(0)
  expect(exit.stdout).toContain('Attio: skipped, ATTUNE_LIVE=1 is not set')
  expect(exit.stdout).toContain('HubSpot: skipped, ATTUNE_LIVE=1 is not set')
})

it('says which token is missing', async () => {
  const exit = await liveTest({ ATTUNE_LIVE: '1' })
  expect(exit.code, exit.stderr).toBe(0)
  expect(exit.stdout).toContain('Attio: skipped, ATTIO_TOKEN is not set')
})

it('answers its questions and removes its records', async () => {
  const sandbox = await startSandbox({ people: 20 })
  const living = async () => {
    const dumps = [await sandbox.dump('attio'), await sandbox.dump('hubspot')]
    return dumps.map((dump) =>
      Object.values(dump).flatMap((records) =>
        Object.entries(records).flatMap(([id, { state }]) => (state === 'live' ? [id] : [])),
      ),
    )
  }
  const everMade = async () => Object.keys((await sandbox.dump('hubspot'))['contacts'] ?? {}).length
  const before = await living()
  const madeBefore = await everMade()
  const exit = await liveTest({ ATTUNE_LIVE: '1', ...sandbox.environment })
  expect(exit.code, exit.stdout).toBe(0)
  for (const question of [
    'Attio 1:',
    'Attio 3:',
    'Attio 4:',
    'Attio 7:',
    'Attio 8:',
    'Attio 11:',
    'Attio 14:',
  ]) {
    expect(exit.stdout).toContain(question)
  }
  for (const question of [
    'HubSpot 1:',
    'HubSpot 2:',
    'HubSpot 6:',
    'HubSpot 7:',
    'HubSpot 9:',
    'HubSpot 12:',
  ]) {
    expect(exit.stdout).toContain(question)
  }
  expect(exit.stdout, 'tokens are never printed').not.toContain(sandbox.environment['ATTIO_TOKEN'])
  expect(await living()).toEqual(before)
  // One, and the one for which its address was free once it was archived.
  expect((await everMade()) - madeBefore).toBe(2)
  await sandbox.stop()
})
