/**
 * `npm run bench:ceiling`: how much of what a vendor permits gets through, and what it costs in refusals. Ten
 * saturated minutes of virtual time, from the first request on, against the sandbox's exact limiters; beside the same
 * with a plain token bucket and with p-queue's own interval limit.
 *
 *   npm run bench:ceiling                    a table
 *   npm run -s bench:ceiling -- --json       one JSON document on stdout
 *   npm run bench:ceiling -- --seed 7        other latencies
 */
import { parseArgs } from 'node:util'
import { measureCeiling, measureMistake, type Run } from './ceiling-runs.ts'
import type { BucketName } from './ceiling-vendors.ts'

/** Share of the permitted rate, without any refusal. */
const GOALS: Readonly<Record<BucketName, number>> = {
  'hubspot-10s': 0.98,
  'attio-clock-second': 0.99,
  'attio-sliding-second': 0.88,
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
})
const seed = Number(values.seed)

const runs: Run[] = []
for await (const run of measureCeiling({ seed })) runs.push(run)
const mistaken = await measureMistake({ seed })
const goals = runs
  .filter(({ limiter }) => limiter === 'ours')
  .map(({ bucket, share, throttled }) => {
    return { bucket, goal: GOALS[bucket], share, throttled, met: share >= GOALS[bucket] && throttled === 0 }
  })
process.stdout.write(values.json ? `${JSON.stringify({ runs, goals, mistaken }, null, 2)}\n` : text())

function text(): string {
  const head = row('', '', 'of the permitted rate', '429s', '')
  const lines = runs.map(({ bucket, limiter, share, throttled }) => {
    const goal = goals.find((each) => each.bucket === bucket && limiter === 'ours')
    const verdict = goal ? `${goal.met ? 'met' : 'MISSED'}: at least ${goal.goal * 100} %, no 429` : ''
    return row(bucket, limiter, percent(share), String(throttled), verdict)
  })
  const note = `Ours, taking sliding seconds for the clock's until the first refusal: ${percent(mistaken.share)}, ${mistaken.throttled} refused in ten minutes.`
  return `${[head, ...lines, '', note].join('\n')}\n`
}

function row(bucket: string, limiter: string, share: string, throttled: string, verdict: string): string {
  const cells = [bucket.padEnd(20), limiter.padEnd(16), share.padStart(21), throttled.padStart(6), verdict]
  return cells.join('  ').trimEnd()
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
