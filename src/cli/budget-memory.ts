/**
 * What the vendors still count of earlier processes, carried along in the database.
 *
 * A process that follows within a window of a clean end starts with exactly the slots taken that are still counted.
 * One that follows a crash, or works beside a running one, cannot know: every slot is taken for one window (Attio a
 * second; HubSpot as long as one request, whose answer tells). All others start at once. Commands without a database
 * take the accounts for rested: they send a dozen requests.
 */
import type { Connections } from '../compose.ts'
import type { Runtime } from '../runtime.ts'
import type { Store } from '../store/store.ts'

/** How much of a day's count a crash may lose. */
const SAVE_MS = 60_000

export async function recallBudgets({ byName }: Connections, store: Pick<Store, 'meta'>): Promise<void> {
  for (const [name, { budget }] of byName) {
    const text = await store.meta(keyOf(name))
    if (text !== null) budget.recall(text)
  }
}

/** Also keeps the memory fresh until `end`, which has to come before the store is closed. */
export async function keepBudgets(
  connections: Connections,
  store: Store,
  runtime: Runtime,
): Promise<{ end(): Promise<void> }> {
  await recallBudgets(connections, store)
  const save = async (state: 'running' | 'ended'): Promise<void> => {
    for (const [name, { budget }] of connections.byName)
      await store.setMeta(keyOf(name), budget.memory(state))
  }
  await save('running')
  const ending = new AbortController()
  const saving = (async () => {
    for (;;) {
      await runtime.sleep(SAVE_MS, ending.signal)
      // Saved again in a minute. Whoever writes what matters says why that cannot be done.
      await save('running').catch(() => undefined)
    }
  })().catch(() => undefined)
  return {
    async end() {
      ending.abort()
      await saving
      // Without it the next process only starts more carefully; what made it fail is somebody else's to report.
      await save('ended').catch(() => undefined)
    },
  }
}

function keyOf(connection: string): string {
  return `budget/${connection}`
}
