/** Changing a model's switches while it runs. */
import type { z } from 'zod'
import type { VendorModel } from './model.ts'

type Model = Pick<VendorModel, 'vendor' | 'settings' | 'settingsSchema'>

/**
 * Sets the given switches, all or none. Returns null, or a sentence that says which switch is unknown, or what is wrong
 * with its value.
 */
export function changeSettings(model: Model, changes: Readonly<Record<string, unknown>>): string | null {
  const result = model.settingsSchema.partial().safeParse(changes)
  if (!result.success) return problemText(model, result.error)
  Object.assign(model.settings, result.data)
  return null
}

function problemText({ vendor, settings }: Model, { issues }: z.ZodError): string {
  return issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
        const known = Object.keys(settings).join(', ')
        return `The ${vendor} model has no setting "${issue.keys.join('", "')}"; it has ${known}.`
      }
      return `The setting "${issue.path.join('.')}" of the ${vendor} model cannot be that: ${issue.message}.`
    })
    .join(' ')
}

/** Sets switches for a while; the returned function puts them back. Throws for an unknown switch. */
export function temporarySettings(model: Model, changes: Readonly<Record<string, unknown>>): () => void {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, model.settings[name]]))
  const problem = changeSettings(model, changes)
  if (problem !== null) throw new TypeError(problem)
  return () => void Object.assign(model.settings, before)
}
