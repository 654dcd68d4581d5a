import { readFileSync } from 'node:fs'
import { sealFetch } from '../../src/connectors/transport.ts'
import { playScenario } from './run.ts'
sealFetch()
const sc = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
let world: any
let done = false
const p = playScenario(sc, (w) => {
  world = w
  const close = w.store.close
  ;(w.store as any).close = async () => {
    const t0 = Date.parse('2026-11-01T09:00:00Z')
    for (const id of process.argv.slice(3))
      for (const link of await w.store.findLinks(id)) {
        const h = await w.store.history({ link: link.id, limit: 100 })
        console.log(id, link)
        const [l] = await w.store.loadLinks({ links: [link.id] })
        console.log(JSON.stringify(l!.base))
        for (const j of h.journal.toReversed())
          console.log(
            ((j.atMs - t0) / 1000).toFixed(2),
            j.side,
            j.kind,
            j.record,
            JSON.stringify(j.before),
            JSON.stringify(j.after),
            JSON.stringify(j.cause),
          )
        for (const c of h.conflicts)
          console.log(
            'CONFLICT',
            ((c.openedAtMs - t0) / 1000).toFixed(2),
            c.field,
            c.state,
            c.rule,
            JSON.stringify(c.left),
            JSON.stringify(c.right),
            JSON.stringify(c.base),
          )
        for (const c of h.changes.toReversed())
          console.log('SEEN', ((c.atMs - t0) / 1000).toFixed(2), c.side, c.source, c.kind)
      }
    for (const r of await w.store.reviews(20))
      console.log('REVIEW', r.kind, r.record, r.because, JSON.stringify(r.candidates))
    for (const r of await w.store.quarantined(20)) console.log('QUAR', r.record, r.fields, r.reason)
    await close()
  }
})
const o = await p
for (const v of o.violations) console.log(v.invariant, v.what)
