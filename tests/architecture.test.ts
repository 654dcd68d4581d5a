/** The house as drawn: who imports whom, where time, chance and network come in, where vendors are named. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { unusedExceptions, violations, type House, type Rules } from './architecture/rules.ts'
import { scanSource } from './architecture/scan-source.ts'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

const house: House = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => [file.replaceAll('\\', '/'), readFileSync(join(SRC, file), 'utf8')]),
)
const broken = violations(house)

describe('the source', () => {
  it('is all there', () => expect(house.size).toBeGreaterThan(100))
  it('imports only what its room may know', () => expect(broken.rooms).toEqual([]))
  it('has no ring of imports', () => expect(broken.cycles).toEqual([]))
  it('uses each package in its place only', () => expect(broken.packages).toEqual([]))
  it('reaches clock, timers, chance and network through their doors', () => expect(broken.doors).toEqual([]))
  it('decides without dates, process or Node modules', () => expect(broken.purity).toEqual([]))
  it('names vendors in their own rooms only', () => expect(broken.vendors).toEqual([]))
  it('names files after concepts', () => expect(broken.names).toEqual([]))
  it('needs every exception it was granted', () => expect(unusedExceptions(house)).toEqual([]))
})

/** Each a file that breaks one rule. */
const planted: readonly (readonly [rule: keyof Rules, file: string, text: string])[] = [
  ['rooms', 'core/plan.ts', `import { systemRuntime } from '../runtime.ts'`],
  ['rooms', 'core/plan.ts', `import type { Store } from '../store/store.ts'`],
  ['rooms', 'core/plan.ts', `export { x } from '../mapping/load.ts'`],
  ['rooms', 'stages/observe.ts', `import { openSqliteStore } from '../store/sqlite/open.ts'`],
  ['rooms', 'stages/observe.ts', `const later = await import('../connectors/budget.ts')`],
  ['rooms', 'connectors/attio/client.ts', `import { x } from '../hubspot/wire.ts'`],
  ['rooms', 'connectors/budget.ts', `import { x } from './attio/traffic.ts'`],
  ['rooms', 'store/store.ts', `import { x } from './sqlite/tables.ts'`],
  ['rooms', 'cli/sync.ts', `import {\n  createAttioConnector,\n} from '../connectors/attio/connector.ts'`],
  ['rooms', 'sandbox/server.ts', `import { x } from '../core/value.ts'`],
  ['rooms', 'web/webhooks.ts', `import { x } from '../connectors/attio/webhooks.ts'`],
  ['rooms', 'web/webhooks.ts', `import type { Connector } from '../connectors/connector.ts'`],
  ['rooms', 'stages/observe.ts', `import { x } from '../web/webhooks.ts'`],
  ['rooms', 'helpers/all.ts', ''],
  ['cycles', 'core/a.ts', `import { b } from './b.ts'`],
  ['packages', 'stages/sweep.ts', `import { Client } from '@hubspot/api-client'`],
  ['packages', 'connectors/hubspot/write.ts', `import { Client } from '@hubspot/api-client'`],
  ['packages', 'connectors/hubspot/write.ts', `import x from '@hubspot/api-client/lib/codegen'`],
  ['packages', 'store/store.ts', `import { eq } from 'drizzle-orm'`],
  ['packages', 'core/plan.ts', `import _ from 'lodash'`],
  ['packages', 'stages/observe.ts', `import fastify from 'fastify'`],
  ['doors', 'stages/sweep.ts', 'const now = Date.now()'],
  ['doors', 'stages/sweep.ts', 'const now = new Date()'],
  ['doors', 'stages/sweep.ts', 'const now = new Date'],
  ['doors', 'stages/sweep.ts', 'const text = `at ${Date.now()}`'],
  ['doors', 'cli/sync.ts', 'setTimeout(() => undefined, 5)'],
  ['doors', 'store/sqlite/x.ts', 'const id = crypto.randomUUID()'],
  ['doors', 'connectors/attio/x.ts', 'const dice = Math.random()'],
  ['doors', 'connectors/attio/x.ts', 'await fetch(url)'],
  ['doors', 'connectors/attio/x.ts', `import { request } from 'node:https'`],
  ['doors', 'stages/sweep.ts', 'const started = performance.now()'],
  ['purity', 'core/x.ts', 'const day = new Date(ms)'],
  ['purity', 'mapping/x.ts', `import { readFileSync } from 'node:fs'`],
  ['vendors', 'stages/x.ts', `if (side === 'hubspot') return 1`],
  ['vendors', 'stages/x.ts', 'const attioFirst = true'],
  ['vendors', 'stages/x.ts', 'const text = `read ${n} from HubSpot`'],
  ['vendors', 'compose.ts', `import { x } from './connectors/attio/connector.ts'`],
  ['names', 'stages/date-utils.ts', ''],
  ['names', 'core/common/x.ts', ''],
]

describe('the checker', () => {
  it.each(planted)('finds a violation of %s in %s: %s', (rule, file, text) => {
    const found = violations(
      new Map([
        [file, text],
        ['core/b.ts', `import { a } from './a.ts'`],
      ]),
    )
    expect(found[rule]).toHaveLength(1)
    expect(found[rule][0]).toMatch(new RegExp(`^${file}:\\d+: `))
  })

  it('leaves what is allowed alone', () => {
    const fine = violations(
      new Map([
        [
          'stages/x.ts',
          `// Attio says Date.now() at https://x\nimport { p } from '../connectors/connector.ts'`,
        ],
        ['stages/y.ts', `const at = new Date(ms).toISOString(), text = 'setTimeout(1)', re = /fetch(1)'"/`],
        ['connectors/attio/z.ts', `import { t } from '../transport.ts'\nconst v = 'attio'`],
        ['compose/vendors.ts', `import { a } from '../connectors/attio/connector.ts'`],
      ]),
    )
    expect(Object.values(fine).flat()).toEqual([])
  })

  it('tells values from types and static from dynamic imports', () => {
    const { imports } = scanSource(
      [
        `import type { A } from './a.ts'`,
        `import { type B } from './b.ts'`,
        `import { type C, c } from './c.ts'`,
        `import './d.ts'`,
        `const e = import('./e.ts')`,
        `export * from './f.ts'`,
        `const text = "import x from './g.ts'" // import y from './h.ts'`,
        'const inner = `${`${1}`} import z`',
        `import j from './j.ts'`,
      ].join('\n'),
    )
    expect(imports.map(({ specifier, kind, line }) => `${line} ${specifier} ${kind}`)).toEqual([
      '1 ./a.ts type',
      '2 ./b.ts type',
      '3 ./c.ts value',
      '4 ./d.ts value',
      '5 ./e.ts dynamic',
      '6 ./f.ts value',
      '9 ./j.ts value',
    ])
  })
})
