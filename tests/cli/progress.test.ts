import { expect, test } from 'vitest'
import { progressBar } from '../../src/cli/progress.ts'

function recorder(options: { isTTY: boolean }) {
  const written: string[] = []
  let nowMs = 0
  const output = { ...options, columns: 80, write: (text: string) => written.push(text) }
  return {
    written,
    bar: progressBar({ quiet: false, output, now: () => nowMs }),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('away from a terminal there is a line every few seconds, with rate and time left', () => {
  const { written, bar, pass } = recorder({ isTTY: false })
  for (let done = 0; done <= 100; done += 10) {
    bar.report({ what: 'reconciling people', done, total: 100 })
    pass(1_000)
  }
  expect(written).toEqual([
    'reconciling people: 0 of 100\n',
    'reconciling people: 30 of 100, 10/s, 7.0 s left\n',
    'reconciling people: 60 of 100, 10/s, 4.0 s left\n',
    'reconciling people: 90 of 100, 10/s, 1.0 s left\n',
  ])
})

test('on a terminal the bar replaces itself and is gone when the work is done', () => {
  const { written, bar, pass } = recorder({ isTTY: true })
  bar.report({ what: 'reconciling people', done: 0, total: 4 })
  pass(500)
  bar.report({ what: 'reconciling people', done: 2, total: 4 })
  bar.done()
  expect(written[1]).toContain('[############............] 2 of 4')
  expect(written.every((text) => text.startsWith('\r'))).toBe(true)
  expect(written.at(-1)).toBe('\r\u001B[2K')
})

test('a total that nobody knows yet is not guessed', () => {
  const { written, bar } = recorder({ isTTY: false })
  bar.report({ what: 'reading people', done: 500, total: null })
  expect(written).toEqual(['reading people: 500\n'])
})

test('a quiet bar writes nothing', () => {
  const written: string[] = []
  const bar = progressBar({ quiet: true, output: { write: (text) => written.push(text) } })
  bar.report({ what: 'reading people', done: 1, total: null })
  bar.done()
  expect(written).toEqual([])
})
