import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLogger } from '../../src/logging.ts'
import { openTestWorld } from './world.ts'

/** Mail addresses and tokens: whatever looks like one of them in a log is one too many (I28). */
test('neither tokens nor what people typed reach the log, whatever goes wrong', async () => {
  let text = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const world = await openTestWorld({
    people: 60,
    overlap: 0.5,
    seed: 3,
    log: createLogger({ level: 'trace', destination }),
  })
  // A row that HubSpot refuses, quoting the value in its answer, and answers that never arrive.
  world.attio.edit({
    action: 'create',
    object: 'people',
    values: { name: { first_name: 'Planted', last_name: 'Person', full_name: 'Planted Person' } },
  })
  world.faults.hubspot.replace([{ kind: 'status-after', status: 502, mutating: true, times: 1 }])
  world.faults.attio.replace([{ kind: 'reset-after', mutating: true, times: 1 }])
  await world.sync()
  await world.sync()

  expect(text).toContain('sweep finished')
  expect(text).not.toContain(world.attio.token)
  expect(text).not.toContain(world.hubspot.token)
  expect(text).not.toMatch(/[\w.+-]+@[\w-]+\.[\w.]+/)
  expect(text).not.toContain('Planted')
  await world.close()
})
