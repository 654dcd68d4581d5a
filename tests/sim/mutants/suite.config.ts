/**
 * Vitest with the mutant that `ATTUNE_MUTANT` names. Node itself loads the modules, as it does for worlds and for the
 * explorer, so that the same hook changes the files, and nothing is transformed that Node runs as it is: half of what
 * such a trial takes.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 60_000,
    execArgv: ['--import', fileURLToPath(new URL('preload.ts', import.meta.url))],
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
})
