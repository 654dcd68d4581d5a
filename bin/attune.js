#!/usr/bin/env node
// The command. In a checkout the sources run as they are; an installation has what was compiled from them, because Node
// strips no types below `node_modules`.
import { existsSync, readFileSync } from 'node:fs'

// Said here, as an older Node ends with a syntax error in the first file that it does not understand. In a checkout npm
// puts the Node of the lockfile first.
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [major, minor] = process.versions.node.split('.').map(Number)
const [neededMajor, neededMinor] = engines.node.replace('>=', '').split('.').map(Number)
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  process.stderr.write(
    `Attune needs Node ${neededMajor}.${neededMinor} or later; this is ${process.version}.\n` +
      '  → install a later one, or start it through npx where the package `node` is installed\n',
  )
  process.exit(2)
}

const source = new URL('../src/main.ts', import.meta.url)
await import(existsSync(source) ? source.href : '../dist/main.js')
