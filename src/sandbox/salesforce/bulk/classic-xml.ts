/** The XML that Bulk API 1.0 speaks (recorded; Salesforce fact sheet 7, 16). */
import { Text, type Answer, type Problem } from '../wire.ts'
import { escapeXml } from '../xml.ts'

const NAMESPACE = 'http://www.force.com/2009/06/asyncapi/dataload'

/** Member → text, or the texts of a repeated element. Members without a value are left out. */
export type Members = Readonly<
  Record<string, string | number | null | readonly string[] | readonly Members[]>
>

/** `<name xmlns="…">…</name>` as the answer to a call. */
export function classicAnswer(status: number, name: string, members: Members): Answer {
  const inner = elements(members)
  const root =
    inner === ''
      ? `<${name}\n   xmlns="${NAMESPACE}" />`
      : `<${name}\n   xmlns="${NAMESPACE}">${inner}</${name}>`
  return {
    status,
    body: new Text('application/xml', `<?xml version="1.0" encoding="UTF-8"?>${root}`),
  }
}

function elements(members: Members): string {
  return Object.entries(members)
    .flatMap(([name, value]) => {
      const values = Array.isArray(value) ? (value as readonly (string | Members)[]) : [value as string]
      return values.map((each) => element(name, each))
    })
    .join('')
}

function element(name: string, value: string | number | null | Members): string {
  if (value === null) return ''
  const inner = typeof value === 'object' ? `${elements(value)}\n ` : escapeXml(String(value))
  return `\n <${name}>${inner}</${name}>`
}

/** Codes of this API are words of their own; whatever it has no word for is the client's error. */
const CODES: Readonly<Record<string, string>> = {
  INVALID_SESSION_ID: 'InvalidSessionId',
  INVALID_AUTH_HEADER: 'InvalidSessionId',
  REQUEST_LIMIT_EXCEEDED: 'ExceededQuota',
  API_DISABLED_FOR_ORG: 'FeatureNotEnabled',
  METHOD_NOT_ALLOWED: 'MethodNotAllowed',
  INVALID_XML: 'InvalidXML',
}

/** Every refusal is a 400, a session that has ended included; what is not modelled stays a 501. */
export function classicRefusal(problem: Problem): Answer {
  const code = CODES[problem.code] ?? (/^[A-Z][a-z]/.test(problem.code) ? problem.code : 'ClientInputError')
  const message = problem.entries[0]?.message ?? ''
  return classicAnswer(problem.status === 501 ? 501 : 400, 'error', {
    exceptionCode: code,
    exceptionMessage: problem.code === 'INVALID_SESSION_ID' ? 'Invalid session id' : message,
  })
}
