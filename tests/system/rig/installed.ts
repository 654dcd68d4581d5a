/** Attune as a stranger gets it: packed by npm and laid out as an installation, with nothing of this repository. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from './child.ts'

export interface Installed {
  /** The folder of the package. */
  readonly root: string
  /** What the command `attune` runs. */
  readonly program: string
}

interface Manifest {
  readonly bin: { readonly attune: string }
  readonly dependencies: Readonly<Record<string, string>>
}

/** A build takes seconds; one that takes this long hangs. */
const PACK_MS = 180_000

/**
 * Installs into `<folder>/node_modules`. Of the dependencies exactly those are there that the package asks for, each
 * as the lockfile has it: whatever else the program needs is missing, as it would be for whoever installs it.
 */
export async function installPacked(folder: string, signal?: AbortSignal): Promise<Installed> {
  const run = promisify(execFile)
  const options = { cwd: REPOSITORY, timeout: PACK_MS, ...(signal ? { signal } : {}) }
  await run('npm', ['pack', '--silent', '--pack-destination', folder], options)
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error(`npm pack left no archive in ${folder}`)
  await run('tar', ['-xzf', join(folder, archive), '-C', folder], options)
  await rm(join(folder, archive))

  const modules = join(folder, 'node_modules')
  const root = join(modules, 'attune')
  await mkdir(modules)
  await rename(join(folder, 'package'), root)
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
  for (const name of Object.keys(manifest.dependencies)) {
    const at = join(modules, name)
    await mkdir(join(at, '..'), { recursive: true })
    await symlink(join(REPOSITORY, 'node_modules', name), at)
  }
  return { root, program: join(root, manifest.bin.attune) }
}
