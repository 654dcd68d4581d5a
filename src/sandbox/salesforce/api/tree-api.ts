/**
 * sObject Tree: records with their children in one call, made or refused as a whole (Salesforce fact sheet 7). The
 * vendor's command line imports files this way.
 */
import {
  asList,
  asObject,
  asText,
  bodyObject,
  objectParam,
  type Call,
  type Json,
  type Route,
} from '../call.ts'
import { writeRecord } from '../rows/commit.ts'
import { inTransaction, type Transaction } from '../rows/transaction.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { Problem, refusal, type Answer } from '../wire.ts'
import { requireCreateable } from './records-api.ts'

export const treeRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/services/data/{version}/composite/tree/{object}',
    mutates: true,
    handle: create,
  },
]

/** Records, kinds of them, and levels of one call. */
const RECORDS_MAX = 200
const TYPES_MAX = 5
const LEVELS_MAX = 5

interface Node {
  readonly type: ObjectType
  readonly referenceId: string
  readonly values: Json
  /** The record above, and the field that leads to it. */
  readonly parent: { readonly node: Node; readonly field: string } | null
}

interface Failure {
  readonly referenceId: string
  readonly errors: readonly { statusCode: string; message: string; fields: readonly string[] }[]
}

function create(call: Call): Answer {
  const levels = levelsOf(call)
  const nodes = levels.flat()
  if (nodes.length > RECORDS_MAX) throw tooMany(`${RECORDS_MAX} records`)
  if (new Set(nodes.map(({ type }) => type.name)).size > TYPES_MAX) throw tooMany(`${TYPES_MAX} types`)
  const repeated = repeatedReferences(nodes)
  if (repeated.length > 0) return { status: 400, body: { hasErrors: true, results: repeated } }
  const ids = new Map<Node, string>()
  try {
    inTransaction(call.org, call.actor, (transaction) => {
      for (const level of levels) {
        const failures = level.flatMap((node) => createNode(transaction, node, ids) ?? [])
        // What is below a record that failed has nothing to belong to.
        if (failures.length > 0) throw new Refused(failures)
      }
    })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { status: 400, body: { hasErrors: true, results: error.failures } }
  }
  const results = nodes.map((node) => ({ referenceId: node.referenceId, id: ids.get(node) }))
  return { status: 201, body: { hasErrors: false, results } }
}

/** Two errors for each reference that comes again (recorded). */
function repeatedReferences(nodes: readonly Node[]): Failure[] {
  const ids = nodes.map(({ referenceId }) => referenceId)
  const repeated = new Set(ids.filter((id, index) => ids.indexOf(id) < index))
  return [...repeated].map((referenceId) => ({
    referenceId,
    errors: [
      {
        statusCode: 'INVALID_INPUT',
        message: 'Duplicate ReferenceId provided in the request.',
        fields: [],
      },
      {
        statusCode: 'PROCESSING_HALTED',
        message: `Duplicate ReferenceId found: ${referenceId}`,
        fields: [],
      },
    ],
  }))
}

/** Takes everything back. */
class Refused extends Error {
  readonly failures: readonly Failure[]

  constructor(failures: readonly Failure[]) {
    super('The tree is refused')
    this.failures = failures
  }
}

function tooMany(what: string): Problem {
  return refusal('INVALID_INPUT', `A tree has at most ${what}`)
}

/** The records of the call level by level, which is the order of the answer. */
function levelsOf(call: Call): Node[][] {
  const roots = nodesOf(call, bodyObject(call)['records'], { type: objectParam(call), parent: null })
  const levels: Node[][] = []
  for (let level = roots; level.length > 0; level = level.flatMap(({ below }) => below())) {
    if (levels.length === LEVELS_MAX) throw tooMany(`${LEVELS_MAX} levels`)
    levels.push(level.map(({ node }) => node))
  }
  return levels
}

interface Reading {
  readonly node: Node
  readonly below: () => Reading[]
}

function nodesOf(
  call: Call,
  records: unknown,
  { type, parent }: { type: ObjectType; parent: Node['parent'] },
): Reading[] {
  requireCreateable(type)
  return asList(records, 'records').map((entry) => {
    const { attributes, ...members } = asObject(entry)
    const { type: name, referenceId } = asObject(attributes)
    if (asText(name, 'type').toLowerCase() !== type.name.toLowerCase()) {
      throw refusal('INVALID_INPUT', `The records must be of type ${type.name}`)
    }
    const lists = Object.entries(members).filter(([, value]) => isChildList(value))
    const values = Object.fromEntries(Object.entries(members).filter(([, value]) => !isChildList(value)))
    const node = { type, referenceId: asText(referenceId, 'referenceId'), values, parent }
    return { node, below: () => lists.flatMap(([list, value]) => childrenIn(call, node, { list, value })) }
  })
}

/** `Contacts: { records: […] }`. */
function isChildList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'records' in value
}

function childrenIn(call: Call, node: Node, { list, value }: { list: string; value: unknown }): Reading[] {
  const relationship = call.org.schema
    .childrenOf(node.type)
    .find(({ relationshipName }) => relationshipName?.toLowerCase() === list.toLowerCase())
  if (relationship === undefined) {
    throw refusal('INVALID_FIELD', `No such relation '${list}' on sobject of type ${node.type.name}`)
  }
  const parent = { node, field: relationship.field.name }
  return nodesOf(call, asObject(value)['records'], { type: relationship.child, parent })
}

function createNode(transaction: Transaction, node: Node, ids: Map<Node, string>): Failure | null {
  const { type, parent, values, referenceId } = node
  const body = parent === null ? values : { ...values, [parent.field]: ids.get(parent.node) }
  try {
    ids.set(node, writeRecord(transaction, { type, row: null, body }).row.id)
    return null
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const errors = error.entries.map(({ errorCode, message, fields = [] }) => ({
      statusCode: errorCode,
      message,
      fields,
    }))
    return { referenceId, errors }
  }
}
