import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { beforeEach, describe, expect, test } from 'vitest'
import { requireWritable, setVariable } from '../../src/cli/env-file.ts'

let file: string

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'attune-env-')), '.env')
})

const text = () => readFileSync(file, 'utf8')
const mode = () => (statSync(file).mode & 0o777).toString(8)

describe('a variable', () => {
  test('is set in a new file that only its owner can read', () => {
    setVariable(file, 'SECRET', 'abc')
    expect(text()).toBe('SECRET=abc\n')
    expect(mode()).toBe('600')
  })

  test.each([
    ['SECRET=old\nOTHER=1\n', 'SECRET=new\nOTHER=1\n'],
    ['OTHER=1\nexport SECRET="old"', 'OTHER=1\nSECRET=new'],
    ['# SECRET=old\nSECRET2=x\n', '# SECRET=old\nSECRET2=x\nSECRET=new\n'],
    ['OTHER=1', 'OTHER=1\nSECRET=new\n'],
    ['SECRET=\n', 'SECRET=new\n'],
  ])('in %j leaves %j', (before, after) => {
    writeFileSync(file, before)
    chmodSync(file, 0o644)
    setVariable(file, 'SECRET', 'new')
    expect(text()).toBe(after)
    expect(mode()).toBe('600')
  })

  test.each(['plain', "it's", 'two words', '$HOME', '$& \\1', 'a"b`c`'])(
    'of %s is what a shell reads',
    (value) => {
      writeFileSync(file, 'SECRET=old\n')
      setVariable(file, 'SECRET', value)
      const said = execFileSync('sh', ['-c', '. "$0"; printf %s "$SECRET"', file], { encoding: 'utf8' })
      expect(said).toBe(value)
    },
  )
})

test('whether it can be written is known before there is a secret, and changes nothing', () => {
  writeFileSync(file, 'OTHER=1\n')
  requireWritable(file)
  expect(text()).toBe('OTHER=1\n')
  expect(() => requireWritable(join(file, 'below'))).toThrow(/cannot write .*\(ENOTDIR\)/)
})
