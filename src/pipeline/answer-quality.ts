import { completenessCalendar, dayStates, monthsBefore } from '../derive/completeness-calendar.ts'
import type { DetectedKind } from '../domain/counter-event.ts'
import {
  DAY_STATES,
  type OpenIncidents,
  type QualityAnswer,
  type ScopeCoverage,
} from '../domain/quality-answer.ts'
import type { Sweep } from '../domain/sweep.ts'
import { addDays, type UtcDay } from '../domain/utc-day.ts'
import { listTotalDays } from '../store/daily-totals.ts'
import { listDayQualities } from '../store/day-qualities.ts'
import { listEvents } from '../store/list-events.ts'
import { countOpenIncidents, listOpenIncidents } from '../store/list-incidents.ts'
import { listSweeps } from '../store/sweep-ledger.ts'
import { type AnswerEffects, chooseScopes, readRegionTable } from './answer-basis.ts'
import { checkSpan } from './answer-events.ts'
import { fileBasis } from './file-basis.ts'

export interface QualityQuery {
  /** The days told about, both included; the year before the newest sweep when absent. */
  from?: UtcDay
  until?: UtcDay
}

/** Detected kinds that put counters in doubt; the others tell what a repository is. */
const INCIDENTS: readonly DetectedKind[] = [
  ...(['hub-incident', 'frozen', 'transient-drop', 'pending-drop', 'restatement', 'spike'] as const),
  'stale-window',
]
const RECENT_DAYS = 14
const MONTHS_SHOWN = 12
const DAYS_SHOWN = 30
const SWEEPS_SHOWN = 7
const INCIDENTS_SHOWN = 20
const DECISIONS_SHOWN = 10

/**
 * How far the file can be trusted: which days are complete, how much is attributed, what the last sweep left out, how the
 * counters moved, which incidents are open. Throws a CensusError (usage) for a span that ends before it begins.
 */
export function answerQuality({ from, until }: QualityQuery, effects: AnswerEffects): QualityAnswer {
  checkSpan(from ?? null, until ?? null)
  // One state of the file: a sweep may commit between two of the questions.
  return effects.store.sqlite.transaction(() => {
    const sweeps = listSweeps(effects.store)
    const span = spanOf(sweeps, from, until)
    const basis = fileBasis(effects)
    if (span === null) return { basis, ...NOTHING }
    const { store } = effects
    const isWithin = ({ day }: { day: UtcDay }) => day >= span.from && day <= span.until
    const within = sweeps.filter(isWithin)
    const states = dayStates(sweeps)
    const calendar = completenessCalendar(states, span)
    const known = calendar.flatMap(({ days }) => days)
    const qualities = listDayQualities(store).filter(isWithin)
    const held = new Map(listEvents(store, { ...span, kinds: ['day-held'] }).map(event => [event.day, event]))
    return {
      basis,
      span,
      calendar,
      dayCounts: DAY_STATES.map(state => ({
        state,
        days: known.filter(found => found === state).length,
      })).filter(({ state, days }) => days > 0 && state !== 'none'),
      coverage: readCoverage(span.until, effects),
      lastSweep: within.findLast(({ state }) => state !== 'running') ?? null,
      newest: qualities.at(-1) ?? null,
      days: qualities.slice(-DAYS_SHOWN),
      refreshes: within
        .filter(({ state }) => state !== 'running')
        .slice(-SWEEPS_SHOWN)
        .map(({ day, state, startedAt, finishedAt, effectiveDay, effectiveBy }) => ({
          ...{ day, state, startedAt, finishedAt, effectiveDay, effectiveBy },
        })),
      incidents: readIncidents(span.until, effects),
      heldDays: [...states]
        .filter(([day, state]) => state === 'held' && isWithin({ day }))
        .map(([day]) => ({ day, event: held.get(day) ?? null })),
      decisions: listEvents(store, {
        ...{ ...span, kinds: ['day-accepted', 'day-rejected'], limit: DECISIONS_SHOWN },
      }),
    }
  })()
}

const NOTHING: Omit<QualityAnswer, 'basis'> = {
  ...{ span: null, calendar: [], dayCounts: [], coverage: [], lastSweep: null, newest: null },
  ...{ days: [], refreshes: [], incidents: null, heldDays: [], decisions: [] },
}

/** The days told about, within those from the first sweep to the last; null where there is none. */
function spanOf(sweeps: readonly Sweep[], from: UtcDay | undefined, until: UtcDay | undefined) {
  const [first, last] = [sweeps[0]?.day, sweeps.at(-1)?.day]
  if (first === undefined || last === undefined) return null
  const end = until === undefined || until > last ? last : until
  const start = from ?? monthsBefore(end, MONTHS_SHOWN)
  const span = { from: start < first ? first : start, until: end }
  return span.from > span.until ? null : span
}

function readCoverage(until: UtcDay, effects: AnswerEffects): ScopeCoverage[] {
  const day = listTotalDays(effects.store).findLast(found => found <= until)
  if (day === undefined) return []
  return chooseScopes(effects.registry, undefined).map(({ key, version }) => ({
    scope: key,
    scopeVersion: version,
    coverage: readRegionTable(day, key, 'publisher', effects).coverage,
    coverage30d: readRegionTable(day, key, 'publisher', effects, 'downloads30d').coverage,
  }))
}

function readIncidents(until: UtcDay, { store }: AnswerEffects): OpenIncidents {
  const since = addDays(until, -RECENT_DAYS)
  const query = { kinds: INCIDENTS, since, until }
  const counts = countOpenIncidents(store, query)
  const events = listOpenIncidents(store, { ...query, limit: INCIDENTS_SHOWN })
  const all = counts.reduce((sum, { hub, publishers, repos }) => sum + hub + publishers + repos, 0)
  return { since, counts, events, notShown: all - events.length }
}
