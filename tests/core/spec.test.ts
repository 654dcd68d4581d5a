/** SPEC.md says where every promise is checked; what it names has to be there. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Promised {
  readonly id: string
  readonly checkedBy: string
}

/** Each is a point of the list: `- **I1** what is promised.`, then `Where:` and the tests that check it. */
const PROMISES: readonly Promised[] = readFileSync(`${ROOT}src/core/SPEC.md`, 'utf8')
  .split(/^- (?=\*\*I\d+\*\*)/m)
  .slice(1)
  .map((point) => {
    const [, id = ''] = /^\*\*(I\d+)\*\*/.exec(point) ?? []
    const [, checkedBy = ''] = point.replace(/\s+/g, ' ').split(' Where: ')
    return { id, checkedBy }
  })

/** Files under a path, a folder or a pattern. */
function filesOf(path: string): readonly string[] {
  const names = globSync([path, `${path}/**/*.ts`], { cwd: ROOT })
  return names.map((name) => `${ROOT}${name}`).filter((name) => statSync(name).isFile())
}

test('I1 to I28 are promised, each once', () => {
  expect(PROMISES.map(({ id }) => id)).toEqual(Array.from({ length: 28 }, (_, i) => `I${i + 1}`))
})

test.each(PROMISES.map(({ id, checkedBy }) => [id, checkedBy] as const))(
  '%s is checked where it says',
  (_id, checkedBy) => {
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
