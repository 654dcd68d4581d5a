import { defineConfig } from 'vitest/config'

// No test waits for time to pass: what takes long does so because the machine has much else to do.
const BUSY_MACHINE_MS = 60_000

// One project per kind of promise. `live` talks to real accounts and runs only when asked for by name.
export default defineConfig({
  test: {
    // One core is left out otherwise, which on two is half of them.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts'],
          exclude: [
            'tests/**/*.store.test.ts',
            'tests/**/*.sim.test.ts',
            'tests/**/*.system.test.ts',
            'tests/live/**',
          ],
          testTimeout: BUSY_MACHINE_MS,
        },
      },
      { test: { name: 'store', include: ['tests/**/*.store.test.ts'], testTimeout: BUSY_MACHINE_MS } },
      { test: { name: 'sim', include: ['tests/**/*.sim.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.system.test.ts'],
          testTimeout: 300_000,
        },
      },
      { test: { name: 'live', include: ['tests/live/**/*.test.ts'], testTimeout: 120_000 } },
    ],
  },
})
