/** The mapping files that come with the product: they read, their examples hold, editors can check them. */
import { readFileSync, readdirSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { checkMapping } from '../../src/mapping/check.ts'
import { differenceText, runFixtures } from '../../src/mapping/fixtures.ts'
import { SCHEMA_FILE, mappingJsonSchema } from '../../src/mapping/json-schema.ts'
import { loadMapping } from '../../src/mapping/load.ts'

const FOLDER = new URL('../../mappings/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

test('there are mappings to ship', () => {
  expect(FILES).toEqual(expect.arrayContaining(['companies.yaml', 'deals.yaml', 'people.yaml']))
})

describe.each(FILES)('mappings/%s', (name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8')
  const document = loadMapping(text, `mappings/${name}`)

  test.each(runFixtures(document))('example: $name', ({ differences }) => {
    expect(differences.map(differenceText)).toEqual([])
  })

  test('has examples', () => {
    expect(document.body.fixtures.length).toBeGreaterThan(3)
  })

  test('is free of problems that need no account to be seen', () => {
    expect(checkMapping(document, { schemas: null })).toEqual([])
  })

  test('is valid for editors', () => {
    const ajv = new Ajv({ strict: false })
    addFormats.default(ajv)
    const validate = ajv.compile(JSON.parse(mappingJsonSchema()))
    validate(parse(text))
    expect(validate.errors).toBeNull()
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../mapping.schema.json')
  })
})

test('mapping.schema.json is current; `npm run generate` writes it', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(mappingJsonSchema())
})
