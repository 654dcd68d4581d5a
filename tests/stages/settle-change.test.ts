/** When an unsettled update may be judged (algorithms 5.6): only by a look that was sent after the horizon. */
import { expect, test } from 'vitest'
import type { Connector } from '../../src/connectors/connector.ts'
import type { ConflictReport } from '../../src/core/plan.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { settleChange } from '../../src/stages/settle-change.ts'
import type { Intent, IntentField } from '../../src/store/writes.ts'
import { identityRule } from '../core/rules.ts'
import { engineAt, HORIZON_MS, LINK, mappingOf, recordKey } from './frame.ts'

const FIELD = 'field'
const mapping = mappingOf(identityRule({ key: FIELD }))

const SENT: IntentField = {
  source: 'b',
  target: 'b',
  before: 'a',
  agreedAs: null,
  human: true,
  because: '',
  settles: null,
}

const INTENT: Intent = {
  id: 'write',
  link: LINK.id,
  mapping: LINK.mapping,
  epoch: 1,
  run: 'run',
  side: 'right',
  kind: 'update',
  record: recordKey('right').id,
  stamp: null,
  payload: { [FIELD]: 'b' },
  fields: { [FIELD]: SENT },
  versionBefore: 'v1',
  sentAtMs: 0,
}

/** Recovery at `nowMs`; reading the record takes ten milliseconds. Also says whether it looked. */
async function settle(nowMs: number, shows: { value: string; version: string }, intent = INTENT) {
  let clockMs = nowMs
  let looks = 0
  const engine = engineAt(nowMs)
  const connector: Pick<Connector, 'read' | 'evidence' | 'history' | 'self' | 'capabilities'> = {
    read: () => {
      looks += 1
      clockMs += 10
      const snapshot = {
        key: recordKey('right'),
        values: { [FIELD]: shows.value },
        version: shows.version,
        readAtMs: nowMs,
        evidence: {},
      }
      return Promise.resolve([{ kind: 'found', requestedId: snapshot.key.id, snapshot }])
    },
    // No history: nothing is known about who changed what.
    evidence: () => Promise.resolve(new Map()),
    history: () => Promise.resolve(new Map()),
    self: { id: () => 'us', remember: () => undefined },
    capabilities: { batch: { read: 1, find: 1, write: 1 } } as Connector['capabilities'],
  }
  const looking: Engine = {
    ...engine,
    runtime: { ...engine.runtime, now: () => clockMs },
    pairing: {
      ...engine.pairing,
      connectors: { ...engine.pairing.connectors, right: connector as Connector },
    },
  }
  return { changes: await settleChange(looking, mapping, intent, { link: LINK, base: {} }), looks }
}

test('after the horizon a record with the old version shows that the write never arrived', async () => {
  const { changes } = await settle(HORIZON_MS, { value: 'a', version: 'v1' })
  expect(changes).toEqual([{ kind: 'close-intent', intent: 'write' }])
})

test('after the horizon a record with the value sent is taken for written', async () => {
  const { changes } = await settle(HORIZON_MS, { value: 'b', version: 'v2' })
  expect(changes).toContainEqual(expect.objectContaining({ kind: 'set-base' }))
})

test.each([
  ['the old version', { value: 'a', version: 'v1' }],
  ['the value sent, which a person may have typed', { value: 'b', version: 'v2' }],
  ['a third value, which the request may yet overwrite', { value: 'c', version: 'v2' }],
])('until the horizon nothing is settled, whatever the record shows: %s', async (_name, shows) => {
  expect(await settle(HORIZON_MS - 5, shows)).toEqual({ changes: null, looks: 0 })
})

test('the old value in a moved record is doubted, also on a link that has no base yet (B3)', async () => {
  const { changes } = await settle(HORIZON_MS, { value: 'a', version: 'v2' })
  expect(changes).toContainEqual(
    expect.objectContaining({
      kind: 'set-base',
      fields: { [FIELD]: expect.objectContaining({ doubt: true }) as unknown },
    }),
  )
})

test('a third value may be what the vendor made of the one sent, so whom a rule overruled is reported', async () => {
  const report: ConflictReport = {
    kind: 'both-changed',
    left: 'b',
    right: 'a',
    base: null,
    rule: 'prefer-left',
    loser: 'right',
    evidence: { left: null, right: null },
  }
  const ruled = { ...SENT, settles: { report, decided: false } }
  const { changes } = await settle(
    HORIZON_MS,
    { value: 'c', version: 'v2' },
    { ...INTENT, fields: { [FIELD]: ruled } },
  )
  expect(changes).toContainEqual({
    kind: 'open-conflict',
    conflict: expect.objectContaining({ state: 'auto', loser: 'right', right: 'a' }) as unknown,
  })
})
