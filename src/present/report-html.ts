import type { SeriesChart } from '../domain/chart.ts'
import type { CrossoverAnswer, Headline, ScopeHeadline } from '../domain/headline.ts'
import type { MetricDefinition } from '../domain/metric.ts'
import type { QualityAnswer } from '../domain/quality-answer.ts'
import type { ShareAnswer } from '../domain/share-answer.ts'
import { addDays } from '../domain/utc-day.ts'
import { annotationWords, touches } from './annotation-words.ts'
import { correctionLines } from './counter-words.ts'
import {
  basisLine,
  coverageWords,
  crossoverSentence,
  crossoverSubject,
  rawCrossoverSentence,
  sourceWords,
} from './crossover-text.ts'
import { type FamiliesContent, familiesSection } from './families-html.ts'
import { formatCount, formatRepos, formatShare, formatUnknown } from './format.ts'
import { type LineNamer, sweepCaveats } from './headline-text.ts'
import { heldDaysLines } from './held-days-text.ts'
import { type Html, html, trustedMarkup } from './html.ts'
import { noticeHtml, pageHtml } from './page-html.ts'
import { chartSentence } from './render-chart.ts'
import { ATTRIBUTION_WORDS, shareTitle } from './share-title.ts'
import { attributionGaps, monthlyShares } from './shares-html.ts'
import { trustSection } from './trust-section.ts'

export interface ReportContent {
  headline: Headline
  /** Shares by month of creation, the headline's choices. */
  shares: ShareAnswer
  families: FamiliesContent
  /** How far the counters can be trusted. */
  quality: QualityAnswer
  chart: SeriesChart
  /** The chart rendered as SVG; null when no series has a known value. */
  chartSvg: string | null
  definitions: readonly MetricDefinition[]
  nameLine: LineNamer
}

/** One self-contained page: no script, no request to anywhere, every number beside its definition. */
export function reportHtml(content: ReportContent): string {
  const { headline, chart } = content
  const { basis, sweep } = headline
  return pageHtml(
    `Census of open models, ${basis.asOf}`,
    html`<header>
<h1>Census of open models on the Hugging Face Hub</h1>
<p class="basis">${basisLine(basis)} · ${formatCount(sweep.rowCount - sweep.duplicateCount)} repositories, source: ${sourceWords(basis)}</p>
${noticeHtml(basis.notice)}
${heldDaysLines(headline).map(line => html`<p class="notice">${line}</p>`)}
</header>
<main>
<section aria-labelledby="crossover">
<h2 id="crossover">When did China pass the United States in cumulative downloads?</h2>
${answers(headline)}
<figure>
${content.chartSvg === null ? html`<p>No lifetime counter is known, so there is nothing to draw.</p>` : trustedMarkup(content.chartSvg)}
<figcaption>${chartSentence(chart)} ${chart.definition}. ${basisLine(basis)}.</figcaption>
</figure>
<details><summary>The chart as a table (first day of each month)</summary>${monthlyTable(chart)}</details>
</section>
<section aria-labelledby="regions">
<h2 id="regions">Downloads by region</h2>
${headline.scopes.map(scopeSection)}
</section>
<section aria-labelledby="gaps">
<h2 id="gaps">How much the answer depends on whose a model is</h2>
${attributionGaps(headline.scopes)}
</section>
<section aria-labelledby="shares">
<h2 id="shares">Share of fine-tunes by region of their bases</h2>
${sharesTable(content)}
${monthlyShares(content.shares)}
</section>
<section aria-labelledby="families">
<h2 id="families">Families: own and descending downloads</h2>
${familiesSection(content.families)}
</section>
<section aria-labelledby="trust">
<h2 id="trust">How far the counters can be trusted</h2>
${trustSection(content.quality)}
</section>
<section aria-labelledby="definitions">
<h2 id="definitions">Definitions</h2>
<dl>${content.definitions.map(
      metric => html`<dt>${metric.key} v${metric.version}</dt>
<dd><p>${metric.question}</p><p>${metric.formula}</p><p class="caveat">${metric.caveat} Source: ${metric.source}.</p></dd>`,
    )}</dl>
<p>Rows in ${formatCount(sweep.rowCount)} = stored ${formatCount(sweep.storedCount)} + unchanged ${formatCount(sweep.unchangedCount)} + quarantined ${formatCount(sweep.quarantinedCount)}, on ${sweep.pageCount} pages. ${sweepCaveats(headline).map(caveat => `${capital(caveat)}. `)}</p>
</section>
</main>`,
  )
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function answers(headline: Headline): Html {
  const items = headline.crossovers.map(
    answer =>
      html`<li><strong>${crossoverSentence(answer)}</strong><br><span class="definition">${crossoverSubject(answer)}; ${coverageWords(answer.coverage)}.</span>${rawAnswer(answer)}</li>`,
  )
  return html`<p>The answer depends on which models are counted and for whom; each line states both.</p><ul class="answers">${items}</ul>`
}

function rawAnswer(answer: CrossoverAnswer): Html | false {
  const raw = rawCrossoverSentence(answer)
  return raw !== null && html`<br><span class="definition">${raw}</span>`
}

function scopeSection(scope: ScopeHeadline): Html {
  const { table } = scope
  const by = ATTRIBUTION_WORDS[scope.attribution]
  const rows = table.lines.map(
    line =>
      html`<tr><th scope="row">${line.name}</th><td>${formatCount(line.downloadsAllTime)}</td><td>${formatShare(line.shareAllTime)}</td><td>${formatCount(line.downloads30d)}</td><td>${formatShare(line.share30d)}</td><td>${formatCount(line.repos)}</td></tr>`,
  )
  const labs = scope.topLabs.map(
    lab =>
      html`<li>${lab.name}: ${formatCount(lab.downloadsAllTime)} all-time, ${formatCount(lab.downloads30d)} in 30 days</li>`,
  )
  return html`<h3>Scope ${scope.scope} v${scope.scopeVersion}, by ${by}</h3>
<p class="definition">${scope.scopeDefinition}</p>
<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">Region</th><th scope="col">Cumulative</th><th scope="col">Share</th><th scope="col">30 days</th><th scope="col">Share</th><th scope="col">Repositories</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">All</th><td>${formatCount(table.downloadsAllTime)}</td><td></td><td>${formatCount(table.downloads30d)}</td><td></td><td>${formatCount(table.repos)}</td></tr></tfoot>
</table></div>
${corrections(scope)}<p class="definition">${coverageWords(table.coverage)}${leftOut(scope)}.${goneWords(scope)}${unknownWords(scope)}${scope.attribution !== 'publisher' && ' A repository with several bases splits its downloads; among repositories it counts once, under the last of them.'}</p>
${labs.length > 0 && html`<details><summary>Leading labs</summary><ol>${labs}</ol></details>`}`
}

/** What cleaning adds, and the raw figures beside it. */
function corrections({ table }: ScopeHeadline): Html | false {
  const lines = correctionLines(table)
  return lines.length > 0 && html`<ul class="definition">${lines.map(line => html`<li>${line}.</li>`)}</ul>`
}

function goneWords({ table }: ScopeHeadline): string {
  if (table.goneRepos === 0 || table.downloadsAllTime === null) return ''
  return ` ${formatRepos(table.goneRepos)} since gone ${table.goneRepos === 1 ? 'carries' : 'carry'} ${formatCount(table.goneDownloadsAllTime)} of the cumulative downloads.`
}

function unknownWords({ table }: ScopeHeadline): string {
  if (table.allTimeUnknownRepos === 0) return ''
  return ` ${formatUnknown(table.allTimeUnknownRepos)}.`
}

function leftOut({ table }: ScopeHeadline): string {
  if (table.leftOut.length === 0) return ''
  const parts = table.leftOut.map(
    line => `${line.name} ${formatCount(line.downloadsAllTime)} in ${formatRepos(line.repos)}`,
  )
  return `; left out only for their publisher: ${parts.join(', ')}`
}

function sharesTable({ headline, nameLine }: ReportContent): Html {
  const rows = headline.shares.map(share => {
    const lines = share.lines.map(
      ({ line, repos }, at) =>
        html`${at > 0 && ' · '}<span class="whole">${nameLine(line)} ${formatShare(repos / share.counted)}</span>`,
    )
    return html`<tr><th scope="row">${shareTitle(share)}, by ${ATTRIBUTION_WORDS[share.attribution]}</th><td>${share.counted === 0 ? '–' : lines}</td><td>${formatCount(share.counted)}</td><td>${formatCount(share.considered)}</td><td>${formatCount(share.publishers)}</td><td>${formatCount(share.counterUnknown)}</td></tr>`
  })
  const [first] = headline.shares
  const over = first
    ? `Scope ${first.scope} v${first.scopeVersion}, fine-tunes listed on ${headline.basis.asOf}, by raw counters.`
    : ''
  return html`<p class="definition">${over}</p><div class="scroll" tabindex="0"><table class="shares"><thead><tr><th scope="col">Counted</th><th scope="col">Shares</th><th scope="col">Fine-tunes counted</th><th scope="col">considered</th><th scope="col">publishers</th><th scope="col">counter unknown</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function monthlyTable(chart: SeriesChart): Html {
  const days = (chart.series[0]?.points ?? []).map(point => point.day)
  const firsts = days.filter((day, index) => index === 0 || day.slice(0, 7) !== days[index - 1]?.slice(0, 7))
  const values = chart.series.map(line => new Map(line.points.map(point => [point.day, point.value])))
  const marks = firsts.map((day, index) => {
    const before = firsts[index + 1] ?? addDays(days.at(-1)!, 1)
    return chart.annotations
      .filter(found => touches(found, { from: day, before }))
      .map(annotationWords)
      .join('; ')
  })
  const isMarked = marks.some(words => words !== '')
  const rows = firsts.map(
    (day, index) =>
      html`<tr><th scope="row">${day}</th>${values.map(known => html`<td>${formatCount(known.get(day) ?? null)}</td>`)}${isMarked && html`<td class="words">${marks[index]}</td>`}</tr>`,
  )
  return html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Day</th>${chart.series.map(line => html`<th scope="col">${line.name}</th>`)}${isMarked && html`<th scope="col">Marked until the next row</th>`}</tr></thead><tbody>${rows}</tbody></table></div>`
}
