/**
 * How long this process was ready to go on while others had the processors, in milliseconds since it started. Only
 * Linux counts that; elsewhere it is 0. What a busy machine adds to a measurement shows here, for the reader to judge.
 */
import { readFileSync } from 'node:fs'

export function starvedMs(): number {
  if (process.platform !== 'linux') return 0
  // Time on a processor, time in line for one, turns; in nanoseconds.
  const [, inLine] = readFileSync('/proc/self/schedstat', 'utf8').split(' ')
  return Number(inLine ?? 0) / 1e6
}
