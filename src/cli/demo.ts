/** `attune demo`: three CRMs, a few people working in them, and what comes of it; ends by itself in under a minute. */
import type { Command } from 'commander'
import { configOrShipped, withCommonOptions, type CommonOptions } from './options.ts'
import type { SandboxFlags } from './sandbox.ts'
import { print } from './terminal.ts'

type DemoOptions = CommonOptions & Pick<SandboxFlags, 'people' | 'seed' | 'limits'>

/** Large enough to be a world, small enough for the vendors' real rate limits within a minute. */
const PEOPLE = '80'

export function addDemo(program: Command): void {
  withCommonOptions(program.command('demo'))
    .description(
      'a story of a minute on the local sandbox: edits everywhere, a conversion, a conflict, a merge, a deletion',
    )
    .option('--people <n>', 'how many different people there are', PEOPLE)
    .option('--seed <n>', 'equal seeds give equal worlds (default: 1)')
    .option('--limits <limits>', "vendor: the vendors' own rate limits; off: none", 'vendor')
    .addHelpText(
      'after',
      `
Needs no account and leaves nothing behind. At the end an independent comparer, which shares neither database nor
connectors with Attune, reads all three CRMs and says whether they agree.

Examples:
  $ npm run demo
  $ npx attune demo --json          one document with every scene and the judgement

Exit code 0 only if they agree.`,
    )
    .action(demo)
}

async function demo(options: DemoOptions): Promise<void> {
  const [{ enterCast }, { SCENES }, { EXIT }, { judge }, { withSandbox }, { worldOptions }, { withSession }] =
    await Promise.all([
      import('./demo-cast.ts'),
      import('./demo-scenes.ts'),
      import('./failure.ts'),
      import('./judge.ts'),
      import('./local-sandbox.ts'),
      import('./sandbox-world.ts'),
      import('./session.ts'),
    ])
  const say = (text: string) => {
    if (!options.json) print(`${text}\n`)
  }
  const world = worldOptions(options)
  await withSandbox({ world, db: options.db ?? null }, async ({ sandbox, environment, db }) => {
    const cast = enterCast(sandbox)
    const own = { ...options, config: configOrShipped(options), db }
    await withSession(own, { access: 'write', environment }, async (session) => {
      const { runStory } = await import('./demo-story.ts')
      const pairings = await session.openPairings()
      // A pass takes a second: where no live line shows that, each would leave one.
      const isQuiet = options.json === true || process.stderr.isTTY !== true
      const scenes = await runStory({ session, pairings, sandbox, cast, scenes: SCENES, say, isQuiet })
      say('\nThe judge: a program that knows neither our database nor our connectors reads all three CRMs.')
      const judgement = await judge({
        store: session.store,
        mappings: session.settings.pairings.flatMap((pairing) => pairing.mappings),
        environment,
        signal: session.signal,
      })
      say(judgement.text)
      if (options.json) {
        const told = scenes.map(({ title, summary }) => ({ title, summary }))
        process.stdout.write(`${JSON.stringify({ scenes: told, judgement: judgement.document })}\n`)
      }
      process.exitCode = judgement.agree === false ? EXIT.failed : EXIT.ok
    })
  })
}
