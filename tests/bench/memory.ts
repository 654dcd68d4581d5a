/**
 * c. Peak memory of `attune sync` at two sizes, and d. what a pass costs that finds nothing to do. Both worlds are
 * known to both CRMs, so the first pass links everything and the second one only compares.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import { since } from '../system/rig/sandbox.ts'
import { openWorkspace, type Workspace } from '../system/rig/workspace.ts'
import { say, withSandbox } from './stand.ts'

export interface Size {
  readonly people: number
  /** Pairs of records after the first pass. */
  readonly pairs: number
  readonly firstPassPeakMb: number
  readonly noopPassPeakMb: number
}

export interface Noop {
  readonly pairs: number
  readonly requests: number
  readonly writes: number
  readonly durationMs: number
}

const SAMPLE_MS = 50

export async function measureSizes(
  sizes: readonly number[],
): Promise<{ memory: readonly Size[]; noop: Noop }> {
  const memory: Size[] = []
  let noop: Noop = { pairs: 0, requests: 0, writes: 0, durationMs: 0 }
  for (const people of sizes) {
    await withSandbox({ people, seed: 7, overlap: 1 }, async (sandbox) => {
      const workspace = await openWorkspace({ environment: sandbox.environment })
      const first = await syncMeasured(workspace)
      // Settles what the vendors answered to the first pass.
      await workspace.sync()
      const before = await sandbox.stats()
      const second = await syncMeasured(workspace)
      const used = since(before, await sandbox.stats())
      const status = JSON.parse((await workspace.run(['status', '--json'])).stdout) as { links: number }
      say(`  ${people} people, ${status.links} pairs: peak ${first.peakMb} MB, then ${second.peakMb} MB`)
      memory.push({
        people,
        pairs: status.links,
        firstPassPeakMb: first.peakMb,
        noopPassPeakMb: second.peakMb,
      })
      noop = {
        pairs: status.links,
        requests: used.attio.reads + used.attio.writes + used.hubspot.reads + used.hubspot.writes,
        writes: used.attio.writes + used.hubspot.writes,
        durationMs: second.summary.durationMs,
      }
      await workspace.remove()
    })
  }
  return { memory, noop }
}

async function syncMeasured(workspace: Workspace): Promise<{ summary: SyncSummary; peakMb: number }> {
  const child = workspace.start(['sync', '--json', '--accept-guards'])
  const ended = new AbortController()
  const exit = child.exit.finally(() => ended.abort())
  let peakKb = 0
  while (!ended.signal.aborted) {
    peakKb = Math.max(peakKb, await residentKb(child.pid))
    // Ends early with the child; that is what it is for.
    await sleep(SAMPLE_MS, undefined, { signal: ended.signal }).catch(() => undefined)
  }
  const { code, stdout, stderr } = await exit
  if (code !== 0) throw new Error(`sync ended with ${code}:\n${stderr}`)
  return { summary: JSON.parse(stdout) as SyncSummary, peakMb: Math.round(peakKb / 1024) }
}

/** Linux keeps the peak itself; elsewhere the samples make it. 0 once the process is gone. */
async function residentKb(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0)
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${pid}`]).catch(() => ({
    stdout: '',
  }))
  return Number(stdout.trim() || 0)
}
