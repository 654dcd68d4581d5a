/** Runs commands the way people do: as processes, against a sandbox that this process serves. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sandboxEnvironment } from '../../src/config/sandbox.ts'
import { systemRuntime } from '../../src/runtime.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { HumanEdit } from '../../src/sandbox/model.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { WorldOptions } from '../../src/sandbox/world.ts'

export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Ran {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** The one JSON document on stdout. */
  json<T>(): T
}

type Stats = Readonly<
  Record<string, { readonly reads: number; readonly writes: number; readonly throttled: number }>
>

type Environment = Readonly<Record<string, string | undefined>>

export interface Bench {
  readonly sandbox: Sandbox
  readonly folder: string
  readonly db: string
  /** Runs a command to its end; `--db` is added where the command knows it. */
  attune(args: readonly string[], environment?: Environment): Promise<Ran>
  /** Starts a command that runs until it is stopped. */
  start(args: readonly string[], environment?: Environment): ChildProcess
  edit(vendor: 'attio' | 'hubspot', edit: HumanEdit): string
  /** What happens to requests from now on. */
  faults(vendor: 'attio' | 'hubspot', rules: readonly FaultRule[]): Promise<void>
  /** How many requests they hit since. */
  hits(vendor: 'attio' | 'hubspot'): Promise<number>
  /** Mutating requests that both vendors processed since the last reset. */
  writes(): number
  resetStats(): Promise<void>
  /** What the vendors counted since then. */
  stats(): Promise<Stats>
  close(): Promise<void>
}

/** What most stories are about; `crms` of the world asks for others. */
const TWO = ['attio', 'hubspot']

export async function openBench(world: Omit<WorldOptions, 'runtime'>): Promise<Bench> {
  const sandbox = await startSandbox({ runtime: systemRuntime, limits: 'off', crms: TWO, ...world })
  const folder = await mkdtemp(join(tmpdir(), 'attune-cli-'))
  const db = join(folder, 'attune.db')
  const ownEnvironment = {
    ...withoutCredentials(),
    ...sandboxEnvironment(Object.fromEntries(sandbox.vendors)),
  }
  const start = (args: readonly string[], environment?: Environment): ChildProcess =>
    spawn(process.execPath, [MAIN, ...args], {
      cwd: ROOT,
      env: { ...ownEnvironment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const control = async (method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> => {
    const { url, token } = sandbox.control
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const withDatabase = (args: readonly string[]) => (args.includes('--db') ? args : [...args, '--db', db])
  const stats = async () => (await control('GET', '/stats')) as Stats
  let writes = 0
  return {
    sandbox,
    stats,
    folder,
    db,
    attune: async (args, environment) => {
      const ran = await ended(start(withDatabase(args), environment))
      writes = Object.values(await stats()).reduce((sum, each) => sum + each.writes, 0)
      return ran
    },
    start: (args, environment) => start(withDatabase(args), environment),
    edit: (vendor, edit) => {
      const model = sandbox.vendors.get(vendor)?.model
      if (!model) throw new Error(`the sandbox has no ${vendor}`)
      return model.edit(edit).id
    },
    faults: async (vendor, rules) => void (await control('POST', '/faults', { vendor, rules })),
    hits: async (vendor) => {
      const answer = (await control('GET', '/faults')) as Record<string, { rules: { hits: number }[] }>
      return (answer[vendor]?.rules ?? []).reduce((sum, { hits }) => sum + hits, 0)
    },
    writes: () => writes,
    resetStats: async () => {
      await control('POST', '/stats/reset')
      writes = 0
    },
    close: async () => {
      await sandbox.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The environment of this process without any account in it. */
export function withoutCredentials(): Record<string, string | undefined> {
  const isOurs = (name: string) => /^(ATTIO|HUBSPOT|SALESFORCE)_|^ATTUNE_PUBLIC_URL$/.test(name)
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)))
  return rest
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)]
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  })
  return {
    exitCode,
    stdout: stdout(),
    stderr: stderr(),
    json: <T>() => JSON.parse(stdout()) as T,
  }
}

/** Resolves with what was written from now on, as soon as it contains `text`. */
export async function saying(child: ChildProcess, text: string): Promise<string> {
  const { stdout } = child
  let said = ''
  return new Promise((resolve, reject) => {
    const onData = (chunk: string) => {
      said += chunk
      if (said.includes(text)) settle(() => resolve(said))
    }
    const onClose = () => settle(() => reject(new Error(`ended without saying "${text}": ${said}`)))
    const settle = (finish: () => void) => {
      stdout?.off('data', onData)
      child.off('close', onClose)
      finish()
    }
    stdout?.setEncoding('utf8').on('data', onData)
    child.on('close', onClose)
  })
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}
