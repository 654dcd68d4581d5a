import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'

test('says which version it is', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  expect(createProgram().version()).toBe(version)
})

test('every command has a description, and a name of its own', () => {
  const { commands } = createProgram()
  expect(commands.map((each) => each.description())).not.toContain('')
  expect(new Set(commands.map((each) => each.name())).size).toBe(commands.length)
})
