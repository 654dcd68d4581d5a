#!/usr/bin/env node
// The command. In a checkout the sources run as they are; an installation has what was compiled from them, because Node
// strips no types below `node_modules`.
import { existsSync } from 'node:fs'

const source = new URL('../src/main.ts', import.meta.url)
await import(existsSync(source) ? source.href : '../dist/main.js')
