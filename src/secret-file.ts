/** A file that holds one secret, readable by its owner alone: a refresh token that the vendor replaces now and then. */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { ConfigError, systemCode } from './errors.ts'

/** Empty where the file does not exist yet. */
export function readSecret(file: string): string {
  if (!existsSync(file)) return ''
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new ConfigError(`cannot read ${file} (${systemCode(error)})`, {
      hint: 'give the user of this program access to it',
      cause: error,
    })
  }
}

/** Whole or not at all: a token that is half written would lock the connection out. */
export function writeSecret(file: string, secret: string): void {
  const next = `${file}.new`
  try {
    // On the disk before it takes the other's place: a power failure must not leave an empty one.
    writeFileSync(next, `${secret}\n`, { mode: 0o600, flush: true })
    chmodSync(next, 0o600)
    renameSync(next, file)
  } catch (error) {
    throw new ConfigError(`cannot write ${file} (${systemCode(error)})`, {
      hint: 'give the user of this program access to its folder: the token that it holds is about to be replaced',
      cause: error,
    })
  }
}
