/**
 * What this workspace has none of, and nobody can make here: meetings, files and views. Asked for all of them, the
 * truth is an empty page in the cursor form; one by one they are not found. Attio fact sheet 6, 15.5 and 15.6.
 */
import { idOfCall, objectNamed, placeOfCall, queryFlag, queryNumber, recordToRead } from './call.ts'
import type { Answer, Call } from './call.ts'
import { invalidParameter, notFound } from './fault.ts'

const NOTHING: Answer = { body: { data: [], pagination: { next_cursor: null } } }

export function listMeetings(call: Call): Answer {
  queryNumber(call, 'limit', { fallback: 50, min: 1, max: 200 })
  return NOTHING
}

export function getMeeting(call: Call): Answer {
  throw notFound(`Meeting with ID "${idOfCall(call, 'meeting_id')}" was not found.`)
}

/** Of one record, which must be named. */
export function listFiles(call: Call): Answer {
  queryNumber(call, 'limit', { fallback: 50, min: 1, max: 200 })
  const [object, record_id] = ['object', 'record_id'].map((name) => {
    const value = call.query.get(name)
    if (!value) throw invalidParameter(name, `The query parameter ${name} is required.`)
    return value
  }) as [string, string]
  recordToRead({ ...call, params: { record_id } }, objectNamed(call.workspace, object))
  return NOTHING
}

export function listViews(call: Call): Answer {
  placeOfCall(call)
  queryFlag(call, 'show_archived')
  queryNumber(call, 'limit', { fallback: 500, min: 1, max: 1000 })
  return NOTHING
}
