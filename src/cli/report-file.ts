/** Files that a person asked for by name. */
import { writeFile } from 'node:fs/promises'
import { ConfigError, systemCode } from '../errors.ts'

export async function writeReportFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new ConfigError(`cannot write ${file} (${systemCode(error)})`, {
      hint: 'name a file in a folder that exists and that you may write to',
      cause: error,
    })
  }
}

/** The file name's ending, when it is one of those that are offered. */
export function extensionOf(file: string, offered: readonly string[]): string {
  const extension = file.slice(file.lastIndexOf('.') + 1).toLowerCase()
  if (offered.includes(extension)) return extension
  throw new ConfigError(`${file}: this ending is not known`, {
    hint: `name a file that ends in ${offered.map((each) => `.${each}`).join(' or ')}`,
  })
}
