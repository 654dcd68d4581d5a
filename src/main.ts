#!/usr/bin/env node
/** argv → command → exit code. Errors a person sees are printed here and nowhere else. */
import { createProgram } from './cli/program.ts'
import { reportFailure } from './cli/failure.ts'

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error, process.argv.includes('--json'))
}
