/** The settings of the demo: the given ones, with deletions of people in Attio carried over to HubSpot. */
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseDocument } from 'yaml'
import { loadConfig, readText, type Environment } from '../config.ts'
import { DEFAULT_CONFIG } from './options.ts'

export interface DemoSettings {
  readonly file: string
  readonly mappings: readonly string[]
}

/**
 * The shipped mappings keep what was deleted on one side; that is the safe choice, and a demo could not show
 * anything. Copies them into `folder` and changes that one rule for people there.
 */
export async function writeDemoSettings(
  config: string | undefined,
  folder: string,
  environment: Environment,
): Promise<DemoSettings> {
  const source = config ?? DEFAULT_CONFIG
  const settings = parseDocument(readText(source))
  const mappings: string[] = []
  for (const pairing of loadConfig(source, environment).pairings) {
    const copies: string[] = []
    for (const original of pairing.mappings) {
      const mapping = parseDocument(readText(original))
      if (mapping.getIn(['left', 'object']) === 'people')
        mapping.setIn(['delete', 'left-to-right'], 'archive')
      const copy = join(folder, `${pairing.name}-${basename(original)}`)
      await writeFile(copy, mapping.toString())
      copies.push(copy)
    }
    settings.setIn(['pairings', pairing.name, 'mappings'], copies)
    mappings.push(...copies)
  }
  const file = join(folder, 'attune.yaml')
  await writeFile(file, settings.toString())
  return { file, mappings }
}
