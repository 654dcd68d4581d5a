/** What the pages point at is there: other pages and their chapters, files, npm scripts, and tests to run. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGES = globSync('**/*.md', { cwd: ROOT, exclude: ['**/node_modules/**', 'dist/**'] }).toSorted()
const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8')

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

/** All that `pattern` finds, each by its first group. */
function named(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name)
}

/** The anchors that GitHub gives the chapters of a page. */
function chapters(page: string): readonly string[] {
  return named(textOf(page), /^#+ (.+)$/gm).map((title) =>
    title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function isThere(page: string, target: string): boolean {
  const [path = '', chapter] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  return existsSync(join(ROOT, file)) && (chapter === undefined || chapters(file).includes(chapter))
}

/** Names of source files, wherever they are. */
const SOURCES = new Set(globSync('{src,tests}/**/*.ts', { cwd: ROOT }).map((path) => basename(path)))

const startOf = (path: string) => globSync([path, `${path}*`], { cwd: ROOT })

test('the pages are found', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'src/core/SPEC.md']))
})

test.each(PAGES)('%s points at what is there', (page) => {
  const text = textOf(page)
  const links = named(text, /\]\(([^)\s]+)\)/g).filter((target) => !/^https?:/.test(target))
  expect(links.filter((target) => !isThere(page, target))).toEqual([])

  const paths = named(text, /`((?:src|tests|mappings|config|migrations|\.ci|\.github)\/[\w./*-]+)`/g)
  expect(paths.filter((path) => startOf(path.replace(/\/$/, '')).length === 0)).toEqual([])

  const sources = named(text, /`([\w-]+(?:\.\w+)*\.ts)`/g)
  expect(sources.filter((name) => !SOURCES.has(name))).toEqual([])

  const commands = named(text, /npm run (?:-s )?([\w:]+)/g)
  expect(commands.filter((script) => !(script in scripts))).toEqual([])

  const suites = named(text, /npx vitest run --project \w+((?: [\w./-]+)*)/g).flatMap((each) =>
    each.split(' ').filter((path) => path.includes('/')),
  )
  expect(suites.filter((path) => startOf(path).length === 0)).toEqual([])
})
