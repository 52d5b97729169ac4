import { DETECTED_KINDS, type EventKind, type Evidence, type ListedEvent } from '../domain/counter-event.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { formatCount, formatShare } from './format.ts'

/** What each kind of event is called in a sentence. */
export const KIND_WORDS: Readonly<Record<EventKind, string>> = {
  rename: 'renamed',
  'task-change': 'task changed',
  removal: 'gone from the Hub',
  return: 'back on the Hub',
  drop: 'all-time counter fell',
  'field-refused': 'field refused',
  'card-text': 'cards read',
  'derivative-drift': 'derivatives drifted',
  'day-held': 'day held',
  'day-accepted': 'day accepted',
  'day-rejected': 'day rejected',
  'transient-drop': 'transient drop',
  'pending-drop': 'drop, not settled',
  restatement: 'restatement',
  frozen: 'counters frozen',
  'hub-incident': 'Hub incident',
  spike: 'spike',
  'stale-window': 'stale 30-day counter',
  'first-move': 'first move',
  're-creation': 'name taken over',
  'ci-suspect': 'looks like automatic tests',
}

const DETECTED: ReadonlySet<EventKind> = new Set(DETECTED_KINDS)

/** Whose counters an event is about. Text from outside: the writer makes it harmless. */
export function whoseWords({ repoId, hubId, handle }: ListedEvent): string {
  if (repoId !== null) return repoId
  if (hubId !== null) return hubId
  return handle === null ? 'the whole Hub' : `all of ${handle}`
}

/** From when until when: one day, two, or that it lasts. What a sweep noted has no length; a suspicion is of the newest day. */
export function spanWords({ kind, day, until }: Pick<ListedEvent, 'kind' | 'day' | 'until'>): string {
  if (kind === 'ci-suspect') return `as of ${day}`
  if (until === null) return DETECTED.has(kind) ? `since ${day}` : day
  return until === day ? day : `${day} to ${until}`
}

/** The evidence of an event as a sentence without its end; empty where it has none. Text from outside is in it as it is. */
export function eventWords({ kind, detail }: Pick<ListedEvent, 'kind' | 'detail'>): string {
  return SENTENCES[kind]?.(detail) ?? pairs(detail)
}

type Value = Evidence[string] | undefined

/** How each kind is told; null where the evidence is not what was expected: then name by name, so that nothing is hidden. */
const SENTENCES: Readonly<Partial<Record<EventKind, (detail: Evidence) => string | null>>> = {
  rename: ({ from, to }) => (from && to ? `from ${from} to ${to}` : null),
  'task-change': ({ from, to }) => `from ${from ?? 'no task'} to ${to ?? 'no task'}`,
  removal: ({ downloadsAllTime }) =>
    typeof downloadsAllTime === 'number' ? `with ${formatCount(downloadsAllTime)} all-time downloads` : '',
  return: ({ goneOn }) => (typeof goneOn === 'number' ? `gone since ${dayFromNumber(goneOn)}` : null),
  drop: ({ from, to }) => fell(from, to),
  'field-refused': ({ field }) => (field ? `the Hub refused ${field}` : null),
  'card-text': () => 'from here on sweeps also read the text of the cards',
  'day-held': ({ reasons, comparedWith }) =>
    reasons ? `${reasons}${comparedWith ? `; compared with ${comparedWith}` : ''}` : null,
  'day-accepted': decisionWords,
  'day-rejected': decisionWords,
  'transient-drop': ({ from, to, backOn, backAt }) =>
    joined([fell(from, to), backWords(from, backOn, backAt)], ' and '),
  'pending-drop': ({ from, to, decidedAfter }) =>
    joined([fell(from, to), decidedAfter ? `not back yet, decided after ${decidedAfter}` : null], '; '),
  restatement: ({ from, to, ratio, lastKnownOn, daysObserved }) =>
    joined(
      [
        fell(from, to),
        typeof ratio === 'number'
          ? `${(ratio * 100).toFixed(1)} % of what was known on ${lastKnownOn}`
          : null,
        daysObserved === 0 ? 'no day of the two weeks after it was observed' : null,
      ],
      ', ',
    ),
  frozen: frozenWords,
  'hub-incident': hubIncidentWords,
  'ci-suspect': suspectWords,
  spike: spikeWords,
  'stale-window': ({ downloads30d, downloadsAllTime, sameOn }) =>
    numbers([downloads30d, downloadsAllTime])
      ? `30-day counter claims ${count(downloads30d)} downloads, while all-time stands at ${count(downloadsAllTime)} since ${sameOn}`
      : null,
  'first-move': ({ downloadsAllTime, daysAtZero, ageDays }) =>
    numbers([downloadsAllTime, daysAtZero, ageDays])
      ? `all-time went from 0 to ${count(downloadsAllTime)} at the age of ${days(ageDays)}, seen at 0 on ${days(daysAtZero)}`
      : null,
  're-creation': ({ name, otherHubId }) =>
    name
      ? `took the name ${name}, which another repository${otherHubId ? ` (_id ${otherHubId})` : ''} had: a series of its own`
      : null,
}

/** Of the whole Hub, of a publisher, or of a repository: each has evidence of its own. */
function frozenWords(detail: Evidence): string | null {
  const { days: still, usualDaily, missed, catchUpOn, catchUp } = detail
  if (numbers([still, detail.share, detail.panel])) return hubFreezeWords(detail)
  if (numbers([detail.repos, detail.still, missed])) {
    return `${count(detail.still)} of the ${count(detail.repos)} repositories that usually move stood still, about ${count(missed)} downloads missed`
  }
  if (!numbers([still, missed])) return null
  const usual = typeof usualDaily === 'number' ? ` at its usual ${count(usualDaily)} a day` : ''
  const caughtUp = typeof catchUp === 'number' ? `; ${count(catchUp)} came together by ${catchUpOn}` : ''
  return `no download counted on ${days(still)}, about ${count(missed)} missed${usual}${caughtUp}`
}

function hubFreezeWords({ days: still, share, panel, catchUpOn, catchUpRatio }: Evidence): string {
  const caughtUp =
    catchUpOn && typeof catchUpRatio === 'number'
      ? `; on ${catchUpOn} their 30-day counters stood at ${catchUpRatio.toFixed(3)} of the day before (median)`
      : ''
  const most = `of the ${count(panel)} most downloaded repositories`
  return share === 1
    ? `none ${most} moved on ${days(still)}${caughtUp}`
    : `${formatShare(Number(share))} or more ${most} did not move on ${days(still)}${caughtUp}`
}

function hubIncidentWords({ status, ratio, spanDays, level, backOn, panel }: Evidence): string | null {
  if (!numbers([ratio, panel])) return null
  const since = spanDays === 1 || typeof spanDays !== 'number' ? 'the day before' : `${days(spanDays)} before`
  const furthest =
    typeof level === 'number' && level !== ratio ? `, at its furthest at ${level.toFixed(3)}` : ''
  const end = backOn ? `back on ${backOn}` : status === 'open' ? 'not back yet' : 'it stayed there'
  return `the 30-day counters of the ${count(panel)} most downloaded repositories stood at ${Number(ratio).toFixed(3)} of ${since} (median)${furthest}; ${end}`
}

function suspectWords({ rule, perLike, percentile, sizeClass }: Evidence): string | null {
  if (rule === 'name') return 'a name on the list of tests'
  if (!numbers([perLike, percentile])) return null
  return `${count(perLike)} downloads in 30 days for each like, more than ${formatShare(Number(percentile))} of the size class ${sizeClass}`
}

function decisionWords({ why, by, reasons }: Evidence): string | null {
  if (!why) return null
  return `${why}${by ? `, by ${by}` : ''}${reasons ? ` (held because ${reasons})` : ''}`
}

function spikeWords(detail: Evidence): string | null {
  const { by, status, usualDaily, peakDaily, excess } = detail
  if (!numbers([peakDaily, usualDaily])) return null
  const parts = [`up to ${count(peakDaily)} downloads a day at a usual ${count(usualDaily)}`]
  if (typeof excess === 'number') parts.push(`${count(excess)} more than usual together`)
  if (by === 'window' && numbers([detail.downloads30dBefore, detail.downloads30d])) {
    const likes = numbers([detail.likesBefore, detail.likes])
      ? ` while likes went from ${count(detail.likesBefore)} to ${count(detail.likes)}`
      : ''
    parts.push(
      `30-day counter from ${count(detail.downloads30dBefore)} to ${count(detail.downloads30d)}${likes}`,
    )
  }
  if (status === 'sustained') parts.push('it stayed, and is no burst')
  return parts.join('; ')
}

function fell(from: Value, to: Value): string | null {
  return numbers([from, to]) ? `all-time fell from ${count(from)} to ${count(to)}` : null
}

/** That a counter came back: to its old level, or, where it did not reach it, to what. */
function backWords(from: Value, backOn: Value, backAt: Value): string | null {
  if (!backOn) return null
  const isWhole = !numbers([from, backAt]) || Number(backAt) >= Number(from)
  return isWhole ? `was back on ${backOn}` : `was back at ${count(backAt)} on ${backOn}`
}

function joined(parts: readonly (string | null)[], between: string): string | null {
  const told = parts.filter(part => part !== null)
  return parts[0] === null ? null : told.join(between)
}

function numbers(values: readonly Value[]): boolean {
  return values.every(value => typeof value === 'number')
}

function count(value: Value): string {
  return formatCount(Number(value))
}

/** `1 day`, `12 days`. */
function days(value: Value): string {
  return `${count(value)} ${value === 1 ? 'day' : 'days'}`
}

/** Evidence name by name: `window days 14, share fell 0.4`. */
function pairs(detail: Evidence): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${spaced(name)} ${typeof value === 'number' ? plainNumber(value) : value}`)
    .join(', ')
}

/** `downloadsAllTime` as `downloads all time`. */
function spaced(name: string): string {
  return name.replace(/([a-z0-9])(?=[A-Z])/g, '$1 ').toLowerCase()
}

function plainNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)))
}
