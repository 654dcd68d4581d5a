/**
 * One life of the engine's process. Everything it does goes through doors: the network, the database, naps. It dies
 * at a door, before or after what happens there, and from then on nothing of it runs any more (algorithms 8.2): its
 * promises simply never resolve.
 */
import type { Transport } from '../../src/connectors/transport.ts'
import type { Runtime } from '../../src/runtime.ts'
import { seededRandom } from '../../src/sandbox/random.ts'
import type { Store } from '../../src/store/store.ts'
import type { Kernel, Owner } from './kernel.ts'

export interface Life extends Owner {
  readonly runtime: Runtime
  transport(inner: Transport): Transport
  store(inner: Store): Store
  /** Resolves when it dies. */
  readonly death: Promise<void>
  kill(): void
  /** Doors passed so far. */
  doors(): number
  /** When it last wrote down what became of writes; when it began, before that. */
  ackedMs(): number
  /** When it last wrote down anything that it may have read; when it began, before that. */
  keptMs(): number
}

/** What a process asks its database while it decides, and bells, which say nothing of what it read. Anything else may keep that. */
const KEEPS_NOTHING: ReadonlySet<keyof Store> = new Set([
  'appendChanges',
  'backlogs',
  'claimDirty',
  'components',
  'holders',
  'linksOf',
  'load',
  'mergedInto',
  'openIntents',
])

export function begin(options: {
  readonly kernel: Kernel
  readonly seed: number
  /** Which life of this world it is, from 0. */
  readonly life: number
  /** Dies at this door; never when null. */
  readonly diesAt: number | null
}): Life {
  const { kernel, seed, life, diesAt } = options
  const chance = seededRandom(seed, `process/${life}`)
  const { promise: death, resolve: announce } = Promise.withResolvers<void>()
  let isDead = false
  let doors = 0
  let ids = 0
  let ackedMs = kernel.now()
  let keptMs = kernel.now()

  const kill = () => {
    if (isDead) return
    isDead = true
    announce()
  }

  /** Whether the process is still there behind the door. */
  const passes = (): boolean => {
    if (isDead) return false
    doors += 1
    if (diesAt !== null && doors >= diesAt) kill()
    return !isDead
  }

  const owner: Owner = { isDead: () => isDead }

  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!passes()) return never()
    let result: T
    try {
      result = await work()
    } catch (error) {
      if (!passes()) return never()
      throw error
    }
    return passes() ? result : never()
  }

  return {
    isDead: () => isDead,
    death,
    kill,
    doors: () => doors,
    ackedMs: () => ackedMs,
    keptMs: () => keptMs,
    runtime: {
      now: () => kernel.now(),
      sleep: (ms, signal) => kernel.sleep(ms, { owner, ...(signal ? { signal } : {}) }),
      random: () => chance.next(),
      id: () => `${hex(seed, 8)}-${hex(life, 4)}-4000-8000-${hex((ids += 1), 12)}`,
    },
    transport: (inner) => (request, signal) => {
      signal?.throwIfAborted()
      return through(() => inner(request))
    },
    store: (inner) => {
      const methods = new Map<keyof Store, (...args: unknown[]) => Promise<unknown>>()
      return new Proxy(inner, {
        get(target, name: keyof Store) {
          const known = methods.get(name)
          if (known) return known
          const method = target[name] as (...args: unknown[]) => Promise<unknown>
          const door = (...args: unknown[]) =>
            through(async () => {
              const result = await method.apply(target, args)
              if (!KEEPS_NOTHING.has(name)) keptMs = kernel.now()
              if (name === 'ackWrites') ackedMs = kernel.now()
              return result
            })
          methods.set(name, door)
          return door
        },
      })
    },
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0').slice(-width)
}
