/** The right to write, on virtual time: kept through trouble with the database, given up to whoever took it. */
import { hostname } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refuseBeneathOwner, takeLease } from '../../src/cli/lease.ts'
import { openStore } from '../../src/compose.ts'
import type { Store } from '../../src/store/store.ts'
import { virtualTime, type VirtualTime } from '../connectors/virtual-time.ts'

const MINUTE_MS = 60_000

let time: VirtualTime
let store: Store
let stops: Error[]

beforeEach(async () => {
  time = virtualTime()
  store = await openStore({ file: ':memory:' })
  stops = []
})

afterEach(() => store.close())

const take = (from: Store = store) =>
  takeLease(from, time.runtime, {
    signal: new AbortController().signal,
    stop: (reason) => void stops.push(reason),
  })

const taken = (holder: object) =>
  store.acquireLease({
    holder: JSON.stringify(holder),
    nowMs: time.runtime.now(),
    ttlMs: MINUTE_MS,
    isAlive: () => false,
  })

test('a living owner on this machine is named', async () => {
  // Whoever runs the tests lives for as long as they do.
  await taken({ host: hostname(), pid: process.ppid, nonce: 'other' })
  await expect(take()).rejects.toThrow(`another attune process (pid ${process.ppid} on ${hostname()})`)
})

test('what to do about it may be the word of the command', async () => {
  await taken({ host: hostname(), pid: process.ppid, nonce: 'other' })
  const stopping = { signal: new AbortController().signal, stop: () => undefined }
  const trying = takeLease(store, time.runtime, stopping, 'stop it, decide, start it')
  await expect(trying).rejects.toThrow(expect.objectContaining({ hint: 'stop it, decide, start it' }))
  await expect(take()).rejects.toThrow(
    expect.objectContaining({ hint: expect.stringContaining('work beside it') }),
  )
})

test('one with our own number on our own machine is the container before this one, and gone', async () => {
  await taken({ host: hostname(), pid: process.pid, nonce: 'the one that was killed' })
  const lease = await take()
  await time.run(lease.release())
})

test('one on another machine is believed until its time is over', async () => {
  await taken({ host: 'elsewhere', pid: process.pid, nonce: 'other' })
  await expect(take()).rejects.toThrow('on elsewhere')
  await time.run(time.runtime.sleep(MINUTE_MS))
  await time.run((await take()).release())
})

test('beneath a living owner no newer release changes the schema', async () => {
  const refuse = refuseBeneathOwner(time.runtime)
  const owner = (holder: object, untilMs: number) => ({ holder: JSON.stringify(holder), untilMs })
  const living = { host: hostname(), pid: process.ppid, nonce: 'other' }
  const laterMs = time.runtime.now() + MINUTE_MS
  expect(() => refuse(owner(living, laterMs))).toThrow(
    `(pid ${process.ppid} on ${hostname()}), of an older release`,
  )
  expect(() => refuse(owner({ ...living, host: 'elsewhere' }, laterMs))).toThrow('on elsewhere')
  refuse(owner({ ...living, host: 'elsewhere' }, time.runtime.now()))
  refuse(owner({ ...living, pid: process.pid }, laterMs))
})

test('a database that cannot be written for a while stops nothing', async () => {
  let isLocked = true
  let tries = 0
  const renewLease: Store['renewLease'] = (lease) => {
    tries += 1
    return isLocked ? Promise.reject(new Error('database is locked')) : store.renewLease(lease)
  }
  const lease = await take({ ...store, renewLease })
  await time.run(time.runtime.sleep(10 * MINUTE_MS))
  expect(tries).toBeGreaterThan(10)
  isLocked = false
  await time.run(time.runtime.sleep(MINUTE_MS))
  expect(stops).toEqual([])
  await time.run(lease.release())
})

test('whoever finds that another one took over stops', async () => {
  const lease = await take()
  await taken({ host: 'elsewhere', pid: 1, nonce: 'other' })
  await time.run(time.runtime.sleep(MINUTE_MS))
  expect(stops.map(({ message }) => message)).toEqual(['another process took over this database'])
  await time.run(lease.release())
})
