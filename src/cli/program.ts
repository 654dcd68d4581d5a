/** The command tree. One file per command; each adds itself, and loads what it needs only when it runs. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addApply } from './apply.ts'
import { addCheck } from './check.ts'
import { addConflicts } from './conflicts.ts'
import { addDemo } from './demo.ts'
import { addExplain } from './explain.ts'
import { addMappingTest } from './mapping-test.ts'
import { addPair } from './pair.ts'
import { addPlan } from './plan.ts'
import { addResolve } from './resolve.ts'
import { addResume } from './resume.ts'
import { addRuns } from './runs.ts'
import { addSandbox } from './sandbox.ts'
import { addSetup } from './setup.ts'
import { addStart } from './start.ts'
import { addStatus } from './status.ts'
import { addSync } from './sync.ts'
import { addUndo } from './undo.ts'
import { print } from './terminal.ts'
import { addWebhooks } from './webhooks.ts'

export function createProgram(): Command {
  const program = new Command('attune')
    .description(
      'Keeps an Attio workspace and HubSpot and/or Salesforce in agreement, in both directions, and can prove it.',
    )
    .version(ownVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text), writeErr: (text) => print(text, process.stderr) })
    .showHelpAfterError('(add --help for examples)')
    .addHelpText(
      'after',
      `
A first visit:
  $ npm start                       all CRMs as a local sandbox, kept in agreement; no account needed
  $ npx attune demo                 the same as a story of a minute

With your own accounts (tokens in ATTIO_TOKEN and HUBSPOT_TOKEN, SALESFORCE_…, or both):
  $ npx attune check                is everything in place?
  $ npx attune setup                create the fields that hold the other CRM's record ids
  $ npx attune pair                 which records belong together?
  $ npx attune plan                 what would change?
  $ npx attune sync                 do it once
  $ npx attune webhooks install     be told of changes at once; needs a public URL
  $ npx attune start                keep doing it
  $ npx attune undo <run>           take back what a run did`,
    )
  for (const add of [
    addStart,
    addDemo,
    addSandbox,
    addCheck,
    addSetup,
    addWebhooks,
    addMappingTest,
    addPair,
    addPlan,
    addApply,
    addSync,
    addStatus,
    addConflicts,
    addResolve,
    addResume,
    addExplain,
    addRuns,
    addUndo,
  ]) {
    add(program)
  }
  return program
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
