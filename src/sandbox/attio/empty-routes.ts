/**
 * What this workspace has none of, and nobody can make here: lists, notes and tasks. Asked for all of them, the
 * truth is an empty page; everything else about them is answered 501. Attio fact sheet 6, 14 and 15.
 */
import { data, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'

export const listLists = (): Answer => data([])

export function listNotes(call: Call): Answer {
  checkPage(call, { limit: 10, max: 50 })
  return data([])
}

export function listTasks(call: Call): Answer {
  checkPage(call, { limit: 500 })
  return data([])
}

function checkPage(call: Call, { limit, max }: { limit: number; max?: number }): void {
  queryNumber(call, 'limit', { fallback: limit, min: 1, ...(max === undefined ? {} : { max }) })
  queryNumber(call, 'offset', { fallback: 0, min: 0 })
}
