#!/usr/bin/env node
/** argv → command → exit code. Errors a person sees are printed here and nowhere else. */
import { setFlagsFromString } from 'node:v8'
import { keepCompiled } from './cli/compile-cache.ts'
import { createProgram } from './cli/program.ts'
import { reportFailure } from './cli/failure.ts'

// What commands need is imported when one is chosen.
keepCompiled(process.env)

// A pass keeps some 40 MB whatever the number of records, but listings come as texts of megabytes, and V8 lets the heap
// grow to several times what is kept before it collects: 360 MB with 2,000 people became 480 MB with 12,000. Collecting
// at half as much again keeps 360 MB, for 1 % of the time of a first load.
setFlagsFromString('--heap-growing-percent=50')

// Whoever reads our output may stop reading, be it `attune plan | head`, a collector of logs that died, or a terminal that
// was closed: no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error, process.argv.includes('--json'))
}
