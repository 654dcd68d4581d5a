/** `attune check`: everything that can be known to be wrong before a record is touched. */
import type { Command } from 'commander'
import type { Findings } from './find-problems.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

export function addCheck(program: Command): void {
  withCommonOptions(program.command('check'))
    .description('settings, credentials, scopes, and mappings against the live schemas; changes nothing')
    .addHelpText(
      'after',
      `
Every problem comes with its place (file:line:column), its cause and what to do. A missing scope is named by the
field that needs it. What can be checked is checked, also when one of the accounts cannot be reached.

Examples:
  $ npx attune check
  $ npx attune check --json

Exit code 0 when all is well (warnings allowed), 2 when something has to be corrected.`,
    )
    .action(check)
}

async function check(options: CommonOptions): Promise<void> {
  const [{ EXIT }, { stoppable }, { findAll }] = await Promise.all([
    import('./failure.ts'),
    import('./stop-signal.ts'),
    import('./find-problems.ts'),
  ])
  const { findings, accounts, leftOut } = await stoppable(() => findAll(options))
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (options.json) {
    const warnings = findings.length - errors
    process.stdout.write(
      `${JSON.stringify({ ok: errors === 0, errors, warnings, accounts, leftOut, problems: findings })}\n`,
    )
  } else {
    print(await findingsText({ findings, accounts, leftOut }))
  }
  process.exitCode = errors === 0 ? EXIT.ok : EXIT.operator
}

async function findingsText({ findings, accounts, leftOut }: Findings): Promise<string> {
  const { count, paint } = await import('./style.ts')
  const lines = Object.entries(accounts).map(
    ([name, account]) => `${paint('green', 'ok')}  ${name}: ${account}`,
  )
  for (const name of leftOut) lines.push(`--  ${name}: left out, none of its variables is set`)
  for (const { severity, file, line, column, message, hint } of findings) {
    const place = file === null ? '' : `${file}:${line}:${column}: `
    const word = severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning')
    lines.push(`${place}${word}: ${message}`)
    if (hint !== '') lines.push(`  → ${hint}`)
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  const also = warnings > 0 ? `, ${count(warnings, 'warning')}` : ''
  lines.push(
    errors === 0
      ? paint('green', `All is well${also}.`)
      : paint('red', `${count(errors, 'problem')} to correct${also}.`),
  )
  return `${lines.join('\n')}\n`
}
