/** What one run plays on: the installed package, a sandbox in a process of its own, a database, and a folder for evidence. */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { ObjectRules } from '../../src/core/rules.ts'
import { compileMapping } from '../../src/mapping/compile.ts'
import { loadMapping, type MappingDocument } from '../../src/mapping/load.ts'
import { CASTS, HANDS, type CastPairing } from '../sim/cast.ts'
import { start, type Child, type Exit } from '../system/rig/child.ts'
import { freePort } from '../system/rig/free-port.ts'
import { installPacked } from '../system/rig/installed.ts'
import { startSandboxProgram, type RunningSandbox, type VendorName } from '../system/rig/sandbox.ts'
import { writeSettings } from './engine-settings.ts'
import { crmsOf, type ChaosScenario } from './scenario.ts'

/** A pairing with the mapping files of the package, as written and as compiled. */
export interface StagePairing {
  readonly pairing: CastPairing
  readonly documents: readonly MappingDocument[]
  readonly rules: readonly ObjectRules[]
}

export interface Stage {
  /** Holds everything: package, settings, database, logs, edit log. */
  readonly folder: string
  readonly database: string
  readonly crms: readonly VendorName[]
  readonly pairings: readonly StagePairing[]
  readonly sandbox: RunningSandbox
  /** Runs `attune <command>` on the database of this run. Its output is kept in `logs`. */
  attune(command: readonly string[]): Child
  close(): Promise<void>
}

/** Everything is there when it resolves. When it fails, nothing of it is left running; its folder stays. */
export async function openStage(scenario: ChaosScenario, signal: AbortSignal): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), `attune-chaos-${scenario.seed}-`))
  const logs = join(folder, 'logs')
  await mkdir(logs)
  await writeFile(join(folder, 'scenario.json'), JSON.stringify(scenario, null, 2))
  const installed = await installPacked(folder, signal)
  const place = { folder, packageRoot: installed.root, port: await freePort() }
  const { config, mappings } = await writeSettings(place, scenario)
  const { people, overlap, limits, latency } = scenario.world
  const crms = crmsOf(scenario)
  const flags = { crms: crms.join(','), seed: scenario.seed, people, overlap, limits, latency }
  const sandbox = await startSandboxProgram({
    program: installed.program,
    arguments: [
      'sandbox',
      '--json',
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]),
    ],
    cwd: folder,
  })
  const database = join(folder, 'attune.db')
  const running = new Set<Child>()
  const secretsFile = join(folder, 'secrets.env')
  let environment = sandbox.environment
  let number = 0
  const stage: Stage = {
    folder,
    database,
    crms,
    pairings: CASTS[scenario.cast].map((pairing) => opened(pairing, mappings.get(pairing.name) ?? [])),
    sandbox,
    attune(command) {
      number += 1
      const name = join(logs, `${String(number).padStart(3, '0')}-${command[0]}`)
      const child = start({
        program: installed.program,
        arguments: [...command, '--config', config, '--db', database],
        environment,
        cwd: folder,
      })
      running.add(child)
      const exit = child.exit.then(async (how): Promise<Exit> => {
        running.delete(child)
        await writeFile(`${name}.log`, logOf(command, how))
        return how
      })
      return { ...child, exit }
    },
    async close() {
      for (const child of running) child.kill('SIGKILL')
      await Promise.all([...running].map(({ exit }) => exit))
      await sandbox.stop()
    },
  }
  try {
    for (const vendor of crms) {
      await prepare(sandbox, vendor)
      await sandbox.settings(vendor, scenario.climate[vendor] ?? {})
    }
    await installWebhooks(stage, secretsFile)
    environment = { ...environment, ...secretsOf(secretsFile) }
    // What an administrator did is not counted as the engine's.
    await sandbox.resetStats()
    return stage
  } catch (error) {
    await stage.close()
    throw error
  }
}

function opened(pairing: CastPairing, files: readonly string[]): StagePairing {
  const documents = files.map((file) => loadMapping(readFileSync(file, 'utf8'), file))
  const rules = documents.map((document) => compileMapping(document, { stamps: pairing.stamps }))
  return { pairing, documents, rules }
}

/** The secret that Attio makes is shown once, and is in the file then; HubSpot's is known. */
async function installWebhooks(stage: Stage, secretsFile: string): Promise<void> {
  const options = ['--json', '--take-over', '--secrets-file', secretsFile]
  const exit = await stage.attune(['webhooks', 'install', ...options]).exit
  if (exit.code !== 0) throw new Error(`no webhooks were installed: ${exit.stdout}${exit.stderr}`)
}

function secretsOf(file: string): Readonly<Record<string, string>> {
  const lines = Object.entries(parseEnv(readFileSync(file, 'utf8')))
  return Object.fromEntries(lines.map(([name, value]) => [name, value ?? '']))
}

export async function removeStage({ folder }: Stage): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/** As an administrator would, by the vendor's own API. */
async function prepare({ endpoints }: RunningSandbox, vendor: VendorName): Promise<void> {
  const { url, token } = endpoints[vendor]
  for (const { method, path, body, expected } of HANDS.get(vendor)?.prepare ?? []) {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === null ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    if (answer.status !== expected) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
    }
  }
}

function logOf(command: readonly string[], { code, signal, stdout, stderr, durationMs }: Exit): string {
  const end = signal === null ? `exit code ${code}` : signal
  return `$ attune ${command.join(' ')}\n${stdout}\n--- stderr\n${stderr}\n--- ${end} after ${Math.round(durationMs)} ms\n`
}
