/** Lets an administrator work, straight at the model. */
import type { VendorModel } from '../../../src/sandbox/model.ts'
import type { AdminAct } from './hands.ts'

export function administer(model: VendorModel, acts: readonly AdminAct[]): void {
  for (const act of acts) {
    if ('setting' in act) {
      model.settings[act.setting] = act.value
      continue
    }
    if ('edit' in act) {
      model.edit(act.edit)
      continue
    }
    const { method, path, body, expected } = act
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
