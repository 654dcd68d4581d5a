import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { certificateOf } from '../../src/cli/sandbox-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-pem-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the certificate of a sandbox', () => {
  const file = join(folder, 'some.pem')
  writeFileSync(file, 'PEM')

  test('is read from two files, or is none', () => {
    expect(certificateOf({})).toBeNull()
    expect(certificateOf({ tlsCert: file, tlsKey: file })).toEqual({ cert: 'PEM', key: 'PEM' })
  })

  test('is not half of one, and not missing', () => {
    expect(() => certificateOf({ tlsCert: file })).toThrow('without its key')
    expect(() => certificateOf({ tlsKey: file })).toThrow('without its certificate')
    expect(() => certificateOf({ tlsCert: file, tlsKey: join(folder, 'absent.pem') })).toThrow('--tls-key')
  })
})
