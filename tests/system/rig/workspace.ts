/** A folder with a config and a database of its own, and `attune` run in it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { SyncSummary } from '../../../src/cli/run-sync.ts'
import { REPOSITORY, start, type Child, type Exit, type StartOptions } from './child.ts'

export interface WorkspaceOptions {
  readonly environment: Readonly<Record<string, string>>
  /** Mapping files by name; the shipped three when absent. */
  readonly mappings?: readonly string[]
  /** The `engine` part of the config. */
  readonly engine?: Readonly<Record<string, number>>
}

export interface RunOptions extends Partial<StartOptions> {
  /** Another settings file than the workspace's own. */
  readonly config?: string
}

export interface Workspace {
  readonly folder: string
  readonly config: string
  readonly database: string
  start(command: readonly string[], options?: RunOptions): Child
  run(command: readonly string[], options?: RunOptions): Promise<Exit>
  /** `attune sync --json`; fails when it does. */
  sync(): Promise<SyncSummary>
  /** Call it when the test passed; a failed test leaves its database behind as evidence. */
  remove(): Promise<void>
}

export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-system-'))
  const config = join(folder, 'attune.yaml')
  const database = join(folder, 'attune.db')
  await writeFile(config, configText(options))
  const startHere: Workspace['start'] = (command, more = {}) =>
    start({
      ...more,
      arguments: [...command, '--config', more.config ?? config, '--db', database],
      environment: { ...options.environment, ...more.environment },
    })
  const run: Workspace['run'] = (command, more) => startHere(command, more).exit
  return {
    folder,
    config,
    database,
    start: startHere,
    run,
    async sync() {
      const exit = await run(['sync', '--json'])
      if (exit.code !== 0) throw new Error(`sync ended with ${exit.code ?? exit.signal}:\n${exit.stderr}`)
      return JSON.parse(exit.stdout) as SyncSummary
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function configText(options: WorkspaceOptions): string {
  const {
    mappings = ['companies', 'people', 'deals'].map((name) => join(REPOSITORY, `mappings/${name}.yaml`)),
  } = options
  return stringify({
    version: 1,
    connections: {
      attio: { vendor: 'attio', 'token-env': 'ATTIO_TOKEN', 'base-url-env': 'ATTIO_BASE_URL' },
      hubspot: { vendor: 'hubspot', 'token-env': 'HUBSPOT_TOKEN', 'base-url-env': 'HUBSPOT_BASE_URL' },
    },
    pairings: { 'attio-hubspot': { left: 'attio', right: 'hubspot', mappings } },
    // Requests to a local sandbox do not linger for 20 seconds.
    engine: { 'zombie-horizon-seconds': 2, ...options.engine },
  })
}
