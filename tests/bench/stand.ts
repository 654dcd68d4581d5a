/** What every measurement stands on: a sandbox in a process of its own. */
import { fileURLToPath } from 'node:url'
import { startSandboxProgram, type RunningSandbox } from '../system/rig/sandbox.ts'
import type { SandboxSpec } from './sandbox-program.ts'

const PROGRAM = fileURLToPath(new URL('./sandbox-program.ts', import.meta.url))

export async function withSandbox<T>(
  spec: SandboxSpec,
  work: (sandbox: RunningSandbox) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandboxProgram({ program: PROGRAM, arguments: [JSON.stringify(spec)] })
  try {
    return await work(sandbox)
  } finally {
    await sandbox.stop()
  }
}

/** The n-th live records of an object, oldest first as the vendor keeps them. */
export async function idsOf(
  sandbox: RunningSandbox,
  vendor: 'attio' | 'hubspot',
  object: string,
): Promise<readonly string[]> {
  const records = (await sandbox.dump(vendor))[object] ?? {}
  return Object.entries(records)
    .filter(([, { state }]) => state === 'live')
    .map(([id]) => id)
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
