/**
 * Logs: one JSON object per line on stderr. CRM data is other people's personal data, so logs carry ids, field
 * names, counts and fingerprints, never values; the redaction below is the second line of defence and is tested.
 */
import { pino, type Logger } from 'pino'

export type { Logger } from 'pino'

const REDACTED = [
  'token',
  '*.token',
  'authorization',
  '*.authorization',
  'headers',
  '*.headers',
  'values',
  '*.values',
  'payload',
  '*.payload',
  'body',
  '*.body',
]

export function createLogger(options: { level: string; destination?: NodeJS.WritableStream }): Logger {
  const settings = {
    level: options.level,
    base: null,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: errorForLog, error: errorForLog },
  }
  return pino(settings, options.destination ?? pino.destination(2))
}

/** Name, message and place, without `cause`: a vendor's original error can quote what people typed. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return { name: error.name, message: error.message, stack: error.stack }
}
