/** The list of engines broken on purpose, without running any of them: `npm run sim:mutants` does that. */
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { CONFIGURATIONS } from '../../explorer/configurations.ts'
import { MUTANTS } from './list.ts'
import { plan, readMeasured, SEEDS_MAX } from './measured.ts'
import { mutate } from './mutant.ts'

const ROOT = new URL('../../../', import.meta.url)
const textOf = (path: string) => readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8')

/** Ends of a run that no promise has a number for. */
const UNNUMBERED = new Set(['crash', 'livelock'])

test('there are at least 25, each under a name of its own', () => {
  const names = MUTANTS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(25)
})

test.each(['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9'])(
  '%s of algorithms.md is one of them',
  (id) => {
    expect(MUTANTS.filter(({ says }) => says.startsWith(`${id}: `)).length).toBeGreaterThanOrEqual(1)
  },
)

describe.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', (_name, mutant) => {
  test('still finds the text that it replaces, and leaves a program', () => {
    for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
      const production = textOf(`src/${file}`)
      const broken = mutate(
        production,
        mutant.edits.filter((edit) => edit.file === file),
      )
      expect(broken).not.toBe(production)
      expect(() => stripTypeScriptTypes(broken)).not.toThrow()
    }
  })

  test('breaks promises that SPEC.md makes', () => {
    const spec = textOf('src/core/SPEC.md')
    for (const id of mutant.breaks) {
      if (!UNNUMBERED.has(id)) expect(spec).toMatch(new RegExp(`^- \\*\\*${id}\\*\\* `, 'm'))
    }
    expect(mutant.breaks).not.toEqual([])
  })

  test('has a witness that exists, and a stated number of seeds', () => {
    const { seenBy } = mutant
    if ('suite' in seenBy) {
      expect(textOf(seenBy.source ?? seenBy.suite)).toContain(seenBy.test)
    } else if ('explorer' in seenBy) {
      const names = new Set(CONFIGURATIONS.map(({ name }) => name))
      expect(seenBy.explorer.filter((name) => !names.has(name))).toEqual([])
    } else {
      expect(readMeasured()[mutant.name]?.seen, 'measured with --rate').toBeGreaterThan(0)
      expect(plan(mutant).scenes.length).toBeLessThanOrEqual(SEEDS_MAX)
    }
  })
})
