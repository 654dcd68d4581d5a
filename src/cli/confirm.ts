/** A person's yes. On a terminal it is asked for; elsewhere silence is not consent. */
import type { CommonOptions } from './options.ts'

export async function isConfirmed(
  question: string,
  options: Pick<CommonOptions, 'json'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (options.json || !process.stdin.isTTY || !process.stdout.isTTY) return false
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim())
  } finally {
    terminal.close()
  }
}
