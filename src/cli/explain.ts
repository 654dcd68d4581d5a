/** `attune explain`: why a field has the value it has. */
import type { Command } from 'commander'
import type { Step } from '../stages/explain.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import type { WantedNames } from './record-names.ts'
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
  const [
    { explainField },
    { settingsWithoutTokens, withStore },
    { fieldIndex },
    { pairName, recordNames },
    { stepSentence },
  ] = await Promise.all([
    import('../stages/explain.ts'),
    import('./open-store.ts'),
    import('./field-index.ts'),
    import('./record-names.ts'),
    import('./step-sentence.ts'),
  ])
  const settings = settingsWithoutTokens(options)
  const index = fieldIndex(settings)
  await withStore(options, async (store) => {
    const steps = await explainField(store, {
      record,
      keyOf: (mapping) => index.keyOf(mapping, field),
    })
    const names = await recordNames(store, index, wantedNames(steps))
    const told = steps.map((step) => {
      const crms = index.names(step.mapping)
      const name =
        step.link !== null
          ? pairName(names.ofPair(step.link), crms)
          : 'record' in step && step.record !== null
            ? names.of({ mapping: step.mapping, side: step.side, id: step.record })
            : null
      return { ...step, name, text: stepSentence(step, crms, names.of) }
    })
    if (options.json) process.stdout.write(`${JSON.stringify(told)}\n`)
    else print(await stepsText(told))
  })
}

/** Every pair that is told of, and every record that has none. */
function wantedNames(steps: readonly Step[]): WantedNames {
  const records = steps.flatMap((step) => {
    if (step.link !== null || !('candidates' in step)) return []
    const { mapping, side, record, candidates } = step
    return [{ side, id: record }, ...candidates].map((ref) => ({ mapping, ...ref }))
  })
  return { links: steps.flatMap(({ link }) => link ?? []), records }
}

type Told = Pick<Step, 'at' | 'field'> & { readonly name: string | null; readonly text: string }

async function stepsText(steps: readonly Told[]): Promise<string> {
  const { paint, table, timeText } = await import('./style.ts')
  const titles = new Set(steps.flatMap(({ field, name }) => (name === null ? [] : `${field} of ${name}`)))
  const title = [...titles].map((each) => `${paint('bold', each)}\n`).join('')
  return `${title}${table(steps.map(({ at, text }) => [paint('dim', timeText(Date.parse(at))), text]))}\n`
}
