/**
 * Text on a terminal: nothing is wider than it, and what has to go on does so on the next line, under what it belongs
 * to. Elsewhere (a file, a pipe, a collector of logs) every row is one line, however long, for other programs to read.
 */
import stringWidth from 'string-width'

/** Between the cells of a row. */
export const GAP = '  '

/** Below this a column is no place to read in, and the text goes on further to the left. */
export const READABLE = 36

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Columns that a text takes: two for an emoji or a Chinese character, none for colours. */
export function widthOf(text: string): number {
  return stringWidth(text)
}

/** Columns that there are; endlessly many where nobody looks. */
export function columnsOf({ isTTY, columns }: Pick<Output, 'isTTY' | 'columns'> = process.stdout): number {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : Number.POSITIVE_INFINITY
}

export function print(text: string, output: Output = process.stdout): void {
  output.write(fitted(text, columnsOf(output)))
}

/** Lines that are too wide go on below, as far indented as they are, or as what follows their arrow or sign is. */
export function fitted(text: string, columns: number): string {
  if (columns === Number.POSITIVE_INFINITY) return text
  return text
    .split('\n')
    .map((line) => {
      if (widthOf(line) <= columns) return line
      const [begin = ''] = /^\s*(?:[→$+~=≠-] )?/.exec(line) ?? []
      return begin + flowed(line.slice(begin.length).split(/ {2,}/), widthOf(begin), columns)
    })
    .join('\n')
}

/**
 * The cells of a row, from column `indent` on, and below from the column `below`. A word that no line has room for, such as a
 * URL, is left to the terminal, from which it can be copied in one piece then.
 */
export function flowed(cells: readonly string[], indent: number, columns: number, below = indent): string {
  const left = columns - below >= READABLE ? below : Math.min(4, below)
  let line = ''
  let room = columns - indent
  const lines: string[] = []
  const add = (text: string, gap: string): void => {
    const needed = line === '' ? text : gap + text
    if (widthOf(line) + widthOf(needed) <= room) {
      line += needed
      return
    }
    lines.push(line)
    line = text
    room = columns - left
  }
  for (const cell of cells.filter((text) => text !== '')) {
    if (widthOf(cell) <= columns - left) {
      add(cell, GAP)
      continue
    }
    for (const [i, word] of cell.split(' ').entries()) add(word, i === 0 ? GAP : ' ')
  }
  return [...lines, line].join(`\n${' '.repeat(left)}`)
}
