/** `attune sandbox`: the CRMs on this machine, until stopped. */
import type { Command } from 'commander'
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
    .option('--empty', 'start without any records')
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
    .option('--overlap <share>', 'share of records that exist in both CRMs, 0 to 1 (default: 0.6)')
    .option('--seed <n>', 'equal seeds give equal worlds (default: 1)')
    .option('--limits <limits>', "vendor: the vendors' own rate limits; off: none", 'vendor')
}

async function sandbox(flags: SandboxFlags): Promise<void> {
  const [
    { startSandbox },
    { systemRuntime },
    { Interrupted },
    { stoppable, untilStopped },
    { certificateOf, worldOptions },
  ] = await Promise.all([
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
      ...(flags.empty && { empty: true }),
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
      process.stdout.write(flags.json ? `${JSON.stringify(endpoints)}\n` : openingText(endpoints))
      await untilStopped(signal)
    } finally {
      await running.close()
    }
  }).catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error
  })
}

interface Endpoint {
  readonly url: string
  readonly token: string
  readonly credentials?: Readonly<Record<string, string>>
}

/** Endpoints also carry their model, which is not for printing, except for its other credentials. */
function endpointOf({
  url,
  token,
  model,
}: Endpoint & { readonly model: { readonly credentials?: Readonly<Record<string, string>> } }): Endpoint {
  return { url, token, ...(model.credentials && { credentials: model.credentials }) }
}

/** Names of the variables by which each is found. */
const VARIABLES: Readonly<Record<string, (endpoint: Endpoint) => Readonly<Record<string, string>>>> = {
  attio: ({ url, token }) => ({ ATTIO_BASE_URL: url, ATTIO_TOKEN: token }),
  hubspot: ({ url, token }) => ({ HUBSPOT_BASE_URL: url, HUBSPOT_TOKEN: token }),
  salesforce: ({ url, token }) => ({
    SALESFORCE_INSTANCE_URL: url,
    SALESFORCE_LOGIN_URL: url,
    SALESFORCE_ACCESS_TOKEN: token,
  }),
  control: ({ url, token }) => ({ CONTROL_URL: url, CONTROL_TOKEN: token }),
}

function openingText(endpoints: Readonly<Record<string, Endpoint>>): string {
  const variables = Object.entries(VARIABLES).flatMap(([name, variablesOf]) => {
    const endpoint = endpoints[name]
    return endpoint === undefined ? [] : Object.entries(variablesOf(endpoint))
  })
  return `The sandbox is running. In another terminal:

${variables.map(([name, value]) => `  export ${name}='${value}'`).join('\n')}

  npx attune plan
  npx attune sync

Everything is in memory and gone when you stop it with Ctrl-C.
`
}
