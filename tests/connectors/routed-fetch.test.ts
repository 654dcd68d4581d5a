/** The global `fetch` of clients that insist on it, led through a transport. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  routeFetch,
  unrouteFetch,
  type HttpRequest,
  type HttpResponse,
} from '../../src/connectors/transport.ts'

const HOST = 'routed.invalid'
const URL_OF_ALL = `http://${HOST}/objects?limit=1`

let sent: { readonly request: HttpRequest; readonly signal: AbortSignal | undefined }[] = []
let answer: HttpResponse = { status: 200, headers: {}, body: '' }

beforeEach(() => {
  sent = []
  answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"name":"Zoë"}' }
  routeFetch(HOST, async (request, signal) => {
    sent.push({ request, signal })
    return answer
  })
})
afterEach(() => unrouteFetch(HOST))

const INITS: readonly RequestInit[] = [
  {},
  { headers: { Accept: 'application/json' } },
  { method: 'post', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' },
  { method: 'PATCH', body: 'plain' },
  { method: 'DELETE', headers: { Authorization: 'Bearer x' } },
]

test.each(INITS)('%j is sent as `Request` would send it', async (init) => {
  await fetch(URL_OF_ALL, init)
  await fetch(new Request(URL_OF_ALL, init))
  await fetch(URL_OF_ALL, { ...init, headers: new Headers(init.headers) })
  const [plain, ...others] = sent.map(({ request }) => request)
  expect(others).toHaveLength(2)
  for (const other of others) expect(other).toEqual(plain)
})

test('a body that is no text is read before it is sent', async () => {
  await fetch(URL_OF_ALL, { method: 'POST', body: new URLSearchParams({ a: '1' }) })
  expect(sent[0]?.request).toMatchObject({
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    body: 'a=1',
  })
})

test('the answer can be read in every way that clients use, and again', async () => {
  const response = await fetch(URL_OF_ALL)
  expect(response.ok).toBe(true)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.text()).toBe(answer.body)
  expect(await response.json()).toEqual({ name: 'Zoë' })
  expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(answer.body)
  expect(Buffer.from(await response.bytes()).toString()).toBe(answer.body)
})

test.each([204, 304])('%i has no body', async (status) => {
  answer = { ...answer, status }
  const response = await fetch(URL_OF_ALL)
  expect([response.status, await response.text()]).toEqual([status, ''])
})

test('what aborts the client aborts the transport', async () => {
  const stop = new AbortController()
  await fetch(URL_OF_ALL, { signal: stop.signal })
  expect(sent[0]?.signal).toBe(stop.signal)
})
