/** A bare JSON client: nothing shared with the product, so that the judge cannot inherit its mistakes. */

export interface Api {
  get(path: string): Promise<unknown>
  post(path: string, body: unknown): Promise<unknown>
}

/** A vendor that keeps refusing for this long is not going to answer. */
const TRIES_MAX = 20

export function api(baseUrl: string, token: string): Api {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (response.ok || response.status === 207) return text === '' ? {} : JSON.parse(text)
      const isPassing = response.status === 429 || response.status >= 500
      if (!isPassing || attempt >= TRIES_MAX) {
        throw new Error(`${method} ${baseUrl}${path} answered ${response.status}: ${text.slice(0, 300)}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  }
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) }
}

/** A JSON member by path; undefined where the path ends early. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  let here = json
  for (const step of path) {
    if (here === null || typeof here !== 'object') return undefined
    here = (here as Record<string | number, unknown>)[step]
  }
  return here
}

export function listAt(json: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(json, ...path)
  return Array.isArray(found) ? found : []
}

export function textAt(json: unknown, ...path: readonly (string | number)[]): string | null {
  const found = at(json, ...path)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : null
}
