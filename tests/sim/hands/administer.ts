/** Lets an administrator work, straight at the model. */
import type { VendorModel } from '../../../src/sandbox/model.ts'
import type { AdminRequest } from './hands.ts'

export function administer(model: VendorModel, requests: readonly AdminRequest[]): void {
  for (const { method, path, body, expected } of requests) {
    const answer = model.handle({
      method,
      url: `http://${model.vendor}.invalid${path}`,
      headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
      body: body === null ? null : JSON.stringify(body),
    })
    if (answer.status !== expected) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`)
    }
  }
}
