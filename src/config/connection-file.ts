/** What may be said about one connection in `config/attune.yaml`. */
import { z } from 'zod'

const share = z.number().min(0).max(1)

/** Whoever puts a token here by mistake must not read it on the screen: the message does not repeat what was found. */
const variableName = z.string().refine((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name), {
  error:
    'expected the name of an environment variable, such as ATTIO_TOKEN; the secret itself belongs into that variable and never into this file',
})
const variable = variableName.optional()

export const connection = z.strictObject({
  vendor: z.enum(['attio', 'hubspot', 'salesforce']).describe('Which CRM this is.'),
  optional: z
    .boolean()
    .default(false)
    .describe('Left out, with its pairings, where none of its variables is set.'),
  'token-env': variableName.describe('Name of the environment variable that holds the token.'),
  'base-url-env': variable.describe('Name of a variable that may hold another base URL.'),
  'base-url': z.url().optional().describe("Base URL; the vendor's own when absent."),
  'login-url-env': variable.describe('Name of a variable: where logins go; to the base URL when absent.'),
  'client-id-env': variable.describe('Name of a variable: the app with which it logs in.'),
  'client-secret-env': variable.describe('Name of a variable: the secret of that app.'),
  'refresh-token-env': variable.describe('Name of a variable: the token that gets new access tokens.'),
  'refresh-token-file-env': variable.describe(
    'Name of a variable: the file that keeps the refresh token, when the vendor replaces it.',
  ),
  strict: z.boolean().optional().describe('Updates only what is as it was read; costs more requests.'),
  duplicates: z
    .enum(['refuse', 'allow'])
    .optional()
    .describe('What happens to records that the vendor takes for duplicates and would still save.'),
  'bulk-from': z
    .union([z.int().min(1), z.literal('never')])
    .optional()
    .describe('So many records at once are loaded in bulk.'),
  'requests-in-flight': z.int().min(1).max(200).default(25),
  tier: z.string().optional().describe("The account's plan, where its limits follow from it."),
  limits: z
    .record(z.string(), z.int().min(1))
    .optional()
    .describe('Smaller limits, to leave room for others.'),
  'clock-seconds': z
    .boolean()
    .optional()
    .describe("False where seconds are not those of the vendor's clock."),
  day: z
    .strictObject({
      share: share.optional().describe("The part of the day's requests that is ours."),
      floor: z.int().min(0).optional().describe('Requests of the day that nothing may use.'),
    })
    .prefault({}),
  'webhook-secret-env': variable.describe(
    'Name of the variable that holds what this account signs its webhooks with.',
  ),
  'app-id-env': variable.describe('Name of a variable: the app whose webhooks are set up by API.'),
  'developer-key-env': variable.describe('Name of a variable: the key that sets them up.'),
})

export type ConnectionEntry = z.infer<typeof connection>
