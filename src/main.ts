#!/usr/bin/env node
/** argv → command → exit code. Errors a person sees are printed here and nowhere else. */
import { createProgram } from './cli/program.ts'
import { reportFailure } from './cli/failure.ts'

// Whoever reads our output may stop reading: `attune plan | head` is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error, process.argv.includes('--json'))
}
