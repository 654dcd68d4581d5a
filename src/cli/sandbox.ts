/** `attune sandbox`: both CRMs on this machine, until stopped. */
import type { Command } from 'commander'
import type { Environment } from '../config.ts'
import type { Endpoint } from '../sandbox/sandbox.ts'
import { numberOption } from './options.ts'

export interface SandboxFlags {
  readonly people?: string
  readonly overlap?: string
  readonly seed?: string
  readonly empty?: boolean
  readonly limits: string
  readonly port?: string
  readonly latency?: string
  readonly json?: boolean
}

export function addSandbox(program: Command): void {
  withWorldOptions(program.command('sandbox'))
    .description(
      'local Attio and HubSpot stand-ins, strict and complete enough to try everything; no account needed',
    )
    .option('--empty', 'start without any records')
    .option(
      '--port <n>',
      'control port; Attio listens on the next one, HubSpot on the one after (default: any free)',
    )
    .option('--latency <ms>', 'round trip added to every answer', '0')
    .option('--json', 'print one line of JSON with URLs and tokens instead')
    .addHelpText(
      'after',
      `
Examples:
  $ npx attune sandbox                          200 people, about 60 % of them in both CRMs
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
    { sandboxEnvironment },
    { startSandbox },
    { systemRuntime },
    { Interrupted },
    { stoppable, untilStopped },
    { worldOptions },
  ] = await Promise.all([
    import('../config.ts'),
    import('../sandbox/sandbox.ts'),
    import('../runtime.ts'),
    import('./failure.ts'),
    import('./stop-signal.ts'),
    import('./sandbox-world.ts'),
  ])
  const port = numberOption('--port', flags.port, { min: 0, max: 65_000, whole: true })
  const latencyMs = numberOption('--latency', flags.latency, { min: 0, max: 60_000, whole: true })
  await stoppable(async ({ signal }) => {
    const running = await startSandbox({
      runtime: systemRuntime,
      ...worldOptions(flags),
      ...(flags.empty && { empty: true }),
      ...(port !== undefined && { port }),
      ...(latencyMs !== undefined && { latencyMs }),
    })
    try {
      const { control, attio, hubspot } = running
      const endpoints = { control, attio: plain(attio), hubspot: plain(hubspot) }
      const text = () => openingText(endpoints, sandboxEnvironment(endpoints))
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
  readonly app?: NonNullable<Endpoint['app']>
}

/** Endpoints also carry their model, which is not for printing. */
function plain({ url, token, app }: Endpoint): PrintedEndpoint {
  return { url, token, ...(app && { app }) }
}

type Endpoints = Readonly<Record<'control' | 'attio' | 'hubspot', PrintedEndpoint>>

function openingText(endpoints: Endpoints, environment: Environment): string {
  const { control } = endpoints
  const variables = { ...environment, CONTROL_URL: control.url, CONTROL_TOKEN: control.token }
  const exports = Object.entries(variables).map(([name, value]) => `  export ${name}='${value ?? ''}'`)
  return `The sandbox is running. In another terminal:

${exports.join('\n')}

  npx attune plan
  npx attune sync

Everything is in memory and gone when you stop it with Ctrl-C.
`
}
