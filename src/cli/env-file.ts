/**
 * The file that people load secrets from (`set -a; . ./.env`). This program writes to it and never reads it as
 * settings.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { ConfigError, systemCode } from '../errors.ts'

/** Sets one variable and leaves everything else as it is. Afterwards only its owner can read the file. */
export function setVariable(file: string, name: string, value: string): void {
  attempt(file, () => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const line = `${name}=${quoted(value)}`
    const present = new RegExp(`^(?:export +)?${name}=.*$`, 'm')
    const separator = text === '' || text.endsWith('\n') ? '' : '\n'
    const next = present.test(text) ? text.replace(present, () => line) : `${text}${separator}${line}\n`
    writeFileSync(file, next, { mode: 0o600 })
    chmodSync(file, 0o600)
  })
}

/** Throws `ConfigError` when the file could not be written: before a secret exists that would be lost with it. */
export function requireWritable(file: string): void {
  attempt(file, () => {
    const isNew = !existsSync(file)
    writeFileSync(file, '', { flag: 'a', mode: 0o600 })
    if (isNew) chmodSync(file, 0o600)
  })
}

function attempt(file: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new ConfigError(`cannot write ${file} (${systemCode(error)})`, {
      hint: 'name another file with --secrets-file',
      cause: error,
    })
  }
}

/** As a shell reads it. */
function quoted(value: string): string {
  return /^[\w./:+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
