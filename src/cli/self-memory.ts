/** Who we are in each CRM, carried along in the database. */
import type { Session } from './session.ts'

/** Which actor is us was learned from the first write ever; conflicts and explanations need it for good. */
export async function recallSelves({ store, connections }: Session): Promise<void> {
  for (const [name, { connector }] of connections.byName) {
    const id = await store.meta(`self/${name}`)
    if (id !== null) connector.self.remember(id)
  }
}

export async function noteSelves({ store, connections }: Session): Promise<void> {
  for (const [name, { connector }] of connections.byName) {
    const id = connector.self.id()
    if (id !== null) await store.setMeta(`self/${name}`, id)
  }
}
