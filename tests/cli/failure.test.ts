import { expect, test } from 'vitest'
import { describeFailure, EXIT, failureText, Interrupted } from '../../src/cli/failure.ts'
import { createProgram } from '../../src/cli/program.ts'
import { ConfigError, ConnectorError, GuardTripped, InvariantError } from '../../src/errors.ts'

test('a wrong file is the operator’s: place, cause and remedy, exit 2', () => {
  const error = new ConfigError('`left` is missing', {
    at: { file: 'config/attune.yaml', line: 3, column: 5 },
    hint: 'add it',
  })
  const failure = describeFailure(error)
  expect(failureText(failure)).toBe('config/attune.yaml:3:5: `left` is missing\n  → add it\n')
  expect(failure.exitCode).toBe(EXIT.operator)
})

test('everything wrong with a file is said, each with its place and its remedy', () => {
  const fault = (line: number) => ({
    at: { file: 'm.yaml', line, column: 1 },
    message: `fault ${line}`,
    hint: `remedy ${line}`,
  })
  const others = Array.from({ length: 11 }, (_, i) => fault(i + 2))
  const failure = describeFailure(new ConfigError('fault 1', { ...fault(1), others }))
  const lines = failureText(failure).split('\n')
  expect(lines.slice(0, 4)).toEqual([
    'm.yaml:1:1: fault 1',
    '  → remedy 1',
    'm.yaml:2:1: fault 2',
    '  → remedy 2',
  ])
  expect(lines.at(-2)).toBe('… and 2 more')
  expect(failure.others).toHaveLength(11)
})

test('a dead token is the operator’s, an unreachable CRM is not', () => {
  const unauthorized = new ConnectorError('unauthorized', 'the token is dead', {
    connection: 'attio',
    hint: 'create a new one',
    scopes: ['record_permission:read'],
  })
  const transient = new ConnectorError('transient', 'no answer', { connection: 'attio' })
  expect(describeFailure(unauthorized)).toMatchObject({
    message: 'attio: the token is dead (missing scopes: record_permission:read)',
    exitCode: EXIT.operator,
  })
  expect(describeFailure(transient).exitCode).toBe(EXIT.failed)
})

test('a guard says what it stopped and how to go on', () => {
  const failure = describeFailure(new GuardTripped('mass-deletion', '40 of 50 deleted', 'check the CRM'))
  expect(failure).toMatchObject({ hint: 'check the CRM', exitCode: EXIT.failed })
  expect(failure.message).toContain('mass-deletion')
})

test('being stopped is a failure of the pass, and loses nothing', () => {
  expect(describeFailure(new Interrupted())).toMatchObject({ error: 'Interrupted', exitCode: EXIT.failed })
})

test('a bug of ours keeps its trace', () => {
  const failure = describeFailure(new InvariantError('I14', 'two open writes'))
  expect(failure.message).toContain('failure.test.ts')
  expect(failure.hint).toContain('defect')
})

test.each(createProgram().commands.map((command) => [command.name(), command] as const))(
  '%s has a help with examples',
  (name, command) => {
    const own = name === 'mapping' ? (command.commands[0] ?? command) : command
    let help = ''
    own.configureOutput({ writeOut: (text) => (help += text) })
    own.outputHelp()
    expect(help).toContain('Examples:')
    expect(help).toContain('--json')
  },
)
