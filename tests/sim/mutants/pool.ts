/** Child processes that each run one engine, a few at a time. Ends only what it started. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Job {
  /** Beside this file. */
  readonly file: string
  /** Name of the mutant; empty for production. */
  readonly mutant: string
  readonly args: readonly string[]
  readonly patienceMs: number
}

export interface Pool {
  /** What the process printed last, parsed. Rejects with its complaint when it fails or takes too long. */
  run<T>(job: Job): Promise<T>
  /** The same for a command of its own; resolves whatever its exit code is. */
  command(job: Omit<Job, 'file'>): Promise<{ readonly code: number | null; readonly output: string }>
}

const HERE = new URL('./', import.meta.url)

export function createPool(size: number): Pool {
  // What all of them load is compiled once. Node compares the text, so that no process runs another one's mutant.
  const compiled = mkdtempSync(join(tmpdir(), 'attune-mutants-'))
  process.once('exit', () => rmSync(compiled, { recursive: true, force: true }))
  let free = size
  const waiting: (() => void)[] = []
  const turn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
  const command: Pool['command'] = (job) => turn(() => execute(job, compiled))
  return {
    command,
    async run<T>({ file, args, ...job }: Job): Promise<T> {
      const path = (name: string) => fileURLToPath(new URL(name, HERE))
      const { code, output, complaint } = await turn(() =>
        execute({ ...job, args: ['--import', path('preload.ts'), path(file), ...args] }, compiled),
      )
      const last = output.trimEnd().split('\n').at(-1) ?? ''
      if (code !== 0) throw new Error(complaint || `ended with ${code}: ${last}`)
      return JSON.parse(last) as T
    },
  }
}

interface Ended {
  readonly code: number | null
  readonly output: string
  /** The line of its complaint that says most. */
  readonly complaint: string
}

function execute({ mutant, args, patienceMs }: Omit<Job, 'file'>, compiled: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd: fileURLToPath(new URL('../../../', HERE)),
      env: { ...process.env, ATTUNE_MUTANT: mutant, NODE_COMPILE_CACHE: compiled },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const timer = Number.isFinite(patienceMs) ? setTimeout(() => child.kill('SIGKILL'), patienceMs) : null
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (timer) clearTimeout(timer)
      const complaint = signal ? `killed by ${signal}, after ${patienceMs} ms at most` : complaintIn(errors)
      resolve({ code, output, complaint })
    })
  })
}

function complaintIn(errors: string): string {
  return /^(\w*Error: .*)$/m.exec(errors)?.[1] ?? errors.trim().slice(0, 400)
}
