/**
 * The commands by which a stranger checks our promises. Exit code 1 is theirs for a broken promise, so that a command that
 * was called wrongly ends with 2, and a sentence instead of a stack.
 */
import { parseArgs, type ParseArgsConfig } from 'node:util'

const WRONGLY_CALLED = 2

/** `usage`: what the command is called and does, with examples; it is also what `--help` prints. */
export function proofCommand(usage: string) {
  const misuse = (what: string): never => {
    process.stderr.write(`${what}\n\n${usage}`)
    process.exit(WRONGLY_CALLED)
  }
  return {
    misuse,

    options<const T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
      try {
        const given = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } as T })
        if ('help' in given.values) {
          process.stdout.write(usage)
          process.exit(0)
        }
        return given.values
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        return misuse(error.message)
      }
    },

    whole(name: string, text: string): number {
      return /^\d+$/.test(text) ? Number(text) : misuse(`${name} ${text} makes no sense: give a whole number`)
    },

    oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
      const found = known.find((each) => each === text)
      return found ?? misuse(`${name} ${text} makes no sense: there is ${known.join(', ')}`)
    },
  }
}
