/**
 * Writes `mapping.schema.json`, by which editors complete and check mapping files. Run by `npm run generate`;
 * a test fails when the committed file is not what this prints.
 */
import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { mappingBody } from './document.ts'

export const SCHEMA_FILE = new URL('../../mapping.schema.json', import.meta.url)

export function mappingJsonSchema(): string {
  const schema = z.toJSONSchema(mappingBody, { io: 'input', target: 'draft-7' })
  return `${JSON.stringify({ title: 'Attune mapping', ...schema }, null, 2)}\n`
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, mappingJsonSchema())
