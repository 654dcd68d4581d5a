/** How text looks on a terminal: colours only where they are seen, columns that line up, times people read. */
import { styleText } from 'node:util'
import { columnsOf, flowed, GAP, READABLE, widthOf } from './terminal.ts'

type Format = Parameters<typeof styleText>[0]

/** Coloured when stdout is a terminal that wants colours (`NO_COLOR` and `FORCE_COLOR` are honoured). */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout, validateStream: true })
}

/**
 * Rows as aligned columns, two blanks apart; columns named in `right` are flush right. A table that the terminal has no
 * room for keeps as many columns from the left as leave room to read in, and every row goes on below them.
 */
export function table(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  columns = columnsOf(),
): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))
  }
  const padded = (cells: readonly string[]) =>
    cells.map((cell, i) => pad(cell, widths[i] ?? 0, right.includes(i))).join(GAP)
  const lines = rows.map((row) => padded(row).trimEnd())
  if (lines.every((line) => widthOf(line) <= columns)) return lines.join('\n')
  const kept = columnsKept(widths, columns)
  return rows
    .map((row) => {
      if (kept > 0) {
        const begin = padded(row.slice(0, kept)) + GAP
        return begin + flowed(row.slice(kept), widthOf(begin), columns)
      }
      const [first = '', ...rest] = row
      const begin = ' '.repeat(first.length - first.trimStart().length)
      return begin + flowed([first.trimStart(), ...rest], begin.length, columns, begin.length + 2)
    })
    .join('\n')
}

function columnsKept(widths: readonly number[], columns: number): number {
  let used = 0
  const tooFar = widths.findIndex((width) => {
    used += width + GAP.length
    return columns - used < READABLE
  })
  return tooFar === -1 ? widths.length - 1 : tooFar
}

function pad(cell: string, width: number, flushRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return flushRight ? blanks + cell : cell + blanks
}

/** At most `max` letters as people count them, the last one an ellipsis where something was cut off. */
export function shortened(text: string, max: number): string {
  const all = letters(text)
  return all.length > max ? `${all.slice(0, max - 1).join('')}…` : text
}

const segmenter = new Intl.Segmenter()

function letters(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

/** `1 record`, `3 records`, `1,204 companies`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`
}

export function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** Local time to the second, as people write it in notes: `2026-11-22 14:03:07`. */
export function timeText(atMs: number): string {
  const at = new Date(atMs)
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
