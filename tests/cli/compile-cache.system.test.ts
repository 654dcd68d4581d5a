import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { start } from '../system/rig/child.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-cache-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const checked = (environment: Readonly<Record<string, string>>) =>
  start({
    arguments: ['mapping', 'test'],
    environment: { NODE_COMPILE_CACHE: '', LOCALAPPDATA: '', ...environment },
  }).exit

test('what was compiled is kept in the folder of the user', async () => {
  expect(await checked({ XDG_CACHE_HOME: '', HOME: folder })).toMatchObject({ code: 0 })
  const kept = await readdir(join(folder, '.cache', 'attune'), { recursive: true })
  expect(kept.length).toBeGreaterThan(20)
})

test('a place that cannot be written to, or none at all, keeps nobody from working', async () => {
  const nowhere = join('/dev/null', 'cache')
  expect(await checked({ XDG_CACHE_HOME: nowhere })).toMatchObject({ code: 0, stderr: '' })
  expect(await checked({ XDG_CACHE_HOME: '', HOME: '' })).toMatchObject({ code: 0, stderr: '' })
})
