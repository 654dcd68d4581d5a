/** The CRMs in this process, over real HTTP, with a database of their own: what `start` and `demo` run on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../config/connection.ts'
import { sandboxEnvironment, SHIPPED_CRMS } from '../config/sandbox.ts'
import { systemRuntime } from '../runtime.ts'
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts'
import type { WorldOptions } from '../sandbox/world.ts'

export interface LocalSandbox {
  readonly sandbox: Sandbox
  readonly environment: Environment
  /** Database file. */
  readonly db: string
  /** For whatever else is needed meanwhile; removed afterwards. */
  readonly folder: string
  /** What is running and how to reach it, for people. */
  readonly openingText: string
}

interface Options {
  readonly world: Omit<WorldOptions, 'runtime'>
  /** Null: a temporary one, removed afterwards, as the records in it are gone then too. */
  readonly db: string | null
}

export async function withSandbox<T>(
  options: Options,
  work: (local: LocalSandbox) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-'))
  try {
    const sandbox = await startSandbox({ runtime: systemRuntime, crms: SHIPPED_CRMS, ...options.world })
    try {
      const environment = sandboxEnvironment(Object.fromEntries(sandbox.vendors))
      const db = options.db ?? join(folder, 'attune.db')
      return await work({
        sandbox,
        environment,
        db,
        folder,
        openingText: openingText(sandbox, environment, db),
      })
    } finally {
      await sandbox.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function openingText({ control }: Sandbox, environment: Environment, db: string): string {
  const variables = { ...environment, CONTROL_URL: control.url, CONTROL_TOKEN: control.token }
  const exports = Object.entries(variables).map(([name, value]) => `  export ${name}='${value ?? ''}'`)
  return `No credentials are set, so the CRMs are a sandbox in this process. To look at it or change something in it,
in another terminal:

${exports.join('\n')}

  npx attune status --db ${db}`
}
