import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EVENT_KINDS, type EventKind } from '../../src/domain/counter-event.ts'
import { dayNumber } from '../../src/domain/utc-day.ts'
import { countEvents, type EventsQuery, listEvents } from '../../src/store/list-events.ts'
import { indexNames } from '../../src/store/name-index.ts'
import type { Store } from '../../src/store/open-store.ts'
import { temporaryStore } from '../support/census.ts'
import { writeRepos } from '../support/lineage-census.ts'
import { readRaw } from './capturing.ts'
import { dayAfter } from './histories.ts'

interface Written {
  kind: EventKind
  day: number
  repoKey: number | null
  publisherKey: number | null
}

const NAMES = ['a/one', 'a/two', 'A/two', 'ab/one', "o'b/x", 'a/old']
const HANDLES = ['a', 'A', 'ab', "o'b"]

function filled(): Store {
  const store = temporaryStore()
  // Repository 2 was `a/old` before repository 6 took the name.
  writeRepos(
    store,
    NAMES.map((id, index) => (index === 1 ? { id, former: 'a/old' } : { id })),
  )
  indexNames(store)
  return store
}

const anyEvent: fc.Arbitrary<Written> = fc
  .record({
    kind: fc.constantFrom(...EVENT_KINDS),
    day: fc.nat(5),
    subject: fc.integer({ min: -HANDLES.length, max: NAMES.length }),
  })
  .map(({ kind, day, subject }) => ({
    kind,
    day,
    repoKey: subject > 0 ? subject : null,
    publisherKey: subject < 0 ? -subject : null,
  }))

const subjectsOf: Record<string, (event: Written) => boolean> = {
  'hubId 000000000000000000000002': ({ repoKey }) => repoKey === 2,
  'hubId ffffffffffffffffffffffff': () => false,
  'repoId a/one': ({ repoKey }) => repoKey === 1,
  'repoId a/old': ({ repoKey }) => repoKey === 2 || repoKey === 6,
  "repoId o'b/x": ({ repoKey }) => repoKey === 5,
  'handle a': ({ repoKey, publisherKey }) => [1, 2, 6].includes(repoKey ?? 0) || publisherKey === 1,
  'handle A': ({ repoKey, publisherKey }) => repoKey === 3 || publisherKey === 2,
  "handle o'b": ({ repoKey, publisherKey }) => repoKey === 5 || publisherKey === 4,
  'handle nobody': () => false,
  'of repo': ({ repoKey }) => repoKey !== null,
  'of publisher': ({ publisherKey }) => publisherKey !== null,
  'of hub': ({ repoKey, publisherKey }) => repoKey === null && publisherKey === null,
}

describe('the list of events', () => {
  test('holds those that fit and no other, in order of day, of many the newest', () => {
    const store = filled()
    const add = store.sqlite.prepare(
      'INSERT INTO event (kind, day, repo_key, publisher_key, until_on, detail) VALUES (?, ?, ?, ?, ?, ?)',
    )
    const seen = { listed: 0, cut: 0 }
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 30, size: 'max' }),
        fc.option(fc.constantFrom(...Object.keys(subjectsOf)), { freq: 2 }),
        fc.record({ from: fc.nat(6), until: fc.nat(6), limit: fc.nat(12) }, { requiredKeys: [] }),
        fc.option(fc.subarray([...EVENT_KINDS]), { freq: 1 }),
        (events, subject, { from, until, limit }, kinds) => {
          store.sqlite.exec('DELETE FROM event')
          for (const [at, { kind, day, repoKey, publisherKey }] of events.entries()) {
            const on = dayNumber(dayAfter(day))
            add.run(kind, on, repoKey, publisherKey, at % 3 === 0 ? null : on + at, JSON.stringify({ at }))
          }
          const [field, value] = subject === null ? [] : subject.split(/ (.*)/)
          const filter: EventsQuery = {
            ...(field === undefined ? {} : { [field]: value }),
            ...(from === undefined ? {} : { from: dayAfter(from) }),
            ...(until === undefined ? {} : { until: dayAfter(until) }),
            ...(kinds === null ? {} : { kinds }),
          }
          const fitting = events
            .map((event, at) => ({ ...event, at }))
            .filter(event => subject === null || subjectsOf[subject]!(event))
            .filter(({ day }) => (from === undefined || day >= from) && (until === undefined || day <= until))
            .filter(({ kind }) => kinds === null || kinds.includes(kind))
            .sort(
              (a, b) =>
                a.day - b.day ||
                (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0) ||
                (a.repoKey ?? 0) - (b.repoKey ?? 0) ||
                (a.publisherKey ?? 0) - (b.publisherKey ?? 0) ||
                a.at - b.at,
            )
          expect(countEvents(store, filter)).toBe(fitting.length)
          const shown = limit === undefined ? fitting : fitting.slice(Math.max(0, fitting.length - limit))
          const query = limit === undefined ? filter : { ...filter, limit }
          expect(listEvents(store, query)).toEqual(
            shown.map(({ kind, day, repoKey, publisherKey, at }) => ({
              kind,
              day: dayAfter(day),
              until: at % 3 === 0 ? null : dayAfter(day + at),
              hubId: repoKey === null ? null : repoKey.toString(16).padStart(24, '0'),
              repoId: repoKey === null ? null : NAMES[repoKey - 1],
              handle:
                repoKey !== null
                  ? NAMES[repoKey - 1]!.split('/')[0]
                  : publisherKey === null
                    ? null
                    : HANDLES[publisherKey - 1],
              detail: { at },
            })),
          )
          seen.listed += shown.length
          seen.cut += shown.length < fitting.length ? 1 : 0
        },
      ),
      { numRuns: 400 },
    )
    expect(seen.listed).toBeGreaterThan(50)
    expect(seen.cut).toBeGreaterThan(5)
  })

  test('of one repository, of a name and of a handle is read by an index, not through every event', () => {
    const store = filled()
    const statements: string[] = []
    const { prepare } = store.sqlite
    const spying = Object.create(store.sqlite) as typeof store.sqlite
    spying.prepare = ((text: string) => {
      statements.push(text)
      return prepare.call(store.sqlite, text)
    }) as typeof prepare
    for (const query of [{ hubId: '0'.repeat(24) }, { repoId: 'a/one' }, { handle: 'a' }])
      listEvents({ ...store, sqlite: spying }, query)
    expect(statements).toHaveLength(3)
    for (const statement of statements) {
      const plan = readRaw(
        store,
        `EXPLAIN QUERY PLAN ${statement}`,
        ...Array(statement.split('?').length - 1).fill(1),
      )
      const steps = plan.map(step => String(step[3]))
      expect(steps.filter(step => step.startsWith('SCAN event'))).toEqual([])
      expect(steps.some(step => step.includes('event_repo'))).toBe(true)
    }
  })
})
