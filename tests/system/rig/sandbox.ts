/** A sandbox in a process of its own, as `attune sandbox` starts it, and its control port. */
import type { FaultRule } from '../../../src/sandbox/faults.ts'
import type { Dump, HumanEdit } from '../../../src/sandbox/model.ts'
import type { VendorStats } from '../../../src/sandbox/stats.ts'
import type { Vendor } from '../../../src/config/connection.ts'
import { sandboxEnvironment } from '../../../src/config/sandbox.ts'
import { start, type StartOptions } from './child.ts'

/** Only those that the sandbox was started with are there. */
export type VendorName = Vendor

/** The control port said no; `status` says why: 422 where a person could not do this either. */
export class ControlRefusal extends Error {
  override readonly name = 'ControlRefusal'
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** The control port answers at once; whoever waits this long talks to a sandbox that hangs. */
const CONTROL_MS = 60_000

interface Endpoint {
  readonly url: string
  readonly token: string
}

/** What the program prints first. */
type Endpoints = Readonly<Record<'control' | VendorName, Endpoint>>

export interface RunningSandbox {
  readonly endpoints: Endpoints
  /** The variables by which the shipped config finds it. */
  readonly environment: Readonly<Record<string, string>>
  readonly pid: number
  stats(): Promise<Record<VendorName, VendorStats>>
  resetStats(): Promise<void>
  edit(vendor: VendorName, edit: HumanEdit): Promise<string>
  settings(vendor: VendorName, settings: Readonly<Record<string, unknown>>): Promise<void>
  rules(vendor: VendorName, rules: readonly Readonly<Record<string, unknown>>[]): Promise<void>
  /** The rules of a vendor with their hits so far. */
  hits(vendor: VendorName): Promise<readonly { readonly rule: FaultRule; readonly hits: number }[]>
  dump(vendor: VendorName): Promise<Dump>
  snapshot(): Promise<string>
  restore(id: string): Promise<void>
  /** Stops it and fails when a model had thrown an exception: that is a bug of the sandbox. */
  stop(): Promise<void>
}

/** `flags` of `attune sandbox`, e.g. `{ people: 150, seed: 7 }`. */
export function startSandbox(flags: Readonly<Record<string, string | number>>): Promise<RunningSandbox> {
  const given = Object.entries({ limits: 'off', crms: 'attio,hubspot', ...flags }).flatMap(
    ([name, value]) => [`--${name}`, `${value}`],
  )
  return startSandboxProgram({ arguments: ['sandbox', '--json', ...given] })
}

/** Any program that serves a sandbox and prints its endpoints as one line of JSON. */
export async function startSandboxProgram(options: StartOptions): Promise<RunningSandbox> {
  const child = start(options)
  const endpoints = JSON.parse(await child.firstLine) as Endpoints
  const control = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${endpoints.control.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${endpoints.control.token}` },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(CONTROL_MS),
    })
    const answer = (await response.json()) as T & { error?: string }
    if (!response.ok) {
      throw new ControlRefusal(`${path}: ${answer.error ?? response.status}`, response.status)
    }
    return answer
  }
  return {
    endpoints,
    environment: Object.fromEntries(
      Object.entries(sandboxEnvironment(endpoints)).map(([name, value]) => [name, value ?? '']),
    ),
    pid: child.pid,
    stats: () => control('/stats'),
    resetStats: () => control('/stats/reset', {}),
    edit: async (vendor, edit) => (await control<{ id: string }>('/edit', { vendor, ...edit })).id,
    settings: (vendor, settings) => control('/faults', { vendor, settings }),
    rules: (vendor, rules) => control('/faults', { vendor, rules }),
    hits: async (vendor) => {
      const faults =
        await control<Record<VendorName, { rules: { rule: FaultRule; hits: number }[] }>>('/faults')
      return faults[vendor].rules
    },
    dump: async (vendor) => (await control<Record<string, Dump>>(`/dump?vendor=${vendor}`))[vendor] ?? {},
    snapshot: async () => (await control<{ id: string }>('/snapshot', {})).id,
    restore: (id) => control('/restore', { id }),
    async stop() {
      const health = await control<{ ok: boolean; failures: unknown }>('/health')
      child.kill('SIGTERM')
      await child.exit
      if (!health.ok) throw new Error(`the sandbox failed: ${JSON.stringify(health.failures)}`)
    },
  }
}

/** What `stats` says now, less what it said before. */
export function since(
  before: Record<VendorName, VendorStats>,
  after: Record<VendorName, VendorStats>,
): Record<VendorName, VendorStats> {
  const difference = (vendor: VendorName): VendorStats => ({
    reads: after[vendor].reads - before[vendor].reads,
    writes: after[vendor].writes - before[vendor].writes,
    throttled: after[vendor].throttled - before[vendor].throttled,
    routes: Object.fromEntries(
      Object.entries(after[vendor].routes).flatMap(([route, count]) => {
        const more = count - (before[vendor].routes[route] ?? 0)
        return more > 0 ? [[route, more]] : []
      }),
    ),
  })
  const there = Object.keys(after) as VendorName[]
  return Object.fromEntries(there.map((vendor) => [vendor, difference(vendor)])) as Record<
    VendorName,
    VendorStats
  >
}
