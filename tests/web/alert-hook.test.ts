/** Alerts on their way, on virtual time: signed, in order, and not given up for a day. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLogger } from '../../src/logging.ts'
import type { Alert } from '../../src/stages/alerts.ts'
import { openAlertHook, type Post } from '../../src/web/alert-hook.ts'
import { virtualTime } from '../connectors/virtual-time.ts'

const SECRET = 'known to both'
const HOUR_MS = 3_600_000

const alertOf = (id: string, atMs: number): Alert => ({
  id,
  kind: 'guard-tripped',
  state: 'raised',
  subject: 'attio-hubspot',
  message: 'a lot would be deleted',
  hint: 'look',
  atMs,
})

function open(
  answer: (nowMs: number) => number | Error,
  onQueue: (undelivered: readonly Alert[]) => void = () => undefined,
) {
  const time = virtualTime({ startMs: 1_000_000 })
  const posted: { readonly atMs: number; readonly request: Parameters<Post>[0] }[] = []
  const hook = openAlertHook({
    url: 'https://pager.example/in',
    secret: SECRET,
    post: async (request) => {
      posted.push({ atMs: time.runtime.now(), request })
      const said = answer(time.runtime.now())
      if (said instanceof Error) throw said
      return { status: said }
    },
    runtime: time.runtime,
    log: createLogger({ level: 'silent' }),
    onQueue,
  })
  return { time, hook, posted, ids: () => posted.map(({ request }) => request.headers['idempotency-key']) }
}

test('an alert is signed over its time and its bytes', async () => {
  const { time, hook, posted } = open(() => 204)
  hook.send(alertOf('a', 5))
  await time.run(time.runtime.sleep(1))
  const [{ request }] = posted as [(typeof posted)[0]]
  expect(JSON.parse(request.body)).toEqual(alertOf('a', 5))
  const [, at, signature] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers['attune-signature'] ?? '') ?? []
  expect(at).toBe('1000000')
  expect(signature).toBe(createHmac('sha256', SECRET).update(`${at}.${request.body}`).digest('hex'))
})

test('a receiver that is away gets them in order when it is back, ever less often asked', async () => {
  const backMs = 1_000_000 + 3 * HOUR_MS
  const { time, hook, posted, ids } = open((now) => (now < backMs ? new Error('nobody there') : 200))
  hook.send(alertOf('first', 1_000_000))
  hook.send(alertOf('second', 1_000_000))
  await time.run(time.runtime.sleep(4 * HOUR_MS))
  expect(ids().slice(-2)).toEqual(['first', 'second'])
  expect(new Set(ids().slice(0, -1))).toEqual(new Set(['first']))
  expect(posted.length).toBeLessThan(40)
})

test('what nobody takes for a day is given up, and the next one is tried', async () => {
  const { time, hook, ids } = open(() => 500)
  hook.send(alertOf('first', 1_000_000))
  hook.send(alertOf('second', 1_000_000))
  await time.run(time.runtime.sleep(25 * HOUR_MS))
  expect(ids()).toContain('second')
  expect(await time.run(hook.close(1_000))).toEqual([])
})

test('a close tries once more and returns what is left', async () => {
  let status = 500
  const away = open(() => status)
  away.hook.send(alertOf('first', 1_000_000))
  away.hook.send(alertOf('second', 1_000_000))
  await away.time.run(away.time.runtime.sleep(10_000))
  const tries = away.posted.length
  expect((await away.time.run(away.hook.close(1_000))).map(({ id }) => id)).toEqual(['first', 'second'])
  expect(away.posted.length).toBe(tries + 1)

  const back = open(() => status)
  back.hook.send(alertOf('first', 1_000_000))
  await back.time.run(back.time.runtime.sleep(10_000))
  status = 200
  expect(await back.time.run(back.hook.close(1_000))).toEqual([])
})

test('a flood keeps the newest thousand', async () => {
  const { time, hook } = open(() => new Error('nobody there'))
  for (let i = 0; i < 1_500; i += 1) hook.send(alertOf(String(i), 1_000_000))
  await time.run(time.runtime.sleep(1_000))
  const left = await time.run(hook.close(1_000))
  expect(left.map(({ id }) => Number(id))).toEqual(Array.from({ length: 1_000 }, (_, i) => 500 + i))
})

test('what is not delivered yet is known at any moment, for a process that is killed', async () => {
  const known: (readonly string[])[] = []
  let status = 500
  const { time, hook } = open(
    () => status,
    (undelivered) => known.push(undelivered.map(({ id }) => id)),
  )
  hook.send(alertOf('first', 1_000_000))
  hook.send(alertOf('second', 1_000_000))
  await time.run(time.runtime.sleep(10_000))
  expect(known.at(-1)).toEqual(['first', 'second'])
  status = 200
  await time.run(time.runtime.sleep(60_000))
  expect(known).toEqual([['first'], ['first', 'second'], ['second'], []])
})
