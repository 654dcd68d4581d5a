import { describe, expect, test } from 'vitest'
import { progressBar, progressBoard } from '../../src/cli/progress.ts'

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

describe('several bars at once', () => {
  const board = (isTTY: boolean) => {
    const written: string[] = []
    const output = { isTTY, columns: 60, write: (text: string) => written.push(text) }
    return { written, board: progressBoard({ output, now: () => 0 }) }
  }

  test('each has a line of its own, and what stays is written above them', () => {
    const terminal = board(true)
    const [first, second] = [terminal.board.bar('first'), terminal.board.bar('second')]
    first.report({ what: 'reading people', done: 4, total: 8 })
    second.report({ what: 'reading deals', done: 500, total: null })
    const bars = ['first: reading people [############............] 4 of 8', 'second: reading deals: 500']
    expect(screenOf(terminal.written)).toEqual(bars)
    terminal.board.above(() => terminal.written.push('a line that stays\n'))
    expect(screenOf(terminal.written)).toEqual(['a line that stays', ...bars])
    first.done()
    expect(screenOf(terminal.written)).toEqual(['a line that stays', bars[1]])
    second.done()
    expect(screenOf(terminal.written)).toEqual(['a line that stays'])
  })

  test('away from a terminal each line says which of them it is', () => {
    const file = board(false)
    file.board.bar('first').report({ what: 'reading people', done: 4, total: 8 })
    file.board.bar('second').report({ what: 'reading deals', done: 500, total: null })
    file.board.above(() => file.written.push('a line that stays\n'))
    expect(file.written).toEqual([
      'first: reading people: 4 of 8\n',
      'second: reading deals: 500\n',
      'a line that stays\n',
    ])
  })
})

/** What a terminal shows in the end, of as much as the bars use of its language. */
function screenOf(written: readonly string[]): readonly string[] {
  const lines = ['']
  let at = 0
  const text = written.join('').replaceAll('\u001B', '~')
  for (const part of text.match(/\r|\n|~\[1A|~\[2K|[^\r\n~]+/gu) ?? []) {
    if (part === '\n') at += 1
    else if (part === '~[1A') at -= 1
    else if (part === '~[2K') lines[at] = ''
    else if (part !== '\r') lines[at] = part
    lines[at] ??= ''
  }
  return lines.filter((line) => line !== '')
}
