/** Small facts worth keeping, by name: who we are in a CRM, what a budget learned, how far a reader has come. */
import { eq, sql } from 'drizzle-orm'
import { meta } from './schema-history.ts'
import { arg, orm, statement, type Statements } from './statements.ts'

const find = statement(() =>
  orm
    .select()
    .from(meta)
    .where(eq(meta.key, arg('key')))
    .prepare(),
)
const put = statement(() =>
  orm
    .insert(meta)
    .values({ key: arg('key'), value: arg('value') })
    .onConflictDoUpdate({ target: meta.key, set: { value: sql`excluded.value` } })
    .prepare(),
)

export function openFacts(db: Statements) {
  return {
    find: (key: string): string | null => db.get(find, { key })?.value ?? null,
    put(key: string, value: string): void {
      db.run(put, { key, value })
    },
  }
}
