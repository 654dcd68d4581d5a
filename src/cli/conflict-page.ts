/** Open conflicts as one page that an admin can read and pass on: no scripts, nothing loaded from elsewhere. */
import type { Both, Side } from '../core/record.ts'
import { isBlank, type Canonical } from '../core/value.ts'
import { actorText, overwrittenText, type ConflictView } from './conflict-view.ts'
import { pairName } from './record-names.ts'
import { instantText, valueText } from './value-text.ts'

export interface PageOptions {
  /** What the sides are called, by pairing. */
  readonly names: (pairing: string) => Both<string>
  /** When the page was made, ISO 8601. */
  readonly madeAt: string
}

export function conflictPage(conflicts: readonly ConflictView[], options: PageOptions): string {
  const groups = Map.groupBy(conflicts, ({ pairing, object }) => `${pairing} · ${object}`)
  const sections = [...groups].map(
    ([title, group]) => `<section>
<h2>${html(title)} <span class="count">${group.length}</span></h2>
${group.map((conflict) => card(conflict, options.names(conflict.pairing))).join('\n')}
</section>`,
  )
  const intro =
    conflicts.length === 0
      ? 'Nothing is waiting for a decision.'
      : `${conflicts.length === 1 ? 'One field waits' : `${conflicts.length} fields wait`} for a decision: two values contend for it, and the mapping leaves the choice to a person. Until then both CRMs keep what they have.`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Conflicts · Attune</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>Conflicts</h1>
<p>${html(intro)}</p>
<p class="quiet">As of ${html(instantText(options.madeAt))}</p>
</header>
${sections.join('\n')}
<footer>
<h2>How to decide</h2>
<p>One by one: <code>npx attune resolve &lt;id&gt; --take left</code> or <code>--take right</code>.</p>
<p>Many at once: <code>npx attune conflicts --report conflicts.csv</code>, write <code>left</code> or <code>right</code> into
the column <code>decision</code>, then <code>npx attune resolve --from conflicts.csv</code>. A value that changed
meanwhile is never overwritten by a decision on the old one.</p>
</footer>
</main>
</body>
</html>
`
}

function card(conflict: ConflictView, names: Both<string>): string {
  const who = pairName({ left: conflict.leftName, right: conflict.rightName }, names)
  const name = who === null ? '' : `<bdi>${html(who)}</bdi> · `
  return `<article>
<h3>${name}<code>${html(conflict.field)}</code></h3>
<div class="sides">
${sideHtml(conflict, 'left', names.left)}
${sideHtml(conflict, 'right', names.right)}
</div>
<p class="base">${pastHtml(conflict, names)}</p>
<p class="quiet">Rule <b>${html(conflict.rule)}</b>, open since ${html(instantText(conflict.openedAt))} · <code>${html(conflict.id)}</code></p>
</article>`
}

function pastHtml(conflict: ConflictView, names: Both<string>): string {
  const overwritten = overwrittenText(conflict)
  if (overwritten !== null) return html(overwritten)
  return conflict.base
    ? `Last agreed: ${agreedText(conflict.base, names)}`
    : 'The two records met for the first time; they never agreed on this field.'
}

function agreedText(base: NonNullable<ConflictView['base']>, names: Both<string>): string {
  const [left, right] = [quoted(base.left), quoted(base.right)]
  return left === right ? left : `${html(names.left)} ${left}, ${html(names.right)} ${right}`
}

/** Nothing is nobody's words. */
function quoted(value: Canonical): string {
  return isBlank(value) ? html(valueText(value)) : `<q>${html(valueText(value))}</q>`
}

function sideHtml(conflict: ConflictView, side: Side, name: string): string {
  const value = conflict[side]
  const record = conflict[`${side}Record`]
  const at = conflict[`${side}At`]
  const who = actorText(conflict[`${side}Actor`], conflict[`${side}Via`])
  const when = at === null ? '' : ` at ${html(instantText(at))}`
  return `<div class="side ${side}">
<p class="name">${html(name)} <span class="quiet">record ${html(record ?? 'unknown')}</span></p>
<p class="value" dir="auto">${html(valueText(value))}</p>
<p class="quiet">by ${html(who)}${when}</p>
</div>`
}

function html(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}

const STYLE = `
:root { color-scheme: light dark; --paper: #fafaf8; --card: #fff; --ink: #1d2126; --quiet: #68707a;
  --line: #dfe2e6; --left: #3157c8; --right: #c2522d }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --card: #1f2226; --ink: #e8eaed; --quiet: #98a1ab;
  --line: #34393f; --left: #8aa5ff; --right: #ff9d7a } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem }
h1 { margin: 0; font-size: 1.75rem }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.1rem }
h3 { margin: 0 0 .75rem; font-size: 1rem }
h3 code { font-size: 1rem }
p { margin: .35rem 0 }
.count { color: var(--quiet); font-weight: normal }
.quiet { color: var(--quiet); font-size: .85rem; font-weight: normal }
article { margin: 0 0 1rem; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; break-inside: avoid }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem }
.side { padding-left: .8rem; border-left: 3px solid }
.side.left { border-color: var(--left) }
.side.right { border-color: var(--right) }
.name { font-weight: 600 }
.value { font-size: 1.15rem; overflow-wrap: anywhere }
.base { margin-top: .8rem }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere }
footer { margin-top: 2.5rem; padding-top: .25rem; border-top: 1px solid var(--line) }
`
