/** `attune sandbox`: the CRMs on this machine, until stopped. */
import type { Command } from 'commander'
import type { sandboxEnvironment } from '../config/sandbox.ts'
import type { VendorModel } from '../sandbox/model.ts'
import type { Endpoint } from '../sandbox/sandbox.ts'
import { numberOption } from './options.ts'

export interface SandboxFlags {
  readonly people?: string
  readonly overlap?: string
  readonly seed?: string
  readonly empty?: boolean
  readonly limits: string
  readonly crms?: string
  readonly port?: string
  readonly latency?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly json?: boolean
}

export function addSandbox(program: Command): void {
  withWorldOptions(program.command('sandbox'))
    .description(
      'local Attio, HubSpot and Salesforce stand-ins, strict and complete enough to try everything; no account needed',
    )
    .option('--empty', 'no records, only the pipelines and record types that the mapping files name')
    .option('--crms <names>', 'which of them, separated by commas (default: attio,hubspot,salesforce)')
    .option(
      '--port <n>',
      'control port; Attio, HubSpot and Salesforce listen on the three after it (default: any free)',
    )
    .option('--latency <ms>', 'round trip added to every answer', '0')
    .option('--tls-cert <file>', 'speak HTTPS on the ports of the CRMs: certificate, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--json', 'print one line of JSON with URLs and tokens instead')
    .addHelpText(
      'after',
      `
Examples:
  $ npx attune sandbox                          200 people, about 60 % of them in every CRM
  $ npx attune sandbox --people 20000 --seed 7  a larger world, always the same one
  $ npx attune sandbox --empty --port 8430      no records, fixed ports

Copy the printed lines into another terminal, and every command there works on the sandbox. Act as a person in
one of the CRMs, or cause faults, through the control port: see src/sandbox/README.md. Stop it with Ctrl-C.`,
    )
    .action(sandbox)
}

/** Options that say what the sandbox world is like. */
export function withWorldOptions(command: Command): Command {
  return command
    .option('--people <n>', 'how many different people there are (default: 200)')
    .option('--overlap <share>', 'share of records that exist in every CRM, 0 to 1 (default: 0.6)')
    .option('--seed <n>', 'equal seeds give equal worlds (default: 1)')
    .option('--limits <limits>', "vendor: the vendors' own rate limits; off: none", 'vendor')
}

async function sandbox(flags: SandboxFlags): Promise<void> {
  const [
    { sandboxEnvironment },
    { startSandbox },
    { systemRuntime },
    { Interrupted },
    { stoppable, untilStopped },
    { certificateOf, worldOptions },
  ] = await Promise.all([
    import('../config/sandbox.ts'),
    import('../sandbox/sandbox.ts'),
    import('../runtime.ts'),
    import('./failure.ts'),
    import('./stop-signal.ts'),
    import('./sandbox-world.ts'),
  ])
  const port = numberOption('--port', flags.port, { min: 0, max: 65_000, whole: true })
  const latencyMs = numberOption('--latency', flags.latency, { min: 0, max: 60_000, whole: true })
  const tls = certificateOf(flags)
  await stoppable(async ({ signal }) => {
    const running = await startSandbox({
      runtime: systemRuntime,
      ...worldOptions(flags),
      ...(flags.empty && { empty: 'set-up' as const }),
      ...(flags.crms !== undefined && { crms: flags.crms.split(',').map((name) => name.trim()) }),
      ...(port !== undefined && { port }),
      ...(latencyMs !== undefined && { latencyMs }),
      ...(tls && { tls }),
    })
    try {
      const endpoints = {
        control: running.control,
        ...Object.fromEntries([...running.vendors].map(([name, vendor]) => [name, endpointOf(vendor)])),
      }
      const text = () => openingText(endpoints, sandboxEnvironment)
      process.stdout.write(flags.json ? `${JSON.stringify(endpoints)}\n` : text())
      await untilStopped(signal)
    } finally {
      await running.close()
    }
  }).catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error
  })
}

interface PrintedEndpoint {
  readonly url: string
  readonly token: string
  readonly credentials?: Readonly<Record<string, string>>
  readonly app?: NonNullable<Endpoint['app']>
}

/** Endpoints also carry their model, which is not for printing, except for its other credentials. */
function endpointOf({
  url,
  token,
  app,
  model,
}: Endpoint & { readonly model: Pick<VendorModel, 'credentials'> }): PrintedEndpoint {
  return { url, token, ...(app && { app }), ...(model.credentials && { credentials: model.credentials }) }
}

type Endpoints = Readonly<Record<string, PrintedEndpoint>> & { readonly control: PrintedEndpoint }

function openingText({ control, ...crms }: Endpoints, environmentOf: typeof sandboxEnvironment): string {
  const variables = { ...environmentOf(crms), CONTROL_URL: control.url, CONTROL_TOKEN: control.token }
  const exports = Object.entries(variables).map(([name, value]) => `  export ${name}='${value ?? ''}'`)
  return `The sandbox is running. In another terminal:

${exports.join('\n')}

  npx attune plan
  npx attune sync

Everything is in memory and gone when you stop it with Ctrl-C.
`
}
