/** SPEC.md says where every promise is checked; what it names has to be there. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Row {
  readonly id: string
  readonly checkedBy: string
}

const ROWS: readonly Row[] = readFileSync(`${ROOT}src/core/SPEC.md`, 'utf8')
  .split('\n')
  .filter((line) => /^\| I\d+ +\|/.test(line))
  .map((line) => {
    const [id = '', , checkedBy = ''] = line.slice(1, -1).split(/(?<!\\)\|/)
    return { id: id.trim(), checkedBy: checkedBy.trim() }
  })

/** Files under a path, a folder or a pattern. */
function filesOf(path: string): readonly string[] {
  const names = globSync([path, `${path}/**/*.ts`], { cwd: ROOT })
  return names.map((name) => `${ROOT}${name}`).filter((name) => statSync(name).isFile())
}

test('I1 to I28 have a row each', () => {
  expect(ROWS.map(({ id }) => id)).toEqual(Array.from({ length: 28 }, (_, i) => `I${i + 1}`))
})

test.each(ROWS.map((row) => [row.id, row.checkedBy] as const))(
  '%s is checked where it says',
  (_id, checkedBy) => {
    if (checkedBy.startsWith('not yet')) return
    const places = [...checkedBy.matchAll(/`(tests\/[^`]*)`|"([^"]+)"/g)]
    expect(places.length).toBeGreaterThan(0)
    let files: readonly string[] = []
    for (const [, path, title] of places) {
      if (path !== undefined) {
        files = filesOf(path)
        expect(files, path).not.toEqual([])
      } else if (title !== undefined) {
        const words = title.replace(/…$/, '')
        expect(
          files.filter((file) => readFileSync(file, 'utf8').includes(words)),
          title,
        ).not.toEqual([])
      }
    }
  },
)
