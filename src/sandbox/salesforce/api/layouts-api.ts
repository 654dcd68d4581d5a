/** What the user interface looks like: layouts, tabs and themes. */
import { objectParam, param, type Call, type Route } from '../call.ts'
import { normalId } from '../ids.ts'
import { MASTER_ID } from '../record-types.ts'
import { USER_LAYOUT } from '../schema/describe.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { compactLayout, compactLayouts, layout, layouts } from '../views/layouts.ts'
import { tabs, theme } from '../views/tabs.ts'
import { notFound, ok, type Answer } from '../wire.ts'
import { originOf } from './identity-api.ts'

const ROOT = '/services/data/{version}'

const describing = (path: string, handle: (call: Call, type: ObjectType) => Answer): Route => ({
  method: 'GET',
  template: `${ROOT}/sobjects/{object}/describe/${path}`,
  mutates: false,
  handle: (call) => handle(call, layoutable(call)),
})

export const layoutRoutes: readonly Route[] = [
  describing('layouts', (call, type) => ok(layouts(call.org, call.actor, { type, version: call.version }))),
  describing('layouts/{recordType}', (call, type) => {
    requireRecordType(call, type)
    return ok(layout(call.org, call.actor, type))
  }),
  describing('namedLayouts/{name}', named),
  describing('compactLayouts', (call, type) =>
    ok(compactLayouts(call.org, call.actor, { type, version: call.version })),
  ),
  describing('compactLayouts/{recordType}', (call, type) => {
    if (param(call, 'recordType') !== 'primary') requireRecordType(call, type)
    return ok(compactLayout(call.org, call.actor, type))
  }),
  describing('approvalLayouts', () => ok({ approvalLayouts: [] })),
  {
    method: 'GET',
    template: `${ROOT}/tabs`,
    mutates: false,
    handle: (call) => ok(tabs(originOf(call), call.version)),
  },
  { method: 'GET', template: `${ROOT}/theme`, mutates: false, handle: (call) => ok(theme(originOf(call))) },
]

/** Objects that no page shows have no layouts. */
function layoutable(call: Call): ObjectType {
  const type = objectParam(call)
  if (!type.definition.traits.layoutable) throw notFound()
  return type
}

/** All record types of an object have the same layout, and so has the master. */
function requireRecordType(call: Call, type: ObjectType): void {
  const id = normalId(param(call, 'recordType'))
  if (id !== MASTER_ID && call.org.recordTypes.find(id ?? '')?.object !== type.name) throw notFound()
}

function named(call: Call, type: ObjectType): Answer {
  if (type.name !== 'User' || param(call, 'name') !== USER_LAYOUT) throw notFound()
  return ok(layouts(call.org, call.actor, { type, version: call.version }))
}
