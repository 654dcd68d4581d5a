import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../src/logging.ts'

function capture(): { lines: () => string; destination: Writable } {
  let text = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return { lines: () => text, destination }
}

describe('logs', () => {
  test.each([
    { token: 'planted-secret' },
    { connection: { token: 'planted-secret' } },
    { request: { authorization: 'Bearer planted-secret' } },
    { headers: { authorization: 'Bearer planted-secret' } },
    { write: { payload: { email: 'planted-secret' } } },
    { snapshot: { values: { email: 'planted-secret' } } },
    { response: { body: 'planted-secret' } },
  ])('never show what %j carries', (entry) => {
    const { lines, destination } = capture()
    createLogger({ level: 'info', destination }).info(entry, 'planted')
    expect(lines()).toContain('"msg":"planted"')
    expect(lines()).not.toContain('planted-secret')
  })

  test("show an error's own words and not the vendor's original behind it", () => {
    const { lines, destination } = capture()
    const error = new Error('refused', { cause: new Error('ada@example.com already exists') })
    createLogger({ level: 'info', destination }).error({ err: error }, 'write failed')
    expect(lines()).toContain('refused')
    expect(lines()).not.toContain('ada@example.com')
  })
})
