import { completenessCalendar, dayStates } from '../../src/derive/completeness-calendar.ts'
import type { ListedEvent } from '../../src/domain/counter-event.ts'
import type { DayQuality } from '../../src/domain/day-quality.ts'
import type { EventChoice, EventsAnswer, FileBasis } from '../../src/domain/event-answer.ts'
import { DAY_STATES, type QualityAnswer } from '../../src/domain/quality-answer.ts'
import type { SweepState } from '../../src/domain/sweep.ts'
import { addDays } from '../../src/domain/utc-day.ts'
import { day } from '../derive/small-registry.ts'
import { AS_OF, SWEEP } from './samples.ts'

export const fileBasis = (parts: Partial<FileBasis> = {}): FileBasis => ({
  asOf: AS_OF,
  notice: null,
  source: 'https://hub.example',
  registryRevision: '0123456789ab',
  definitionVersion: 2,
  ...parts,
})

export const event = (parts: Partial<ListedEvent> = {}): ListedEvent => ({
  kind: 'drop',
  day: day('2025-05-20'),
  until: null,
  hubId: '0'.repeat(24),
  repoId: 'ibm-granite/granite-3.3-2b-instruct',
  handle: 'ibm-granite',
  detail: { from: 68_799, to: 35_850 },
  ...parts,
})

/** An event of the whole Hub. */
export const hubEvent = (parts: Partial<ListedEvent> = {}): ListedEvent =>
  event({ kind: 'hub-incident', hubId: null, repoId: null, handle: null, detail: {}, ...parts })

const OPEN_CHOICE: EventChoice = { repo: null, handle: null, from: null, until: null, kind: null }

export function eventsAnswer(parts: Partial<EventsAnswer> = {}): EventsAnswer {
  const events = parts.events ?? [event()]
  return {
    ...{ basis: fileBasis(), total: events.length, notShown: 0, events },
    ...parts,
    choice: { ...OPEN_CHOICE, ...parts.choice },
  }
}

export const dayQuality = (parts: Partial<DayQuality> = {}): DayQuality => ({
  ...{ day: AS_OF, daysSince: 1, compared: 1000, unchanged: 230, fell: 12, fellDownloads: 34_567 },
  ...{ panel: 400, panelRatio: 1.0021, panelUnchanged: 0.035 },
  ...{
    reconciled: 800,
    within2Percent: 752,
    medianRatio: 0.9987,
    grownDownloads: 990,
    windowDownloads: 1000,
  },
  ...parts,
})

/** Two months: complete but for a partial, a held, a rejected day and a gap; the second ends early. */
export const CALENDAR = (() => {
  const odd = new Map<string, SweepState>([
    ['2026-05-03', 'partial'],
    ['2026-05-10', 'held'],
    ['2026-05-17', 'rejected'],
  ])
  const sweeps = Array.from({ length: 62 }, (_, index) => addDays(day('2026-04-01'), index))
    .filter(found => found !== '2026-05-21')
    .map(found => ({ day: found, state: odd.get(found) ?? ('complete' as const) }))
  return completenessCalendar(dayStates(sweeps), { from: day('2026-04-01'), until: AS_OF })
})()

export function qualityAnswer(parts: Partial<QualityAnswer> = {}): QualityAnswer {
  const states = CALENDAR.flatMap(({ days }) => days)
  const held = hubEvent({ kind: 'day-held', day: day('2026-05-10'), detail: { shareFell: 0.4 } })
  return {
    basis: fileBasis(),
    span: { from: day('2026-04-01'), until: AS_OF },
    calendar: CALENDAR,
    dayCounts: DAY_STATES.map(state => ({
      state,
      days: states.filter(found => found === state).length,
    })).filter(({ state, days }) => days > 0 && state !== 'none'),
    coverage: [
      {
        ...{ scope: 'llm', scopeVersion: 2 },
        coverage: { attributed: 0.995, unreviewed: 0.005, basis: 'downloadsAllTime' },
        coverage30d: { attributed: 0.875, unreviewed: 0.125, basis: 'downloads30d' },
      },
    ],
    lastSweep: { ...SWEEP, duplicateCount: 7, absentCount: 21 },
    newest: dayQuality(),
    days: [dayQuality({ day: addDays(AS_OF, -1), within2Percent: 400 }), dayQuality()],
    refreshes: [
      {
        ...{ day: AS_OF, state: 'complete', effectiveDay: AS_OF, effectiveBy: 'found' },
        ...{ startedAt: Date.parse('2026-06-01T12:17:00Z'), finishedAt: Date.parse('2026-06-01T13:24:00Z') },
      },
    ],
    incidents: {
      since: addDays(AS_OF, -14),
      counts: [
        { kind: 'hub-incident', hub: 1, publishers: 0, repos: 0 },
        { kind: 'spike', hub: 0, publishers: 0, repos: 3 },
      ],
      events: [
        hubEvent({ day: day('2026-05-28'), until: day('2026-05-29'), detail: { panelRatio: 0.905 } }),
        event({ kind: 'spike', day: day('2026-05-25'), until: day('2026-05-30') }),
      ],
      notShown: 2,
    },
    heldDays: [{ day: day('2026-05-10'), event: held }],
    decisions: [
      hubEvent({ kind: 'day-rejected', day: day('2026-05-17'), detail: { why: 'half of the catalogue' } }),
    ],
    ...parts,
  }
}
