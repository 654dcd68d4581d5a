/**
 * A sandbox for measuring: without limits unless asked for, and optionally only one CRM with data in it. Prints its endpoints as
 * `attune sandbox --json` does. The one argument is JSON: `{"people":2000,"overlap":1,"seed":7,"only":"attio"}`.
 */
import { systemRuntime } from '../../src/runtime.ts'
import { generateWorld } from '../../src/sandbox/generate/generate.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'

export interface SandboxSpec {
  readonly people: number
  readonly seed: number
  readonly overlap: number
  /** Only this CRM has records; the other one is set up and empty. */
  readonly only?: 'attio' | 'hubspot' | 'salesforce'
  /** Attio and HubSpot when absent. */
  readonly crms?: readonly string[]
  /** As the vendors do it: their rate limits, and a round trip as over the internet. Neither when absent. */
  readonly paced?: boolean
}

const ROUND_TRIP_MS = 50

/** The records are this old, so that indexes have caught up with them. */
const AGE_MS = 3 * 86_400_000

const spec = JSON.parse(process.argv[2] ?? '{}') as SandboxSpec
const sandbox = await startSandbox({
  runtime: systemRuntime,
  empty: true,
  crms: spec.crms ?? ['attio', 'hubspot'],
  seed: spec.seed,
  limits: spec.paced ? 'vendor' : 'off',
  latencyMs: spec.paced ? ROUND_TRIP_MS : 0,
})
const { models, clock } = sandbox.world
const before = clock.now()
clock.advance(-AGE_MS)
generateWorld(models, {
  ...(spec.only && { only: spec.only }),
  people: spec.people,
  overlap: spec.overlap,
  seed: spec.seed,
  elapse: (share) => clock.advance((share * AGE_MS) / 2),
})
clock.advance(before - clock.now())

const vendors = [...sandbox.vendors].map(([name, { url, token }]) => [name, { url, token }] as const)
const endpoints = { control: sandbox.control, ...Object.fromEntries(vendors) }
process.stdout.write(`${JSON.stringify(endpoints)}\n`)
process.once('SIGTERM', () => {
  sandbox.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
