import type { RegionLine, ScopeHeadline } from '../domain/headline.ts'
import {
  hasEarlierMonths,
  type ShareAnswer,
  type ShareRange,
  type ShareSum,
  usedLines,
} from '../domain/share-answer.ts'
import { basisLine } from './crossover-text.ts'
import { formatCount, formatPart, formatPoints, formatShare } from './format.ts'
import { type Html, html } from './html.ts'
import {
  ATTRIBUTION_WORDS,
  allMonthsTitle,
  alternativeTitle,
  choiceTitle,
  createdWords,
  shareDefinition,
} from './share-title.ts'

/** Per scope: each line's share of the downloads by every attribution, and how far the highest lies above the lowest. */
export function attributionGaps(scopes: readonly ScopeHeadline[]): Html {
  const byScope = new Map<string, ScopeHeadline[]>()
  for (const scope of scopes) byScope.set(scope.scope, [...(byScope.get(scope.scope) ?? []), scope])
  const tables = [...byScope.values()].filter(found => found.length > 1).map(gapTable)
  return html`<p class="definition">The same downloads three times: for whoever published a model, for the publisher of the base it declares, and for the publishers of the roots it descends from.</p>${tables}`
}

function gapTable(headlines: readonly ScopeHeadline[]): Html {
  const [first] = headlines
  const isAllTimeKnown = headlines.every(({ table }) => table.downloadsAllTime !== null)
  const shareOf = (line: RegionLine | undefined) =>
    (isAllTimeKnown ? line?.shareAllTime : line?.share30d) ?? null
  const rows = first!.table.lines.flatMap(({ line, name }) => {
    const shares = headlines.map(({ table }) => shareOf(table.lines.find(found => found.line === line)))
    const known = shares.filter(share => share !== null)
    if (!known.some(share => share > 0)) return []
    const gap = (Math.max(...known) - Math.min(...known)) * 100
    return [
      html`<tr><th scope="row">${name}</th>${shares.map(share => html`<td>${formatShare(share)}</td>`)}<td>${gap.toFixed(1)}</td></tr>`,
    ]
  })
  const heads = headlines.map(
    ({ attribution }) => html`<th scope="col">by ${ATTRIBUTION_WORDS[attribution]}</th>`,
  )
  return html`<h3>Scope ${first!.scope} v${first!.scopeVersion}, share of ${isAllTimeKnown ? 'cumulative' : '30-day'} downloads</h3>
<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Region</th>${heads}<th scope="col">Gap in points</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

/** Shares by month of creation, and how far every other choice moves them. */
export function monthlyShares(answer: ShareAnswer): Html {
  const { basis, choice, scope, scopeVersion } = answer
  return html`<h3>By month of creation: ${choiceTitle(choice)} · scope ${scope} v${scopeVersion}</h3>
<p class="definition">${shareDefinition(choice, basis.asOf)} ${basisLine(basis)}.</p>
${monthTable(answer)}
<h3>How far every other choice moves it</h3>
<p class="definition">One choice at a time, with the difference in percentage points from the first row: ${choiceTitle(choice)}, ${createdWords(choice.months)}.</p>
${alternativesTable(answer)}
${ranges(answer)}`
}

function monthTable(answer: ShareAnswer): Html {
  const { months, shown, together, known } = answer
  const used = usedLines(answer)
  const cells = (sum: ShareSum) => {
    const found = new Map(sum.lines.map(({ line, share }) => [line, share]))
    return html`${used.map(({ line }) => html`<td>${formatShare(found.get(line) ?? null)}</td>`)}<td>${formatPart(sum.counted)}</td><td>${formatCount(sum.considered)}</td><td>${formatCount(sum.counterUnknown)}</td><td>${formatCount(sum.publishers)}</td>`
  }
  const earlier =
    hasEarlierMonths(answer) &&
    known !== null &&
    ` Earlier months are not shown: hub-census shares --from ${known.from}.`
  const rows = months.map(
    sum => html`<tr><th scope="row">${sum.month}${!sum.isOver && ' (not over)'}</th>${cells(sum)}</tr>`,
  )
  return html`<div class="scroll" tabindex="0"><table class="months"><thead><tr><th scope="col">Created</th>${used.map(({ name }) => html`<th scope="col">${name}</th>`)}<th scope="col">counted</th><th scope="col">considered</th><th scope="col">unknown</th><th scope="col">uploaders</th></tr></thead>
<tbody>${rows}</tbody><tfoot><tr><th scope="row">months shown</th>${cells(shown)}</tr><tr><th scope="row">${allMonthsTitle(answer)}</th>${cells(together)}</tr></tfoot></table></div>
<p class="definition">Months shown: those above that are over. Unknown: derivatives whose counter is.${earlier} Distinct uploaders of single months do not add up.</p>`
}

function alternativesTable({ choice, together, lines, alternatives }: ShareAnswer): Html {
  const names = new Map(lines.map(({ line, name }) => [line, name]))
  const watched = (alternatives[0]?.shares ?? []).map(({ line }) => line)
  const known = new Map(together.lines.map(({ line, share }) => [line, share]))
  const rows = alternatives.map(
    other =>
      html`<tr><th scope="row">${alternativeTitle(other)}</th>${other.shares.map(({ share, points }) => html`<td>${formatShare(share)}</td><td>${formatPoints(points)}</td>`)}<td>${formatPart(other.counted)}</td></tr>`,
  )
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Choice</th>${watched.map(line => html`<th scope="col">${names.get(line) ?? line}</th><th scope="col">points</th>`)}<th scope="col">counted</th></tr></thead>
<tbody><tr><th scope="row">${choiceTitle(choice)}</th>${watched.map(line => html`<td>${formatShare(known.get(line) ?? null)}</td><td></td>`)}<td>${formatPart(together.counted)}</td></tr>${rows}</tbody></table></div>`
}

function ranges({ ranges: found, combinations, lines }: ShareAnswer): Html {
  const { enough, leastCounted } = combinations
  if (found.length === 0) {
    return html`<p>No combination of these choices counts ${leastCounted} repositories: no range can be told.</p>`
  }
  const names = new Map(lines.map(({ line, name }) => [line, name]))
  const end = ({ share, choice }: ShareRange['lowest']) =>
    `${formatShare(share)} (${choiceTitle(choice)}, ${createdWords(choice.months)})`
  const items = found.map(
    ({ line, lowest, highest }) =>
      html`<li><strong>${names.get(line) ?? line}</strong>: from ${end(lowest)} to ${end(highest)}</li>`,
  )
  return html`<p>Over all ${formatCount(enough)} combinations of these choices that count ${leastCounted} repositories or more:</p><ul>${items}</ul>`
}
