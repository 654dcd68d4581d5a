import { expect, test } from 'vitest'
import { attioTraffic } from '../../src/connectors/attio/traffic.ts'
import { readOnly } from '../../src/connectors/read-only.ts'
import { InvariantError } from '../../src/errors.ts'

const sent: string[] = []
const transport = readOnly(
  async (request) => {
    sent.push(request.method)
    return { status: 200, headers: {}, body: '{}' }
  },
  attioTraffic(),
  'attio',
)
const send = (method: string, path: string) =>
  transport({ method, url: `https://attio.invalid${path}`, headers: {}, body: null })

test.each([
  ['GET', '/v2/objects/people/records/1'],
  ['POST', '/v2/objects/people/records/query'],
  ['POST', '/v2/lists/pipeline/entries/query'],
  ['POST', '/v2/objects/records/search'],
])('I21: %s %s is a read and passes', async (method, path) => {
  await expect(send(method, path)).resolves.toMatchObject({ status: 200 })
})

test.each([
  ['POST', '/v2/objects/people/records'],
  ['POST', '/v2/objects/records/merge'],
  ['PUT', '/v2/objects/people/records/1'],
  ['PATCH', '/v2/objects/people/attributes/x'],
  ['DELETE', '/v2/objects/people/records/1'],
  ['POST', '/v2/objects/people/records/query/more'],
  ['POST', '/v2/something/new'],
])('I21: %s %s never leaves', async (method, path) => {
  const before = sent.length
  await expect(send(method, path)).rejects.toThrow(InvariantError)
  expect(sent).toHaveLength(before)
})
