import { dayStates } from '../derive/completeness-calendar.ts'
import { type CorrectionMark, correctionMarks } from '../derive/correction-marks.ts'
import { type GapMark, gapMarks } from '../derive/gap-marks.ts'
import type { ChartAnnotation } from '../domain/chart.ts'
import { type CleanCounter, KEPT_RULES } from '../domain/clean.ts'
import type { TotalAttribution, TotalAxis } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { readCorrectionSeries } from '../store/daily-corrections.ts'
import { countEvents, listEvents } from '../store/list-events.ts'
import { listOpenIncidents } from '../store/list-incidents.ts'
import { listSweeps } from '../store/sweep-ledger.ts'
import type { AnswerEffects } from './answer-basis.ts'

/** A series of a chart by what it adds up. */
export interface AnnotatedSeries {
  scope: string
  attribution: TotalAttribution
  axis: TotalAxis
  key: string
  /** Its largest value. */
  largest: number
}

export interface AnnotatedChart {
  /** The days drawn, ascending. */
  days: readonly UtcDay[]
  counter: CleanCounter
  series: readonly AnnotatedSeries[]
}

/** Of the largest value of a series: what a rule corrects is marked from here on. Smaller is within the width of a line. */
const LEAST_SHARE = 0.01
/** More than a chart can show; incidents of the whole Hub are few. */
const MOST_INCIDENTS = 100

/** What a mark of each rule is called: of one repository, and of several. */
const RULE_WORDS = {
  'transient-drop': {
    one: 'fell and came back',
    many: (repos: string) => `counters of ${repos} fell and came back`,
  },
  restatement: { one: 'restatement', many: (repos: string) => `restatements of ${repos}` },
  spike: { one: 'spike', many: (repos: string) => `spikes of ${repos}` },
} as const

/**
 * What has to be said of the days of a chart, by day: incidents of the whole Hub, stretches that are in no number, and drops,
 * restatements and spikes whose correction is at least a hundredth of the largest value of a series.
 */
export function chartAnnotations(
  chart: AnnotatedChart,
  { store }: Pick<AnswerEffects, 'store'>,
): ChartAnnotation[] {
  const [from, until] = [chart.days[0], chart.days.at(-1)]
  if (from === undefined || until === undefined) return []
  const incidents = listOpenIncidents(store, {
    ...{ kinds: ['hub-incident', 'frozen'], since: from, until, of: 'hub', limit: MOST_INCIDENTS },
  }).map(
    ({ kind, day, until: last }): ChartAnnotation =>
      kind === 'frozen'
        ? { kind: 'frozen', from: day, until: last, label: 'Hub counters frozen' }
        : { kind: 'hub-incident', from: day, until: last, label: 'Hub incident' },
  )
  const gaps = gapMarks(chart.days, dayStates(listSweeps(store))).map(
    (mark): ChartAnnotation => ({
      kind: mark.kind,
      from: mark.from,
      until: mark.until,
      label: gapLabel(mark),
    }),
  )
  const marks = joined(chart.series.flatMap(series => marksOf(series, chart, { store })))
  const corrected = marks.map(
    (mark): ChartAnnotation => ({
      // A drop is drawn as what it most resembles: counts of the past that changed.
      kind: mark.rule === 'spike' ? 'spike' : 'restatement',
      ...{ from: mark.from, until: mark.until, label: correctionLabel(mark, { store }) },
    }),
  )
  return [...incidents, ...gaps, ...corrected].sort((a, b) =>
    a.from < b.from ? -1 : a.from > b.from ? 1 : 0,
  )
}

function marksOf(
  { largest, ...series }: AnnotatedSeries,
  { days, counter }: AnnotatedChart,
  { store }: Pick<AnswerEffects, 'store'>,
): CorrectionMark[] {
  if (largest <= 0) return []
  const rows = readCorrectionSeries(store, series)
  if (rows.length === 0) return []
  return KEPT_RULES.flatMap(rule => {
    const known = new Map(rows.filter(row => row.rule === rule).map(row => [row.day, row]))
    if (known.size === 0) return []
    const points = days.map(day => {
      const row = known.get(day)
      return { day, correction: row?.[counter] ?? 0, repos: row?.repos ?? 0 }
    })
    return correctionMarks(rule, points, largest * LEAST_SHARE)
  })
}

/** Marks of one rule whose days overlap as one: the same event can be in several series. */
function joined(marks: readonly CorrectionMark[]): CorrectionMark[] {
  const found: CorrectionMark[] = []
  for (const mark of [...marks].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const at = found.findIndex(other => other.rule === mark.rule && mark.from <= other.until)
    if (at === -1) found.push(mark)
    else {
      const { until, repos, ...other } = found[at]!
      found[at] = { ...other, until: until > mark.until ? until : mark.until, repos: repos + mark.repos }
    }
  }
  return found
}

function gapLabel({ held, rejected, without }: GapMark): string {
  const parts: string[] = []
  if (held > 0) parts.push(dayWords(held, 'held'))
  if (rejected > 0) parts.push(dayWords(rejected, 'rejected'))
  if (without > 0) parts.push(dayWords(without, 'without a sweep'))
  return parts.join(', ')
}

function dayWords(days: number, state: string): string {
  return `${days} ${days === 1 ? 'day' : 'days'} ${state}`
}

/** The repository's name where there was one event of the kind in these days, else how many repositories are corrected. */
function correctionLabel(
  { rule, from, until, repos }: CorrectionMark,
  { store }: Pick<AnswerEffects, 'store'>,
): string {
  const query = { kinds: [rule], from, until, of: 'repo' } as const
  const words = RULE_WORDS[rule]
  const [event] = countEvents(store, query) === 1 ? listEvents(store, query) : []
  if (event?.repoId) return `${words.one}: ${event.repoId}`
  return repos > 1 ? words.many(`${repos} repositories`) : words.one
}
