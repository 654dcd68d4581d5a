/** `npm run sim:naive`: ours and another engine in the same worlds; see the usage below. */
import { sealFetch } from '../../../src/connectors/transport.ts'
import { proofCommand } from '../../proof/command.ts'
import { drawScenario } from '../draw.ts'
import { playScenario } from '../run.ts'
import { playNaive } from './play.ts'

const command =
  proofCommand(`npm run sim:naive: what the engine that people would otherwise write does to their data, and what ours does, in the
same worlds.

  npm run sim:naive                      60 seeds, as a table
  npm run sim:naive -- --seeds 1000      more of them
  npm run -s sim:naive -- --json         one JSON document on stdout

Exit code 1 when ours does any harm.
`)

const values = command.options({
  seeds: { type: 'string', default: '60' },
  from: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
})

interface Toll {
  lostEdits: number
  duplicates: number
  resurrections: number
  /** Worlds in which it went on writing after everything was said and done. */
  endlessLoops: number
  /** Worlds that it brought through without any of these. */
  unharmedWorlds: number
}

sealFetch()
const [from, seeds] = [command.whole('--from', values.from), command.whole('--seeds', values.seeds)]
const NONE = { lostEdits: 0, duplicates: 0, resurrections: 0 }
const naive: Toll = { ...NONE, endlessLoops: 0, unharmedWorlds: 0 }
const ours: Toll = { ...naive }
let edits = 0
for (let seed = from; seed < from + seeds; seed += 1) {
  const scenario = drawScenario(seed)
  const harm = await playNaive(scenario)
  add(naive, harm ? { ...harm, loops: harm.writesAtRest > 0 } : { ...NONE, loops: true })
  const { violations, figures } = await playScenario(scenario)
  edits += figures.edits
  const count = (...broken: readonly string[]) =>
    violations.filter(({ invariant }) => broken.includes(invariant)).length
  add(ours, {
    lostEdits: count('I4', 'I5'),
    duplicates: count('I7', 'I8'),
    resurrections: count('I9'),
    loops: count('I2', 'I17', 'livelock') > 0,
  })
}
process.exitCode = ours.unharmedWorlds === seeds ? 0 : 1
process.stdout.write(values.json ? `${JSON.stringify({ seeds, edits, naive, ours })}\n` : `${table()}\n`)

type Counted = Pick<Toll, 'lostEdits' | 'duplicates' | 'resurrections'> & { readonly loops: boolean }

function add(toll: Toll, { lostEdits, duplicates, resurrections, loops }: Counted): void {
  toll.lostEdits += lostEdits
  toll.duplicates += duplicates
  toll.resurrections += resurrections
  if (loops) toll.endlessLoops += 1
  if (lostEdits + duplicates + resurrections === 0 && !loops) toll.unharmedWorlds += 1
}

function table(): string {
  const row = (what: string, pick: (toll: Toll) => number) =>
    `${what.padEnd(44)}${String(pick(naive)).padStart(10)}${String(pick(ours)).padStart(10)}`
  return [
    `${seeds} worlds, ${edits} edits by people`.padEnd(44) + '     naive    Attune',
    row('edits lost without a word', (toll) => toll.lostEdits),
    row('duplicates', (toll) => toll.duplicates),
    row('deleted records that came back', (toll) => toll.resurrections),
    row('worlds in which it never stopped writing', (toll) => toll.endlessLoops),
    row('worlds without any of these', (toll) => toll.unharmedWorlds),
  ].join('\n')
}
