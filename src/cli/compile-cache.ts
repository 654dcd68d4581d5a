/**
 * What Node compiles of this program and of the vendors' clients is kept from one start to the next: compiling them
 * takes longer than everything else that comes before the first request (0.45 against 0.75 s of processor time).
 *
 * In the user's own folder: compiled code is believed when it is read, and anybody may write to the system's.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import type { Environment } from '../config/connection.ts'

/**
 * Where there is no such folder, or nothing can be written to it, everything is compiled again, and nothing else
 * changes.
 */
export function keepCompiled(environment: Environment): void {
  const folder = folderOf(environment)
  if (folder !== null) enableCompileCache(join(folder, 'attune'))
}

function folderOf({ XDG_CACHE_HOME: own, LOCALAPPDATA: windows, HOME: home }: Environment): string | null {
  return own || windows || (home ? join(home, '.cache') : null)
}
