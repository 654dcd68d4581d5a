/** What `npm install` brings has to work by itself: Node strips no types of what lies in `node_modules`. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { start } from './rig/child.ts'
import { installPacked, type Installed } from './rig/installed.ts'

let folder: string
let installed: Installed

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-package-'))
  installed = await installPacked(folder)
}, 180_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

it('runs from where npm installs it', async () => {
  const mappings = ['companies', 'people', 'deals'].map((name) =>
    join(installed.root, 'mappings', `${name}.yaml`),
  )
  const exit = await start({
    program: installed.program,
    arguments: ['mapping', 'test', ...mappings],
    cwd: folder,
  }).exit
  expect(exit, exit.stderr).toMatchObject({ code: 0 })
})

it('rehearses in an empty folder, without settings and without an account', async () => {
  const child = start({
    program: installed.program,
    arguments: ['start', '--json', '--people', '5'],
    cwd: folder,
  })
  const summary = JSON.parse(await child.firstLine) as { readonly writes: number }
  child.kill('SIGTERM')
  const exit = await child.exit
  expect(exit, exit.stderr).toMatchObject({ code: 0 })
  expect(summary.writes).toBeGreaterThan(0)
})

it('brings what people read and what programs need, and no tests', async () => {
  const files = await readdir(installed.root, { recursive: true })
  expect(files).toEqual(
    expect.arrayContaining([
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'config/attune.yaml',
      'config/README.md',
      'mappings/README.md',
      'mapping.schema.json',
      'src/sandbox/README.md',
    ]),
  )
  expect(files.filter((file) => file.endsWith('.ts') || file.startsWith('tests'))).toEqual([])
})
