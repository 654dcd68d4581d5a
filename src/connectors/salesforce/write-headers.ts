/** Headers that change what a write does (Salesforce fact sheet 4). Parts of a composite request need them again (15). */
import type { WriteSettings } from './context.ts'

/** `details`: a refusal by a duplicate rule names the records it means. */
export function writeHeaders(
  { allowDuplicates }: WriteSettings,
  { details = false } = {},
): Readonly<Record<string, string>> {
  return {
    // By default, assignment rules give new leads to somebody else.
    'sforce-auto-assign': 'FALSE',
    ...((allowDuplicates || details) && {
      'sforce-duplicate-rule-header': `allowSave=${allowDuplicates}; includeRecordDetails=${details}; runAsCurrentUser=true`,
    }),
  }
}
