/** `attune mapping test`: the examples inside the mapping files, run offline. */
import type { Command } from 'commander'
import type { FixtureResult } from '../mapping/fixtures.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

interface FileResult {
  readonly file: string
  readonly fixtures: readonly FixtureResult[]
}

export function addMappingTest(program: Command): void {
  const mapping = program.command('mapping').description('work on mapping files')
  withCommonOptions(mapping.command('test'))
    .description('run the examples of the mapping files, offline')
    .argument('[files...]', 'mapping files (default: those in the settings)')
    .addHelpText(
      'after',
      `
An example says what one side holds and what the other side should get; see \`fixtures\` in any mapping file.
Needs no credentials and no network.

Examples:
  $ npx attune mapping test
  $ npx attune mapping test mappings/people.yaml

Exit code 0 when every example holds, 1 when one does not, 2 when a file cannot be read.`,
    )
    .action(test)
}

async function test(files: readonly string[], options: CommonOptions): Promise<void> {
  const [
    { readText },
    { EXIT },
    { runFixtures },
    { loadMapping },
    { positionText },
    { settingsWithoutTokens },
  ] = await Promise.all([
    import('../config.ts'),
    import('./failure.ts'),
    import('../mapping/fixtures.ts'),
    import('../mapping/load.ts'),
    import('../mapping/problem.ts'),
    import('./open-store.ts'),
  ])
  const chosen =
    files.length > 0
      ? files
      : [...new Set(settingsWithoutTokens(options).pairings.flatMap((pairing) => pairing.mappings))]
  const results = chosen.map((file) => ({ file, fixtures: runFixtures(loadMapping(readText(file), file)) }))
  const all = results.flatMap(({ fixtures }) => fixtures)
  const failed = all.filter((fixture) => !fixture.passed).length
  if (options.json) {
    const documents = results.map(({ file, fixtures }) => ({
      file,
      fixtures: fixtures.map(({ name, at, passed, differences }) => ({
        name,
        at: positionText(at),
        passed,
        differences: differences.map((difference) => ({ ...difference, at: positionText(difference.at) })),
      })),
    }))
    process.stdout.write(`${JSON.stringify({ passed: all.length - failed, failed, files: documents })}\n`)
  } else {
    print(await resultsText(results))
  }
  process.exitCode = failed === 0 ? EXIT.ok : EXIT.failed
}

async function resultsText(results: readonly FileResult[]): Promise<string> {
  const [{ differenceText }, { positionText }, { count, paint }] = await Promise.all([
    import('../mapping/fixtures.ts'),
    import('../mapping/problem.ts'),
    import('./style.ts'),
  ])
  const lines = results.flatMap(({ file, fixtures }) => [
    paint('bold', shortPath(file)),
    ...(fixtures.length === 0 ? ['  no examples'] : []),
    ...fixtures.flatMap(({ name, passed, differences }) => [
      passed ? `  ${paint('green', 'ok')}    ${name}` : `  ${paint('red', 'FAIL')}  ${name}`,
      ...differences.map(
        (difference) =>
          `        ${positionText({ ...difference.at, file: shortPath(file) })}: ${differenceText(difference)}`,
      ),
    ]),
    '',
  ])
  const all = results.flatMap(({ fixtures }) => fixtures)
  const failed = all.filter((fixture) => !fixture.passed).length
  const verdict =
    failed === 0
      ? paint('green', `${count(all.length, 'example')}, all of them hold`)
      : paint('red', `${failed} of ${count(all.length, 'example')} ${failed === 1 ? 'fails' : 'fail'}`)
  return `${[...lines, verdict].join('\n')}\n`
}

/** Relative to where the person stands, when that is shorter. */
function shortPath(file: string): string {
  const prefix = `${process.cwd()}/`
  return file.startsWith(prefix) ? file.slice(prefix.length) : file
}
