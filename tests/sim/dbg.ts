import { readFileSync } from 'node:fs'
import { sealFetch } from '../../src/connectors/transport.ts'
import { playScenario } from './run.ts'
sealFetch()
const sc = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
let world: any
const o = await playScenario(sc, (w) => {
  world = w
})
console.log(o.violations)
for (const v of ['attio', 'hubspot'])
  for (const k of ['person', 'company', 'deal'] as const)
    for (const b of world.witness.biographies(v, k)) {
      console.log(v, k, b.id)
      for (const c of b.chapters)
        console.log(
          '   ',
          ((c.atMs - Date.parse('2026-11-01T09:00:00Z')) / 1000).toFixed(2),
          c.by,
          c.state,
          c.into ?? '',
          JSON.stringify(c.values).slice(0, Number(process.argv[3] ?? 200)),
        )
    }
console.log(await 0)
