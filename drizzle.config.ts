import { defineConfig } from 'drizzle-kit'

// `npm run generate` compares the schema with the migrations and writes the missing one. A released migration is
// never edited.
export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/store/sqlite/schema.ts', './src/store/sqlite/schema-history.ts'],
  out: './migrations/sqlite',
})
