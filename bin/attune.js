#!/usr/bin/env node
// The command. In a checkout the sources run as they are; an installation has what was compiled from them, because Node
// strips no types below `node_modules`.
import { existsSync } from 'node:fs'

const source = new URL('../src/main.ts', import.meta.url)
const isCheckout = existsSync(source)
if (isCheckout && !process.features.typescript) {
  process.stderr.write(`Attune needs Node 22.18 or later; this is ${process.version}.
  → write \`npx attune\`, which takes the Node that came with \`npm ci\`
`)
  process.exitCode = 2
} else await import(isCheckout ? source.href : '../dist/main.js')
