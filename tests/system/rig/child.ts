/** Programs of this repository as children: started, listened to, stopped or killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const ATTUNE = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

export interface Child {
  readonly pid: number
  /** The first complete line on stdout. Rejects when the child ends before it. */
  readonly firstLine: Promise<string>
  readonly exit: Promise<Exit>
  kill(signal: NodeJS.Signals): void
}

export interface StartOptions {
  readonly program?: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Wraps the command, e.g. in a shell that sets limits: `["bash", "-c", "ulimit -f 64; exec \"$@\"", "bash"]`. */
  readonly within?: readonly string[]
}

/** Variables that would lead a child to real accounts, or to another sandbox, must not leak into it. */
const OURS = /^(ATTIO|HUBSPOT|SALESFORCE)_|^ATTUNE_PUBLIC_URL$/

export function start(options: StartOptions): Child {
  const { program = ATTUNE, within = [] } = options
  const command = [...within, process.execPath, program, ...options.arguments]
  const [file = '', ...rest] = command
  const startedMs = performance.now()
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name))
  const child = spawn(file, rest, {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const exit = once(child, 'close').then(([code, signal]): Exit => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout: stdout.text(),
    stderr: stderr.text(),
    durationMs: performance.now() - startedMs,
  }))
  const firstLine = Promise.race([
    stdout.line,
    exit.then((how): never => {
      throw new Error(`ended with ${how.code ?? how.signal} before it said anything:\n${how.stderr}`)
    }),
  ])
  // Whoever does not wait for the first line is told by `exit`.
  firstLine.catch(() => undefined)
  return { pid: child.pid ?? -1, firstLine, exit, kill: (signal) => void child.kill(signal) }
}

function collect(stream: NonNullable<ChildProcess['stdout']>): {
  readonly text: () => string
  readonly line: Promise<string>
} {
  let text = ''
  const line = new Promise<string>((resolve) => {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
  return { text: () => text, line }
}
