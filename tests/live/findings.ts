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

  text(): string {
    return this.all.map(({ question, asked, seen }) => `${question}: ${asked}\n    → ${seen}`).join('\n')
  }
}
