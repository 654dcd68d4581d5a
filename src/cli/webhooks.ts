/** `attune webhooks`: registers at the vendors to be told of changes; shows and removes what is registered. */
import type { Command } from 'commander'
import type { Change, Listed } from './render-webhooks.ts'
import { withCommonOptions, type CommonOptions } from './options.ts'
import type { WebhookTarget } from './webhook-targets.ts'
import { print } from './terminal.ts'

type WebhookOptions = CommonOptions & { readonly publicUrl?: string }

type InstallOptions = WebhookOptions & {
  readonly secretsFile: string
  readonly renew?: boolean
  readonly takeOver?: boolean
}

export function addWebhooks(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('have the vendors tell us of changes at once')
    .addHelpText(
      'after',
      `
Examples:
  $ npx attune webhooks install     register what the mappings need
  $ npx attune webhooks list        what is registered, what is missing
  $ npx attune webhooks remove      take it back

Each has --json and --help.`,
    )
  withPublicUrl(withCommonOptions(webhooks.command('install')))
    .description('register at the vendors, for mapped objects and fields only')
    .option('--secrets-file <file>', 'where a new secret is written to', '.env')
    .option('--renew', 'make new secrets where the vendor makes them')
    .option('--take-over', 'where an account can deliver to one URL only, deliver to ours from now on')
    .addHelpText(
      'after',
      `
Each vendor is to deliver to <public URL>/webhooks/<connection>. What is there already is kept, what no mapping needs
any more is removed, and what delivers elsewhere is not touched. Run it again after changing a mapping.

A secret that the vendor shows only now is written to the secrets file, which only you can read then, and nowhere else.
Where a vendor wants a person to click, the clicks are listed.

Examples:
  $ npx attune webhooks install
  $ npx attune webhooks install --public-url https://attune.example.com
  $ npx attune webhooks install --secrets-file /etc/attune/secrets.env --json

Exit code 0 when everything is registered or listed, 1 when a vendor failed, 2 for a wrong setup.`,
    )
    .action(install)
  withPublicUrl(withCommonOptions(webhooks.command('list')))
    .description('what is registered, what is missing, and whether deliveries fail')
    .addHelpText(
      'after',
      `
Examples:
  $ npx attune webhooks list
  $ npx attune webhooks list --json

Exit code 0 when all that is needed is registered and delivered, 1 when something is missing, paused or failing.`,
    )
    .action(list)
  withPublicUrl(withCommonOptions(webhooks.command('remove')))
    .description('take back what delivers to our URL, and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  $ npx attune webhooks remove
  $ npx attune webhooks remove --public-url https://old.example.com    after moving to another URL

Changes are then found by polling, as without webhooks.`,
    )
    .action(remove)
}

function withPublicUrl(command: Command): Command {
  return command.option('--public-url <url>', 'where the vendors reach us (default: the one in the settings)')
}

async function install(options: InstallOptions): Promise<void> {
  const { requireWritable, setVariable } = await import('./env-file.ts')
  await withTargets(options, {}, async (targets) => {
    const changes: Change[] = []
    for (const { connection, request } of targets) {
      const { name: connectionName, webhooks } = connection.settings
      const common = { connection: connectionName, target: request.target }
      if (!webhooks) {
        changes.push({ ...common, state: 'skipped' })
        continue
      }
      requireWritable(options.secretsFile)
      const secretIsKnown = webhooks.secret !== '' && !options.renew
      const takeOver = options.takeOver ?? false
      const change = await connection.connector.webhooks.install({ ...request, secretIsKnown, takeOver })
      const secret = change.kind === 'done' ? change.secret : null
      if (secret !== null) setVariable(options.secretsFile, webhooks.secretVariable, secret)
      changes.push({
        ...common,
        ...stateOf(change),
        secret: {
          variable: webhooks.secretVariable,
          state: secret !== null ? 'written' : webhooks.secret === '' ? 'missing' : 'known',
          file: secret === null ? null : options.secretsFile,
        },
      })
    }
    await answer(options, { connections: changes }, async () =>
      (await import('./render-webhooks.ts')).changesText(changes, 'installed'),
    )
  })
}

async function list(options: WebhookOptions): Promise<void> {
  const { EXIT } = await import('./failure.ts')
  await withTargets(options, { dryRun: true }, async (targets) => {
    const listed: Listed[] = []
    for (const { connection, request } of targets) {
      const { kind, ...state } = await connection.connector.webhooks.list(request)
      listed.push({ connection: connection.settings.name, target: request.target, state: kind, ...state })
    }
    await answer(options, { connections: listed }, async () =>
      (await import('./render-webhooks.ts')).listedText(listed),
    )
    const isComplete = listed.every(
      ({ subscriptions = [], trouble = null }) =>
        trouble === null && subscriptions.every(({ state }) => state === 'present' || state === 'unneeded'),
    )
    process.exitCode = isComplete ? EXIT.ok : EXIT.failed
  })
}

async function remove(options: WebhookOptions): Promise<void> {
  await withTargets(options, {}, async (targets) => {
    const changes: Change[] = []
    for (const { connection, request } of targets) {
      const change = await connection.connector.webhooks.remove(request)
      changes.push({
        connection: connection.settings.name,
        target: request.target,
        ...stateOf(change),
      })
    }
    await answer(options, { connections: changes }, async () =>
      (await import('./render-webhooks.ts')).changesText(changes, 'removed'),
    )
  })
}

/** The vendor's answer without a secret in it: whatever is left may be printed. */
function stateOf(
  change: Awaited<ReturnType<WebhookTarget['connection']['connector']['webhooks']['install']>>,
): Omit<Change, 'connection' | 'target'> {
  if (change.kind === 'by-hand') return { state: 'by-hand', steps: change.steps }
  const { created, removed, kept } = change
  return { state: 'done', created, removed, kept }
}

async function withTargets(
  options: WebhookOptions,
  how: { readonly dryRun?: boolean },
  work: (targets: readonly WebhookTarget[]) => Promise<void>,
): Promise<void> {
  const [{ withConnections }, { publicUrlFor, webhookTargets }] = await Promise.all([
    import('./session.ts'),
    import('./webhook-targets.ts'),
  ])
  await withConnections(options, { ...how, missingStamps: 'ignore' }, async (both) => {
    const publicUrl = publicUrlFor(both.settings, options.publicUrl)
    await work(webhookTargets(both, await both.openPairings(), publicUrl))
  })
}

async function answer(options: CommonOptions, document: object, text: () => Promise<string>): Promise<void> {
  if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`)
  else print(await text())
}
