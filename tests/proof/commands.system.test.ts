import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { ended, ROOT } from '../cli/attune.ts'

async function proof(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [`tests/${script}/main.ts`, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return ended(child)
}

test.each([
  ['sim', 'npm run sim'],
  ['sim/mutants', 'npm run sim:mutants'],
  ['sim/naive', 'npm run sim:naive'],
  ['explorer', 'npm run explore'],
  ['chaos', 'npm run chaos'],
  ['soak', 'npm run soak'],
  ['bench', 'npm run bench'],
])(
  '%s, called with an option that it does not have, says what it has and breaks no promise',
  async (script, name) => {
    const { exitCode, stdout, stderr } = await proof(script, '--no-such-option')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(String.raw`^Unknown option '--no-such-option'[^\n]*\n\n${name}: `, 'u'))
  },
)

test('--help is no mistake', async () => {
  expect(await proof('explorer', '--help')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^npm run explore: /u),
    stderr: '',
  })
})

test('a number of seeds that is none is a mistake, not a world without violations', async () => {
  const { exitCode, stdout, stderr } = await proof('sim/naive', '--seeds', 'many')
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toMatch(/^--seeds many makes no sense: give a whole number\n/u)
})
