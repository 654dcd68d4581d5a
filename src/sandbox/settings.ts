/** Changing a model's switches while it runs. */
import type { VendorModel } from './model.ts'

/**
 * Sets the given switches, all or none. Returns null, or a sentence that says which switch is unknown or has a
 * value of another type than it has now (a switch that is null now takes anything; the model knows).
 */
export function changeSettings(
  model: Pick<VendorModel, 'vendor' | 'settings'>,
  changes: Readonly<Record<string, unknown>>,
): string | null {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(model.settings, name)) {
      const known = Object.keys(model.settings).join(', ')
      return `The ${model.vendor} model has no setting "${name}"; it has ${known}.`
    }
    const present = model.settings[name]
    if (present !== null && value !== null && kindOf(present) !== kindOf(value)) {
      return `The setting "${name}" of the ${model.vendor} model is a ${kindOf(present)}, not a ${kindOf(value)}.`
    }
  }
  Object.assign(model.settings, changes)
  return null
}

/** Sets switches for a while; the returned function puts them back. Throws for an unknown switch. */
export function temporarySettings(
  model: Pick<VendorModel, 'vendor' | 'settings'>,
  changes: Readonly<Record<string, unknown>>,
): () => void {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, model.settings[name]]))
  const problem = changeSettings(model, changes)
  if (problem !== null) throw new TypeError(problem)
  return () => void Object.assign(model.settings, before)
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value
}
