/** How a process of ours may end. Everything else is a finding, whatever the CRMs hold afterwards. */
import type { Exit } from '../system/rig/child.ts'
import type { Life } from './scenario.ts'

/** What ends a process although nobody stopped it, and passes by itself or when a person says so. */
const TROUBLES = new Set(['transient', 'rate-limited', 'ambiguous'])

export type End =
  | { readonly kind: 'killed' | 'drained' | 'complete' | 'guard' | 'trouble' }
  | { readonly kind: 'broken'; readonly what: string }

/** `sent`: the signal that somebody sent it, if somebody did; it may have ended by itself before it came. */
export function endOf(command: Life['command'], exit: Exit, sent: NodeJS.Signals | null): End {
  const { code, signal } = exit
  if (signal !== null) {
    if (signal === 'SIGKILL' && sent === 'SIGKILL') return { kind: 'killed' }
    return broken(command, exit, `was ended by ${signal}`)
  }
  if (code === 0) {
    if (command === 'sync') return { kind: 'complete' }
    return sent === 'SIGTERM'
      ? { kind: 'drained' }
      : broken(command, exit, 'ended although nobody stopped it')
  }
  const failure = failureOf(exit)
  if (code === 1 && failure === 'GuardTripped') return { kind: 'guard' }
  if (code === 1 && failure !== null && TROUBLES.has(failure)) return { kind: 'trouble' }
  if (code === 1 && failure === 'Interrupted' && sent === 'SIGTERM') return { kind: 'drained' }
  return broken(command, exit, `ended with exit code ${code} (${failure ?? 'no reason given'})`)
}

/** A second process on a database that another one works on: it says so, and writes nothing. */
export function isRefusedForOwner(exit: Exit): boolean {
  return exit.code === 2 && exit.stderr.includes('another attune process')
}

function broken(command: string, exit: Exit, how: string): End {
  return { kind: 'broken', what: `attune ${command} ${how}: ${exit.stderr.slice(-600).trim()}` }
}

/** The name of the failure in the last document on stdout. */
function failureOf({ stdout }: Exit): string | null {
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!last.startsWith('{"error":')) return null
  return (JSON.parse(last) as { readonly error: { readonly error: string } }).error.error
}
