/** Loops that nobody else stands on, on virtual time: whatever ends one, it goes on, and is not hammered. */
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLogger } from '../../src/logging.ts'
import { undeterred } from '../../src/stages/undeterred.ts'
import { virtualTime } from '../connectors/virtual-time.ts'

const MINUTE_MS = 60_000

test('begins anew ever less often, at once after it went well for a while, and ends with the signal', async () => {
  const time = virtualTime({ startMs: 0 })
  const stopping = new AbortController()
  const begun: number[] = []
  let log = ''
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk)
      done()
    },
  })
  const over = undeterred(
    { runtime: time.runtime, log: createLogger({ level: 'info', destination }), signal: stopping.signal },
    'watch',
    async () => {
      begun.push(time.runtime.now())
      // The tenth one goes well for a quarter of an hour.
      await time.runtime.sleep(begun.length === 10 ? 15 * MINUTE_MS : 0, stopping.signal)
      throw new Error('database is locked')
    },
  ).catch((error: unknown) => error)
  await time.run(time.runtime.sleep(60 * MINUTE_MS))
  const stop = new Error('stopped')
  stopping.abort(stop)
  expect(await time.run(over)).toBe(stop)
  const gaps = begun.slice(1).map((at, i) => at - (begun[i] ?? 0))
  expect(gaps.slice(0, 3)).toEqual([5_000, 10_000, 20_000])
  expect(gaps[8]).toBe(5 * MINUTE_MS)
  expect(gaps.slice(9, 11)).toEqual([15 * MINUTE_MS + 5_000, 5_000])
  expect(log).toContain('"what":"watch"')
  expect(log).toContain('database is locked')
})
