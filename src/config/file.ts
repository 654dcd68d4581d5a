/** What may stand in `config/attune.yaml`. `config/README.md` says it to people. */
import { z } from 'zod'
import { GUARD_LIMITS } from '../core/guard.ts'
import type { PositionedDocument } from '../mapping/load.ts'
import { isAddress } from './address.ts'
import { connection } from './connection-file.ts'

const share = z.number().min(0).max(1)

const address = z.string().refine(isAddress, 'expected an address with a port, such as 127.0.0.1:8420')

const times = {
  poll: z.string().optional().describe('How often a side that keeps a feed of changes is asked for it.'),
  listing: z
    .string()
    .optional()
    .describe('How often a side that keeps none is listed, unless it tells of changes by webhook.'),
  'delayed-poll': z
    .string()
    .optional()
    .describe('How often it is asked once more for what was changed an hour ago.'),
  sweep: z.string().optional().describe('When everything is compared.'),
}

export const configFile = z.strictObject({
  version: z.literal(1),
  connections: z.record(z.string(), connection),
  pairings: z.record(
    z.string(),
    z.strictObject({
      left: z.string(),
      right: z.string(),
      mappings: z.array(z.string()).min(1).describe('Mapping files, relative to this file; parents first.'),
      schedule: z.strictObject(times).prefault({}).describe('Other times for this pairing.'),
    }),
  ),
  database: z.string().default('attune.db').describe('SQLite file, relative to the working directory.'),
  schedule: z
    .strictObject({
      timezone: z.string().default('UTC').describe('Of the cron expressions: an IANA name.'),
      ...times,
    })
    .prefault({}),
  web: z
    .strictObject({
      bind: address.optional().describe('Where webhooks are listened for; 127.0.0.1:8420 when absent.'),
      'public-url': z.url().optional().describe('The URL under which the vendors reach that address.'),
      'public-url-env': z.string().optional().describe('Name of a variable that may hold it.'),
      operations: address
        .optional()
        .describe('Where health and metrics are asked for; 127.0.0.1:8421 when absent.'),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      'url-env': z.string().optional().describe('Name of the variable with the URL that alerts are sent to.'),
      'secret-env': z
        .string()
        .optional()
        .describe('Name of the variable that holds what they are signed with.'),
    })
    .prefault({}),
  engine: z
    .strictObject({
      'batch-size': z.int().min(1).max(1_000).default(200),
      'batches-in-flight': z.int().min(1).max(16).default(4),
      'fresh-seconds': z.number().min(0).default(2),
      'request-timeout-seconds': z.int().min(1).default(30),
      'zombie-horizon-seconds': z.int().min(0).default(20),
      'look-back': z
        .enum(['following', 'always', 'never'])
        .default('following')
        .describe(
          'When to ask what a write replaced that nobody had seen: in `start`, in `sync` too, never.',
        ),
    })
    .prefault({}),
  retention: z
    .strictObject({
      changes: z.string().optional().describe('How long it is known who told of which change.'),
      journal: z.string().optional().describe('How long what was written can be explained and taken back.'),
      conflicts: z.string().optional().describe('How long conflicts are kept that are closed.'),
    })
    .prefault({}),
  guards: z
    .strictObject({
      'deletions-free': z.int().min(0).default(GUARD_LIMITS.deletionsFree),
      'deletion-share': share.default(GUARD_LIMITS.deletionShare),
      'shrink-share': share.default(GUARD_LIMITS.shrinkShare),
      'field-share': share.default(GUARD_LIMITS.fieldShare),
    })
    .prefault({}),
})

export type ConfigDocument = PositionedDocument<z.infer<typeof configFile>>
