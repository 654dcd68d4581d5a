import type { TestOrg } from './test-org.ts'

/** The refusal of a query: its code, and the sentence under the caret. */
export function refusal(org: TestOrg, soql: string): [code: string, message: string] {
  const { body } = org.ask(soql)
  return [body[0].errorCode, body[0].message.split('\n').at(-1)]
}
