/** A judge that takes every end for a good one would prove nothing: each way to end, and what it is taken for. */
import { describe, expect, test } from 'vitest'
import type { Exit } from '../system/rig/child.ts'
import { endOf, isRefusedForOwner } from './exits.ts'

const document = (error: string) => `${JSON.stringify({ error: { error } })}\n`
const exit = (how: Partial<Exit>): Exit => ({
  code: 1,
  signal: null,
  stdout: '',
  stderr: '',
  durationMs: 1,
  ...how,
})

describe('an end that may be', () => {
  test.each([
    ['killed, as it was meant to be', 'start', exit({ code: null, signal: 'SIGKILL' }), 'SIGKILL', 'killed'],
    ['a daemon that was asked to stop', 'start', exit({ code: 0 }), 'SIGTERM', 'drained'],
    [
      'a pass that was asked to stop',
      'sync',
      exit({ stdout: document('Interrupted') }),
      'SIGTERM',
      'drained',
    ],
    ['a complete pass', 'sync', exit({ code: 0, stdout: '{"writes":3}\n' }), null, 'complete'],
    ['a pass that was complete before it was killed', 'sync', exit({ code: 0 }), 'SIGKILL', 'complete'],
    ['a guard that asks for a person', 'start', exit({ stdout: document('GuardTripped') }), null, 'guard'],
    ['a CRM that does not answer', 'sync', exit({ stdout: document('transient') }), null, 'trouble'],
    [
      'trouble after rounds that went well',
      'start',
      exit({ stdout: `{"state":"round"}\n${document('rate-limited')}` }),
      null,
      'trouble',
    ],
  ] as const)('%s', (_name, command, how, sent, kind) => {
    expect(endOf(command, how, sent)).toEqual({ kind })
  })
})

describe('an end that may not be', () => {
  test.each([
    ['a daemon that stops by itself', 'start', exit({ code: 0 }), null],
    ['a crash', 'start', exit({ stdout: document('TypeError') }), null],
    ['a crash without a word', 'sync', exit({ stdout: '' }), null],
    ['a broken promise', 'sync', exit({ stdout: document('InvariantError') }), null],
    ['a wrong setup', 'start', exit({ code: 2, stdout: document('ConfigError') }), null],
    ['a database that is not given back after a death', 'sync', exit({ code: 2 }), null],
    ['killed by somebody else', 'start', exit({ code: null, signal: 'SIGKILL' }), null],
    ['ended by the signal instead of stopping', 'start', exit({ code: null, signal: 'SIGTERM' }), 'SIGTERM'],
    ['interrupted by nobody', 'sync', exit({ stdout: document('Interrupted') }), null],
    ['aborted', 'start', exit({ code: null, signal: 'SIGABRT' }), null],
  ] as const)('%s', (_name, command, how, sent) => {
    expect(endOf(command, how, sent)).toMatchObject({ kind: 'broken' })
  })
})

test('a second process is turned away only with the words for it', () => {
  const refusal = 'another attune process (pid 7 on host) is working on this database\n'
  expect(isRefusedForOwner(exit({ code: 2, stderr: refusal }))).toBe(true)
  expect(isRefusedForOwner(exit({ code: 2, stderr: 'the config is empty' }))).toBe(false)
  expect(isRefusedForOwner(exit({ code: 0, stderr: refusal }))).toBe(false)
})
