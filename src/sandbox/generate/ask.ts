/** Asks a model over its own API for what a scribe has to know: members, owners, pipelines. */
import type { VendorModel } from '../model.ts'

/**
 * The parsed body of a successful answer. The fields are those of the vendor's documents and are trusted, as
 * the model is ours. Throws when the model refuses: then it and the scribe disagree about the API.
 */
export function askModel(
  model: VendorModel,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Readonly<Record<string, unknown>> {
  const response = model.handle({
    method,
    url: `http://${model.vendor}.invalid${path}`,
    headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  if (response.status < 200 || response.status > 299) {
    throw new Error(
      `The ${model.vendor} model refused ${method} ${path}: ${response.status} ${response.body}`,
    )
  }
  return JSON.parse(response.body) as Readonly<Record<string, unknown>>
}
