/** Vitest with the mutant that `ATTUNE_MUTANT` names: the files are changed as they are transformed. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { mutantNamed } from './list.ts'
import { mutate } from './mutant.ts'

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url))

const mutant = mutantNamed(process.env['ATTUNE_MUTANT'] ?? '')

export default defineConfig({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform(code, id) {
        const edits = mutant.edits.filter(({ file }) => id === `${SRC}${file}`)
        return edits.length === 0 ? null : { code: mutate(code, edits), map: null }
      },
    },
  ],
  // A cached module would be production's, or worse, production would be given the mutant's.
  test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000, fsModuleCache: false },
})
