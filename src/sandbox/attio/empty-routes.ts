/**
 * What this workspace has none of, and nobody can make here: meetings, files and views. Asked for all of them, the
 * truth is an empty page in the cursor form; one by one they are not found. Attio fact sheet 6, 15.5 and 15.6.
 */
import { idOfCall, placeOfCall, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'
import { notFound } from './fault.ts'

const NOTHING: Answer = { body: { data: [], pagination: { next_cursor: null } } }

export function listMeetings(call: Call): Answer {
  queryNumber(call, 'limit', { fallback: 50, min: 1, max: 200 })
  return NOTHING
}

export function getMeeting(call: Call): Answer {
  throw notFound(`Meeting with ID "${idOfCall(call, 'meeting_id')}" was not found.`)
}

export const listFiles = (): Answer => NOTHING

export function listViews(call: Call): Answer {
  placeOfCall(call)
  return NOTHING
}
