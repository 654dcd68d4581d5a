/** What the probes saw, question by question. The numbers are those of the fact sheets' lists of open questions. */

export interface Finding {
  /** E.g. `Attio 3`. */
  readonly question: string
  readonly asked: string
  readonly seen: string
}

export class Findings {
  readonly all: Finding[] = []

  add(question: string, asked: string, seen: string): void {
    this.all.push({ question, asked, seen })
  }

  /** A question that is better answered by other means, so that the report says of every one what became of it. */
  leave(question: string, asked: string, why: string): void {
    this.add(question, asked, `not asked: ${why}`)
  }

  /** The numbers of a vendor's questions that the report speaks of. */
  numbers(vendor: string): ReadonlySet<number> {
    const own = this.all.filter(({ question }) => question.startsWith(`${vendor} `))
    return new Set(own.map(({ question }) => numberOf(question)))
  }

  /** By vendor, in the order of the fact sheet. */
  text(): string {
    const vendorOf = (question: string) => question.slice(0, question.lastIndexOf(' '))
    const sorted = this.all.toSorted(
      ({ question: one }, { question: other }) =>
        vendorOf(one).localeCompare(vendorOf(other)) || numberOf(one) - numberOf(other),
    )
    return sorted.map(({ question, asked, seen }) => `${question}: ${asked}\n    → ${seen}`).join('\n')
  }
}

function numberOf(question: string): number {
  return Number(question.slice(question.lastIndexOf(' ') + 1))
}
