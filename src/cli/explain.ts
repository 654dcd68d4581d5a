/** `attune explain`: why a field has the value it has. */
import type { Command } from 'commander'
import { withCommonOptions, type CommonOptions } from './options.ts'
import { print } from './terminal.ts'

export function addExplain(program: Command): void {
  withCommonOptions(program.command('explain'))
    .description('why does this field have this value: what was seen, decided and written, oldest first')
    .argument('<record>', 'id of the record, in either CRM')
    .argument('<field>', 'the field, as either CRM calls it')
    .addHelpText(
      'after',
      `
Reads the database only: needs no credentials, and works beside a running \`attune start\`.

Examples:
  $ npx attune explain 101 jobtitle
  $ npx attune explain 6d1e2f0a-… job_title --json`,
    )
    .action(explain)
}

async function explain(record: string, field: string, options: CommonOptions): Promise<void> {
  const [{ explainField }, { settingsWithoutTokens, withStore }, { fieldIndex }] = await Promise.all([
    import('../stages/explain.ts'),
    import('./open-store.ts'),
    import('./field-index.ts'),
  ])
  const settings = settingsWithoutTokens(options)
  const index = fieldIndex(settings)
  await withStore(options, async (store) => {
    const steps = await explainField(store, {
      record,
      keyOf: (mapping) => index.keyOf(mapping, field),
    })
    const { stepSentence } = await import('./step-sentence.ts')
    const told = steps.map((step) => ({ ...step, text: stepSentence(step, index.names(step.mapping)) }))
    if (options.json) process.stdout.write(`${JSON.stringify(told)}\n`)
    else print(await stepsText(told))
  })
}

async function stepsText(steps: readonly { readonly at: string; readonly text: string }[]): Promise<string> {
  const { paint, table, timeText } = await import('./style.ts')
  return `${table(steps.map(({ at, text }) => [paint('dim', timeText(Date.parse(at))), text]))}\n`
}
