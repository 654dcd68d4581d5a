/**
 * Founds a workspace: members, standard objects and a token, all from one seed. The token was made by the admin.
 *
 * The members are colleagues whom the HubSpot model knows as owners by the same addresses (there some are typed
 * with capitals), with two exceptions that syncs of owners stumble over: one has left, and one is here only.
 */
import { nextHex, nextUuid } from './chance.ts'
import type { Chance } from './chance.ts'
import { DueQueue } from '../due-queue.ts'
import type { AttioSettings } from './settings.ts'
import { CUSTOM_OBJECT_ATTRIBUTES, LIST_ATTRIBUTES, STANDARD_OBJECTS } from './standard-objects.ts'
import type { StandardAttribute } from './standard-objects.ts'
import { PARENT_SLUG } from './workspace.ts'
import type {
  Attribute,
  DefaultValue,
  ListFacts,
  Member,
  ObjectType,
  Option,
  Workspace,
} from './workspace.ts'

const MEMBERS = [
  ['Ada', 'Okafor', 'admin'],
  ['Bruno', 'Keller', 'member'],
  ['Chidi', 'Marsh', 'member'],
  ['Dana', 'Novak', 'member'],
  ['Hana', 'Sato', 'member'],
  ['Farid', 'Lund', 'suspended'],
] as const

export function foundWorkspace(options: {
  clock: () => number
  seed: number
  settings: AttioSettings
}): Workspace {
  const chance: Chance = { state: options.seed | 0 }
  const createdAtMs = options.clock()
  const workspace: Workspace = {
    ...options,
    chance,
    id: nextUuid(chance),
    name: 'Northwind Sandbox',
    slug: 'northwind-sandbox',
    createdAtMs,
    token: nextHex(chance, 64),
    clientId: nextUuid(chance),
    // From a chance of its own: it came later, and what equal seeds give must not change.
    clientSecret: nextHex({ state: options.seed ^ 0x5ec2e7 }, 64),
    tokenActorId: nextUuid(chance),
    members: MEMBERS.map(([firstName, lastName, accessLevel]): Member => {
      const email = `${firstName}.${lastName}@example.com`.toLowerCase()
      return { id: nextUuid(chance), firstName, lastName, email, accessLevel, createdAtMs }
    }),
    objects: [],
    lists: [],
    attributes: new Map(),
    records: new Map(),
    departed: new Map(),
    indexes: new Map(),
    referrers: new Map(),
    codes: new Map(),
    notes: new Map(),
    tasks: new Map(),
    comments: new Map(),
    chores: new DueQueue(),
    webhooks: new Map(),
    messages: new Map(),
    inFlight: new Map(),
    deliveryCounts: new Map(),
  }
  for (const standard of STANDARD_OBJECTS) {
    const object = newObject(workspace, { ...standard, isStandard: true, createdAtMs })
    for (const row of standard.attributes) addStandardAttribute(workspace, object, row)
  }
  joinRelationships(workspace)
  return workspace
}

/** Adds an object without attributes. */
function newObject(
  workspace: Workspace,
  options: { slug: string; singular: string; plural: string; isStandard: boolean; createdAtMs: number },
): ObjectType {
  const { slug, singular, plural, isStandard, createdAtMs } = options
  const object: ObjectType = {
    id: nextUuid(workspace.chance),
    slug,
    singular,
    plural,
    createdAtMs,
    isStandard,
    list: null,
    attributes: [],
    listing: [],
  }
  workspace.objects.push(object)
  return object
}

/** A custom object starts with the attributes every object has. */
export function addCustomObject(
  workspace: Workspace,
  options: { slug: string; singular: string; plural: string; createdAtMs: number },
): ObjectType {
  const object = newObject(workspace, { ...options, isStandard: false })
  for (const row of CUSTOM_OBJECT_ATTRIBUTES) addStandardAttribute(workspace, object, row)
  return object
}

/** A list starts with what every entry has: its creation, and the way to its parent. */
export function addList(
  workspace: Workspace,
  options: { slug: string; name: string; createdAtMs: number; facts: ListFacts },
): ObjectType {
  const { slug, name, createdAtMs, facts } = options
  const list: ObjectType = {
    id: nextUuid(workspace.chance),
    slug,
    singular: name,
    plural: name,
    createdAtMs,
    isStandard: false,
    list: facts,
    attributes: [],
    listing: [],
  }
  workspace.lists.push(list)
  const allowedObjectIds = [facts.parentObjectId]
  const pseudo = { isPseudo: true, allowedObjectIds }
  registerAttribute(workspace, list, { ...systemAttribute(workspace, list, PARENT_ROW), ...pseudo })
  for (const row of LIST_ATTRIBUTES) addStandardAttribute(workspace, list, row)
  return list
}

/** Registers an attribute with its object, the workspace and, when unique, an index. */
export function registerAttribute(workspace: Workspace, object: ObjectType, attribute: Attribute): void {
  object.attributes.push(attribute)
  workspace.attributes.set(attribute.id, attribute)
  if (attribute.isUnique) workspace.indexes.set(attribute.id, new Map())
}

export const newOption = (workspace: Workspace, title: string): Option => ({
  id: nextUuid(workspace.chance),
  title,
  isArchived: false,
  celebration: false,
  targetTime: null,
})

const SYSTEM_DEFAULTS: Readonly<Record<string, DefaultValue>> = {
  created_at: { type: 'dynamic', template: 'PT0S' },
  created_by: { type: 'dynamic', template: 'current-user' },
}

const PARENT_ROW: StandardAttribute = {
  slug: PARENT_SLUG,
  title: 'Parent record',
  type: 'record-reference',
  flags: 'O',
}

const addStandardAttribute = (workspace: Workspace, object: ObjectType, row: StandardAttribute): void =>
  registerAttribute(workspace, object, systemAttribute(workspace, object, row))

function systemAttribute(workspace: Workspace, object: ObjectType, row: StandardAttribute): Attribute {
  const has = (flag: string): boolean => row.flags.includes(flag)
  return {
    id: nextUuid(workspace.chance),
    objectId: object.id,
    slug: row.slug,
    title: row.title,
    description: null,
    type: row.type,
    isSystem: true,
    isWritable: !has('O'),
    isRequired: has('R'),
    isUnique: has('U'),
    isMultiselect: has('M'),
    isArchived: false,
    defaultValue: SYSTEM_DEFAULTS[row.slug] ?? null,
    inverseId: null,
    createdAtMs: object.createdAtMs,
    currency: row.currency ? { code: row.currency, display: 'symbol' } : null,
    allowedObjectIds: null,
    isPseudo: false,
    isEnriched: has('E'),
    options: (row.options ?? []).map((title) => newOption(workspace, title)),
  }
}

/** The ends of a relationship name each other, so they are joined when both exist. */
function joinRelationships(workspace: Workspace): void {
  const find = (path: string): Attribute | undefined => {
    const [objectSlug, slug] = path.split('.')
    const object = workspace.objects.find((each) => each.slug === objectSlug)
    return object?.attributes.find((each) => each.slug === slug)
  }
  for (const standard of STANDARD_OBJECTS) {
    for (const row of standard.attributes) {
      if (!row.to) continue
      const [near, far] = [find(`${standard.slug}.${row.slug}`), find(row.to)]
      if (!near || !far) throw new Error(`Standard relationship ${standard.slug}.${row.slug} has no far end`)
      near.inverseId = far.id
      near.allowedObjectIds = [far.objectId]
    }
  }
}
