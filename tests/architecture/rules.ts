/**
 * The rules of the house as data, and the functions that find what breaks them. A violation is a sentence that
 * starts with `file:line`.
 */
import { posix } from 'node:path'
import { scanSource, type ScannedSource } from './scan-source.ts'

/** Path below `src` → its text. */
export type House = ReadonlyMap<string, string>

/** What the engine may know of databases, and of CRMs. */
const STORE_PORT = [
  'change',
  'comparison',
  'deliver',
  'links',
  'observe',
  'operate',
  'ownership',
  'reconcile',
  'records',
  'retention',
  'runs',
  'store',
  'waiting',
  'writes',
].map((name) => `store/${name}.ts`)
const CONNECTOR_PORT = ['bells', 'connector', 'reading', 'writing'].map((name) => `connectors/${name}.ts`)

/**
 * Who may import whom, by the beginning of paths below `src`. The first room that a file's path begins with is its
 * own; files of one room may import each other, except as `WALLS` says.
 */
const ROOMS: readonly { readonly room: string; readonly may: readonly string[] }[] = [
  { room: 'errors.ts', may: [] },
  { room: 'runtime.ts', may: [] },
  { room: 'logging.ts', may: [] },
  { room: 'schedule.ts', may: [] },
  { room: 'remembered.ts', may: [] },
  { room: 'core/', may: ['errors.ts'] },
  { room: 'mapping/', may: ['core/', 'errors.ts', 'remembered.ts'] },
  { room: 'connectors/', may: ['core/', 'errors.ts', 'runtime.ts'] },
  { room: 'store/', may: ['core/', 'errors.ts'] },
  {
    room: 'stages/',
    may: [
      'core/',
      'mapping/',
      ...CONNECTOR_PORT,
      ...STORE_PORT,
      'errors.ts',
      'runtime.ts',
      'logging.ts',
      'schedule.ts',
      'remembered.ts',
    ],
  },
  // The sandbox shows the vendors' side of the wire, so it shares the shape of a request and no word of ours.
  { room: 'sandbox/', may: ['connectors/transport.ts', 'errors.ts', 'runtime.ts', 'remembered.ts'] },
  // The file, its parts, and what it comes to.
  { room: 'config', may: ['core/', 'mapping/', 'secret-file.ts', 'errors.ts', 'schedule.ts'] },
  { room: 'secret-file.ts', may: ['errors.ts'] },
  {
    room: 'web/',
    may: ['stages/', 'core/', ...STORE_PORT, 'config', 'errors.ts', 'runtime.ts', 'logging.ts'],
  },
  {
    room: 'cli/',
    may: [
      'stages/',
      'core/',
      'mapping/',
      ...STORE_PORT,
      ...CONNECTOR_PORT,
      // What a summary prints: how many requests left.
      'connectors/counted.ts',
      'compose',
      'config',
      'sandbox/sandbox.ts',
      'sandbox/world.ts',
      // The demo plays people at work, in the words of the sandbox.
      'sandbox/model.ts',
      'web/',
      'errors.ts',
      'runtime.ts',
      'logging.ts',
      'schedule.ts',
    ],
  },
  { room: 'main.ts', may: ['cli/'] },
  // The root and its parts.
  { room: 'compose', may: [''] },
]

/** Inside these folders every subfolder is an implementation that nobody of the same room may import. */
const WALLS = ['connectors/', 'store/']

/** Which package is known where; one that is not listed needs a reason first. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@hubspot/api-client': ['connectors/hubspot/client.ts'],
  'better-sqlite3': ['store/sqlite/'],
  'drizzle-orm': ['store/sqlite/'],
  commander: ['cli/'],
  'csv-parse': ['cli/csv.ts', 'connectors/salesforce/csv.ts', 'sandbox/'],
  'csv-stringify': ['cli/csv.ts', 'sandbox/'],
  'string-width': ['cli/terminal.ts'],
  jsforce: ['connectors/salesforce/client.ts'],
  'libphonenumber-js': ['mapping/', 'sandbox/'],
  'p-queue': ['connectors/', 'sandbox/'],
  'node-cron': ['schedule.ts'],
  pino: ['logging.ts'],
  'prom-client': ['web/'],
  tldts: ['mapping/', 'sandbox/'],
  yaml: ['mapping/', 'cli/demo-settings.ts'],
  zod: ['mapping/', 'connectors/', 'sandbox/', 'config/', 'cli/', 'web/'],
  fastify: ['web/'],
  tinyqueue: ['sandbox/due-queue.ts'],
}

interface Door {
  readonly what: string
  readonly pattern: RegExp
  readonly doors: readonly string[]
}

/** Clock, timers, chance and network each have their doors; everyone else is handed a `Runtime` or `Transport`. */
const DOORS: readonly Door[] = [
  {
    what: 'the clock',
    pattern:
      /\bDate\.now\b|\bnew Date\b(?:\(\s*\)|(?!\())|(?<!new\s+)\bDate\(|\bperformance\b|\bprocess\.hrtime\b|\bTemporal\.Now\b/g,
    doors: ['runtime.ts', 'cli/'],
  },
  {
    what: 'a timer',
    pattern: /\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b/g,
    doors: ['runtime.ts', 'connectors/transport.ts'],
  },
  {
    what: 'chance',
    pattern: /\bMath\.random\b|\brandom(?:UUID|Bytes|Int|FillSync|Fill)\b|\bgetRandomValues\b/g,
    doors: ['runtime.ts'],
  },
  {
    what: 'the network',
    pattern: /(?<![.\w])fetch\s*\(|\bglobalThis\.fetch\b/g,
    doors: ['connectors/transport.ts'],
  },
]

/** Node's own modules that are a clock, a timer or the network. */
const DOOR_MODULES: Readonly<Record<string, readonly string[]>> = {
  'node:timers': ['runtime.ts'],
  'node:perf_hooks': [],
  'node:dns': [],
  'node:http2': [],
  'node:https': ['sandbox/listen.ts'],
  'node:http': ['sandbox/server.ts', 'sandbox/control.ts', 'sandbox/listen.ts'],
  'node:net': ['sandbox/listen.ts'],
}

/** Decisions must be the same on every machine and at every time: not even a date is made there. */
const PURE = ['core/', 'mapping/']

/** Node modules in the pure rooms. */
const PURE_EXCEPTIONS: Readonly<Record<string, string>> = {
  'mapping/json-schema.ts':
    'the generator of mapping.schema.json is a program of its own and writes that file',
}

const VENDOR = /attio|hubspot|salesforce/gi

/** Where the names of the vendors belong. */
const VENDOR_ROOMS = [
  'connectors/attio/',
  'connectors/hubspot/',
  'connectors/salesforce/',
  'sandbox/',
  'compose/vendors.ts',
  'config.ts',
  'config/',
]

/** Where else they may appear, by the beginning of the path, and why. */
const VENDOR_EXCEPTIONS: Readonly<Record<string, string>> = {
  'mapping/standard-fields.ts': 'mapping data: the standard fields that an offline check knows',
  'cli/demo': 'the demo plays people at work in the two local CRMs',
  'cli/program.ts': 'help text: what the program connects',
  'cli/sandbox.ts': 'prints how each local CRM is reached',
  'cli/start.ts': 'help text: the variables that hold the tokens',
}

const NAMELESS = /(?:^|[/-])(?:utils?|common|misc|helpers?)(?:[-.]|\/)/

export interface Rules {
  readonly rooms: readonly string[]
  readonly cycles: readonly string[]
  readonly packages: readonly string[]
  readonly doors: readonly string[]
  readonly purity: readonly string[]
  readonly vendors: readonly string[]
  readonly names: readonly string[]
}

export function violations(house: House): Rules {
  const scanned = new Map([...house].map(([file, text]) => [file, scanSource(text)]))
  return {
    rooms: [...scanned].flatMap(([file, source]) => roomViolations(file, source)),
    cycles: cycles(scanned),
    packages: [...scanned].flatMap(([file, source]) => packageViolations(file, source)),
    doors: [...scanned].flatMap(([file, source]) => doorViolations(file, source)),
    purity: [...scanned].flatMap(([file, source]) => purityViolations(file, source)),
    vendors: [...scanned].flatMap(([file, source]) => vendorViolations(file, source)),
    names: [...house.keys()]
      .filter((file) => NAMELESS.test(file))
      .map((file) => `${file}:1: names no concept`),
  }
}

/** Exceptions nobody uses any more: an allow-list must not grow old. */
export function unusedExceptions(house: House): readonly string[] {
  return [
    ...Object.keys(VENDOR_EXCEPTIONS).filter((path) => {
      const granted = [...house].filter(([file]) => file.startsWith(path))
      return granted.every(([, source]) => vendorWords(scanSource(source)).length === 0)
    }),
    ...Object.keys(PURE_EXCEPTIONS).filter((file) => !house.has(file)),
  ]
}

function roomOf(file: string): { readonly room: string; readonly may: readonly string[] } | undefined {
  return ROOMS.find(({ room }) => file.startsWith(room))
}

function roomViolations(file: string, source: ScannedSource): string[] {
  const own = roomOf(file)
  if (!own) return [`${file}:1: is in no room`]
  return source.imports.flatMap(({ specifier, line }) => {
    const target = inHouse(file, specifier)
    if (target === null) return []
    const isOwn = target.startsWith(own.room) && !isBehindWall(file, target)
    if (isOwn || (!target.startsWith(own.room) && own.may.some((path) => target.startsWith(path)))) return []
    return [`${file}:${line}: ${own.room} may not import ${target}`]
  })
}

/** Whether `target` belongs to an implementation that `file` is not part of. */
function isBehindWall(file: string, target: string): boolean {
  const wall = WALLS.find((each) => target.startsWith(each))
  if (wall === undefined) return false
  const implementation = posix.dirname(target)
  return `${implementation}/` !== wall && !file.startsWith(`${implementation}/`)
}

/** The imported file below `src`, or null for packages and Node's modules. */
function inHouse(file: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : null
}

/** Rings of imports that are there when the program starts; each is reported once. */
function cycles(scanned: ReadonlyMap<string, ScannedSource>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) {
      found.push(`${file}:1: imports itself through ${[...path.slice(start), file].join(' → ')}`)
      return
    }
    if (done.has(file)) return
    for (const { specifier, kind } of scanned.get(file)?.imports ?? []) {
      const target = inHouse(file, specifier)
      if (target !== null && kind === 'value') visit(target, [...path, file])
    }
    done.add(file)
  }
  for (const file of scanned.keys()) visit(file, [])
  return found
}

function packageViolations(file: string, source: ScannedSource): string[] {
  return source.imports.flatMap(({ specifier, line }) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return []
    const [scope = '', name = ''] = specifier.split('/')
    const known = scope.startsWith('@') ? `${scope}/${name}` : scope
    const where = PACKAGES[known]
    if (!where) return [`${file}:${line}: the package ${known} is in no table`]
    return startsWithAny(file, where) ? [] : [`${file}:${line}: ${known} belongs to ${where.join(', ')}`]
  })
}

function doorViolations(file: string, source: ScannedSource): string[] {
  const used = DOORS.flatMap(({ what, pattern, doors }) =>
    startsWithAny(file, doors) ? [] : found(file, source.code, pattern, `${what} is reached past its door`),
  )
  const modules = source.imports.flatMap(({ specifier, line }) => {
    const [name = ''] = specifier.split('/')
    const doors = DOOR_MODULES[name]
    if (!doors || startsWithAny(file, doors)) return []
    return [`${file}:${line}: ${specifier} is reached past its door`]
  })
  return [...used, ...modules]
}

function purityViolations(file: string, source: ScannedSource): string[] {
  if (!startsWithAny(file, PURE) || file in PURE_EXCEPTIONS) return []
  const modules = source.imports
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ specifier, line }) => `${file}:${line}: ${specifier} in a pure room`)
  return [
    ...modules,
    ...found(file, source.code, /\bDate\b|\bprocess\b|\bconsole\b/g, 'a pure room has none'),
  ]
}

function vendorViolations(file: string, source: ScannedSource): string[] {
  if (startsWithAny(file, [...VENDOR_ROOMS, ...Object.keys(VENDOR_EXCEPTIONS)])) return []
  return vendorWords(source).map((at) => `${file}:${at}: a vendor is named outside its room`)
}

/** Lines that name a vendor in code or in a string. Comments may. */
function vendorWords(source: ScannedSource): readonly number[] {
  const lines = [source.code, source.strings].flatMap((text) =>
    [...text.matchAll(VENDOR)].map((match) => lineOf(text, match.index)),
  )
  return [...new Set(lines)]
}

function found(file: string, text: string, pattern: RegExp, why: string): string[] {
  return [...text.matchAll(pattern)].map(
    (match) => `${file}:${lineOf(text, match.index)}: ${match[0].trim()}: ${why}`,
  )
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function startsWithAny(file: string, paths: readonly string[]): boolean {
  return paths.some((path) => file.startsWith(path))
}
