import type { ListedEvent } from '../domain/counter-event.ts'
import type { DayQuality } from '../domain/day-quality.ts'
import type { DayState, QualityAnswer } from '../domain/quality-answer.ts'
import type { EffectiveBy, Sweep } from '../domain/sweep.ts'
import { addDays } from '../domain/utc-day.ts'
import { KIND_WORDS } from './event-words.ts'
import { formatCount, formatShare } from './format.ts'

/** A part of the quality page, in the order it is read: what it is, numbers in a table, events, sentences. */
export interface QualitySection {
  title: string
  /** What the numbers are. */
  about: string | null
  table: { header: readonly string[]; rows: readonly (readonly string[])[] } | null
  events: readonly ListedEvent[]
  lines: readonly string[]
}

/** The letter and the words of each state of a day: remarkable ones in capitals, so that the calendar can be read without colour. */
export const DAY_LETTERS: Readonly<Record<DayState, { letter: string; words: string }>> = {
  complete: { letter: 'c', words: 'complete' },
  partial: { letter: 'P', words: 'partial: stopped before the end' },
  held: { letter: 'H', words: 'held back: stored and in no number' },
  rejected: { letter: 'R', words: 'rejected: in no number' },
  running: { letter: 'U', words: 'under way' },
  gap: { letter: 'G', words: 'gap: no sweep' },
  none: { letter: '.', words: 'outside the span asked for, or no sweep yet' },
}

const EFFECTIVE_WORDS: Readonly<Record<EffectiveBy, string>> = {
  clock: 'by the hour of the sweep',
  found: 'found in the pages',
  across: 'came during the sweep',
}

/** How many days of the calendar are what, in words. */
export function dayCountWords({ dayCounts }: QualityAnswer): string {
  const all = dayCounts.reduce((sum, { days }) => sum + days, 0)
  const parts = dayCounts.map(
    ({ state, days }) => `${formatCount(days)} ${state === 'none' ? 'none' : state}`,
  )
  return `${formatCount(all)} ${all === 1 ? 'day' : 'days'}: ${parts.join(', ')}`
}

/** Everything of the page below the calendar. */
export function qualitySections(answer: QualityAnswer): QualitySection[] {
  return [
    coverageSection(answer),
    sweepSection(answer),
    comparisonSection(answer),
    residualSection(answer),
    refreshSection(answer),
    incidentSection(answer),
    heldSection(answer),
    decisionSection(answer),
  ]
}

const EMPTY = { about: null, table: null, events: [], lines: [] } as const

function coverageSection({ coverage }: QualityAnswer): QualitySection {
  const title = 'Coverage by publisher'
  if (coverage.length === 0) return { ...EMPTY, title, lines: ['No day is published.'] }
  return {
    ...{ ...EMPTY, title },
    about:
      'Share of the downloads, by clean counters, that the other rules of a scope admit: whose publisher has an answer, and whose waits for review.',
    table: {
      header: [
        'scope',
        'attributed, all-time',
        'unreviewed, all-time',
        'attributed, 30 days',
        'unreviewed, 30 days',
      ],
      rows: coverage.map(({ scope, scopeVersion, coverage: lifetime, coverage30d }) => {
        const known =
          lifetime.basis === 'downloadsAllTime' ? lifetime : { attributed: null, unreviewed: null }
        return [
          `${scope} v${scopeVersion}`,
          ...[known.attributed, known.unreviewed, coverage30d.attributed, coverage30d.unreviewed].map(
            formatShare,
          ),
        ]
      }),
    },
  }
}

function sweepSection({ lastSweep: sweep }: QualityAnswer): QualitySection {
  const title = 'The last sweep'
  if (sweep === null) return { ...EMPTY, title, lines: ['No sweep has ended.'] }
  const lines = [
    `${sweep.day}, ${sweep.state}: ${formatCount(sweep.rowCount)} rows on ${formatCount(sweep.pageCount)} ${sweep.pageCount === 1 ? 'page' : 'pages'} = stored ${formatCount(sweep.storedCount)} + unchanged ${formatCount(sweep.unchangedCount)} + quarantined ${formatCount(sweep.quarantinedCount)}.`,
    `Quarantined ${formatCount(sweep.quarantinedCount)}: could not be understood and are kept raw. Duplicate ${formatCount(sweep.duplicateCount)}: listed more than once, counted once. Absent ${formatCount(sweep.absentCount)}: known before and not listed. Born during the sweep ${formatCount(sweep.laterCount)}: the next one takes them.`,
  ]
  if (sweep.refusedFields.length > 0) {
    lines.push(`The Hub refused ${sweep.refusedFields.join(', ')}: what was known of it before is kept.`)
  }
  return { ...EMPTY, title, lines }
}

function comparisonSection({ newest }: QualityAnswer): QualitySection {
  const title = 'Against the complete day before'
  if (newest === null) return { ...EMPTY, title, lines: ['No day has been compared.'] }
  if (newest.daysSince === null) {
    return { ...EMPTY, title, lines: [`${newest.day} is the first complete day: nothing comes before it.`] }
  }
  return { ...EMPTY, title, lines: comparisonLines(newest) }
}

/** How a day compares with the complete day before it, in sentences. */
export function comparisonLines(quality: DayQuality): string[] {
  const { day, daysSince, compared, unchanged, fell, fellDownloads, panel, panelRatio, panelUnchanged } =
    quality
  if (daysSince === null) return []
  const part = (count: number) => formatShare(compared === 0 ? null : count / compared)
  const since = `${addDays(day, -daysSince)}${daysSince === 1 ? '' : `, ${daysSince} days before`}`
  const lines = [
    `${day} against ${since}: of ${formatCount(compared)} repositories listed and seen before ${part(unchanged)} are unchanged in both download counters; the all-time counter of ${formatCount(fell)} (${part(fell)}) fell, by ${formatCount(fellDownloads)} downloads together.`,
  ]
  lines.push(
    panelRatio === null
      ? `Panel: only ${formatCount(panel)} repositories have enough downloads, too few for a ratio.`
      : `Panel: the 30-day counters of the ${formatCount(panel)} most downloaded repositories stand at ${panelRatio.toFixed(3)} of that day (median); ${formatShare(panelUnchanged)} of them did not move.`,
  )
  return lines
}

function residualSection({ days }: QualityAnswer): QualitySection {
  const title = 'Day by day: the two counters against each other'
  if (days.length === 0) return { ...EMPTY, title, lines: ['No complete day.'] }
  return {
    ...{ ...EMPTY, title },
    about:
      'For every repository with at least 100 downloads in 30 days and a known all-time counter of 30 days before: the growth of that counter has to be the 30-day counter. Within 2 %: share of them that agree. Median: of the growth over the 30-day counter. Panel: median of the 30-day counters over those of the complete day before.',
    table: {
      header: ['day', 'compared', 'within 2 %', 'median', 'panel', 'unchanged', 'fell'],
      rows: days.map(quality => [
        quality.day,
        formatCount(quality.reconciled),
        formatShare(residualShare(quality)),
        quality.medianRatio === null ? '–' : quality.medianRatio.toFixed(3),
        quality.panelRatio === null ? '–' : quality.panelRatio.toFixed(3),
        formatShare(quality.compared === 0 ? null : quality.unchanged / quality.compared),
        formatCount(quality.fell),
      ]),
    },
  }
}

/** Share of the repositories whose two counters agree within 2 % (method.md M20); null over none. */
export function residualShare({ reconciled, within2Percent }: DayQuality): number | null {
  return reconciled === 0 ? null : within2Percent / reconciled
}

function refreshSection({ refreshes }: QualityAnswer): QualitySection {
  const title = 'Which 30-day counters were seen'
  if (refreshes.length === 0) return { ...EMPTY, title, lines: ['No sweep has ended.'] }
  return {
    ...{ ...EMPTY, title },
    about:
      'The Hub refreshes its 30-day counters once a day between 07 and 12 UTC. Observed: first to last page. Effective day: the day of the refresh that the sweep saw.',
    table: {
      header: ['sweep', 'state', 'observed (UTC)', 'effective day', 'how known'],
      rows: refreshes.map(({ day, state, startedAt, finishedAt, effectiveDay, effectiveBy }) => [
        ...[day, state, observedWords({ startedAt, finishedAt }), effectiveDay ?? '–'],
        effectiveBy === null ? '–' : EFFECTIVE_WORDS[effectiveBy],
      ]),
    },
  }
}

/** `2026-06-01 12:17 to 13:24`; with the second day where it is another one. */
function observedWords({ startedAt, finishedAt }: Pick<Sweep, 'startedAt' | 'finishedAt'>): string {
  const minute = (instant: number) => new Date(instant).toISOString().slice(0, 16).replace('T', ' ')
  const from = minute(startedAt)
  if (finishedAt === null) return `${from} to –`
  const until = minute(finishedAt)
  return `${from} to ${until.slice(0, 10) === from.slice(0, 10) ? until.slice(11) : until}`
}

function incidentSection({ incidents }: QualityAnswer): QualitySection {
  const title = 'Open and recent incidents'
  if (incidents === null) return { ...EMPTY, title, lines: ['No day is complete.'] }
  const { since, counts, events, notShown } = incidents
  const about = `Incidents of the counters that last, or ended on ${since} or later; of the whole Hub first, then of publishers, then of the most downloaded repositories.`
  if (counts.length === 0) return { ...EMPTY, title, about, lines: ['None.'] }
  return {
    ...{ title, about, events },
    table: {
      header: ['kind', 'of the Hub', 'of publishers', 'of repositories'],
      rows: counts.map(({ kind, hub, publishers, repos }) => [
        KIND_WORDS[kind],
        ...[hub, publishers, repos].map(formatCount),
      ]),
    },
    lines:
      notShown > 0
        ? [`${formatCount(notShown)} more: hub-census events lists all of them, by the day they began.`]
        : [],
  }
}

function heldSection({ heldDays }: QualityAnswer): QualitySection {
  const title = 'Held days'
  const about =
    'Stored and held back from every number until somebody decides: hub-census day accept or day reject.'
  if (heldDays.length === 0) return { ...EMPTY, title, lines: ['None.'] }
  return {
    ...{ ...EMPTY, title, about },
    events: heldDays.flatMap(({ event }) => (event === null ? [] : [event])),
    lines: heldDays.flatMap(({ day, event }) => (event === null ? [`${day}: no reason is noted.`] : [])),
  }
}

function decisionSection({ decisions }: QualityAnswer): QualitySection {
  const title = 'Decisions on days'
  if (decisions.length === 0) return { ...EMPTY, title, lines: ['None.'] }
  return { ...EMPTY, title, events: decisions }
}
