/** A vendor that refuses what it took before, as one does after an administrator added a rule. */
import type { TestWorld, Vendor } from './world.ts'

export interface Refusals {
  /** How many writes were refused so far. */
  readonly times: number
  /** The rule is gone again. */
  stop(): void
}

/** Answers the writes that carry this text, from now on, as the vendor does when a value is invalid. */
export function refuseWrites(world: TestWorld, vendor: Vendor, text: string): Refusals {
  const model = world[vendor]
  const handle = model.handle.bind(model)
  const refusals = { times: 0, stop: () => void Object.assign(model, { handle }) }
  Object.assign(model, {
    handle: (request: Parameters<typeof handle>[0]) => {
      const isMeant = `${request.url}${request.body ?? ''}`.includes(text)
      if (!model.isMutating(request) || !isMeant) return handle(request)
      refusals.times += 1
      const body =
        vendor === 'attio'
          ? {
              status_code: 400,
              type: 'invalid_request_error',
              code: 'validation_type',
              message: 'Not like this.',
            }
          : { status: 'error', category: 'VALIDATION_ERROR', message: 'Not like this.', correlationId: 'x' }
      return { status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    },
  })
  return refusals
}
