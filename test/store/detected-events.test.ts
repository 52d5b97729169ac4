import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CounterEvent,
  DETECTED_KINDS,
  type EventSubject,
  NOTED_KINDS,
} from '../../src/domain/counter-event.ts'
import { dayNumber } from '../../src/domain/utc-day.ts'
import { readDetectedEvents, replaceDetectedEvents } from '../../src/store/detected-events.ts'
import { findDetectionBasis, writeDetectionBasis } from '../../src/store/detection-basis.ts'
import type { Store } from '../../src/store/open-store.ts'
import { temporaryStore } from '../support/census.ts'
import { writeRepos } from '../support/lineage-census.ts'
import { readRaw } from './capturing.ts'
import { dayAfter } from './histories.ts'

const REPOS = 5

/** A file with repositories, publishers and one event of every noted kind. */
function noted(): Store {
  const store = temporaryStore()
  writeRepos(
    store,
    Array.from({ length: REPOS }, (_, index) => ({ id: `owner-${index}/model` })),
  )
  for (const [at, kind] of NOTED_KINDS.entries()) {
    store.sqlite
      .prepare('INSERT INTO event (kind, day, repo_key, detail) VALUES (?, ?, ?, ?)')
      .run(kind, dayNumber(dayAfter(at % 4)), at % 3 === 0 ? null : 1 + (at % REPOS), '{"from":"a"}')
  }
  return store
}

const subjects: fc.Arbitrary<EventSubject> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: REPOS }).map(repoKey => ({ of: 'repo' as const, repoKey })),
  },
  fc.integer({ min: 1, max: REPOS }).map(publisherKey => ({ of: 'publisher' as const, publisherKey })),
  fc.constant({ of: 'hub' as const }),
)
const events: fc.Arbitrary<CounterEvent> = fc
  .record({
    kind: fc.constantFrom(...DETECTED_KINDS),
    day: fc.nat(6),
    length: fc.option(fc.nat(9)),
    subject: subjects,
    evidence: fc.constantFrom(
      {},
      { before: 10, after: 2.5 },
      { after: 2.5, before: 10 },
      { note: 'a "word" of 𝒳 \u0000', level: null },
    ),
  })
  .map(({ day, length, ...rest }) => ({
    ...rest,
    day: dayAfter(day),
    until: length === null ? null : dayAfter(day + length),
  }))
const identity = ({ kind, day, subject }: CounterEvent) => JSON.stringify([kind, day, subject])
const manyEvents = fc.uniqueArray(events, { selector: identity, maxLength: 25, size: 'max' })
/** Two findings that have some in common. */
const twoFindings = manyEvents
  .chain(first => fc.tuple(fc.constant(first), fc.subarray(first), manyEvents))
  .map(([first, shared, others]): [CounterEvent[], CounterEvent[]] => {
    const met = new Set(shared.map(identity))
    return [first, [...others.filter(event => !met.has(identity(event))), ...shared]]
  })

const stored = (store: Store) =>
  new Map(
    readRaw(
      store,
      `SELECT event_key, kind, day, repo_key, publisher_key, until_on, detail FROM event
       WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY event_key`,
      JSON.stringify(DETECTED_KINDS),
    ).map(([key, ...row]) => [key as number, JSON.stringify(row)]),
  )
const notes = (store: Store) =>
  readRaw(
    store,
    'SELECT * FROM event WHERE kind IN (SELECT value FROM json_each(?))',
    JSON.stringify(NOTED_KINDS),
  )

const rowOf = ({ kind, day, until, subject, evidence }: CounterEvent) =>
  JSON.stringify([
    kind,
    dayNumber(day),
    subject.of === 'repo' ? subject.repoKey : null,
    subject.of === 'publisher' ? subject.publisherKey : null,
    until === null ? null : dayNumber(until),
    JSON.stringify(evidence),
  ])

describe('detected events', () => {
  test('are exactly those found last; what stays keeps its key, and what was noted stays', () => {
    const store = noted()
    const noticed = notes(store)
    const seen = { kept: 0, changed: 0, removed: 0 }
    fc.assert(
      fc.property(twoFindings, ([first, second]) => {
        replaceDetectedEvents(store, [])
        expect(replaceDetectedEvents(store, first)).toEqual({ written: first.length, removed: 0 })
        const before = stored(store)
        const changes = replaceDetectedEvents(store, second)
        const after = stored(store)
        expect([...after.values()].sort()).toEqual(second.map(rowOf).sort())
        const [old, now] = [first, second].map(
          list => new Map(list.map(event => [identity(event), rowOf(event)])),
        ) as [Map<string, string>, Map<string, string>]
        const kept = [...now].filter(([key, row]) => old.get(key) === row)
        for (const [, row] of kept) {
          const keyIn = (rows: Map<number, string>) => [...rows].find(([, found]) => found === row)?.[0]
          expect(keyIn(after)).toBe(keyIn(before))
        }
        const removed = [...old.keys()].filter(key => !now.has(key)).length
        expect(changes).toEqual({ written: second.length - kept.length, removed })
        seen.kept += kept.length
        seen.removed += removed
        seen.changed += [...now].filter(([key, row]) => old.has(key) && old.get(key) !== row).length
        expect(replaceDetectedEvents(store, [...second].reverse())).toEqual({ written: 0, removed: 0 })
        expect(stored(store)).toEqual(after)
        expect(notes(store)).toEqual(noticed)
      }),
      { numRuns: 150 },
    )
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(5)
  })

  test('are the same rows in whatever order they arrive', () => {
    const [one, other] = [noted(), noted()]
    fc.assert(
      fc.property(
        manyEvents.chain(list =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          for (const store of [one, other]) store.sqlite.exec('DELETE FROM event')
          replaceDetectedEvents(one, list)
          replaceDetectedEvents(other, shuffled)
          expect(stored(other)).toEqual(stored(one))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('that begin before a range stay as they are', () => {
    const store = noted()
    fc.assert(
      fc.property(manyEvents, manyEvents, fc.nat(7), (first, second, from) => {
        const fromDay = dayAfter(from)
        replaceDetectedEvents(store, first)
        const late = second.filter(({ day }) => day >= fromDay)
        replaceDetectedEvents(store, late, { fromDay })
        const expected = [...first.filter(({ day }) => day < fromDay), ...late]
        expect([...stored(store).values()].sort()).toEqual(expected.map(rowOf).sort())
      }),
      { numRuns: 80 },
    )
  })

  test('are read as they were written: by day, the Hub’s before publishers’ before repositories’', () => {
    const store = noted()
    fc.assert(
      fc.property(
        manyEvents,
        fc.option(fc.nat(7)),
        fc.option(fc.uniqueArray(fc.nat(REPOS + 1))),
        (list, from, repoKeys) => {
          replaceDetectedEvents(store, list)
          const query = {
            ...(from === null ? {} : { from: dayAfter(from) }),
            ...(repoKeys === null ? {} : { repoKeys }),
          }
          const rank = { hub: 0, publisher: 1, repo: 2 }
          const expected = list
            .filter(({ day }) => from === null || day >= dayAfter(from))
            .filter(
              ({ subject }) =>
                repoKeys === null || (subject.of === 'repo' && repoKeys.includes(subject.repoKey)),
            )
            .map(event => ({ ...event, evidence: JSON.parse(JSON.stringify(event.evidence)) }))
            .sort(
              (a, b) =>
                dayNumber(a.day) - dayNumber(b.day) ||
                DETECTED_KINDS.indexOf(a.kind) - DETECTED_KINDS.indexOf(b.kind) ||
                rank[a.subject.of] - rank[b.subject.of] ||
                JSON.stringify(a.subject).localeCompare(JSON.stringify(b.subject)),
            )
          expect(readDetectedEvents(store, query)).toEqual(expected)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('are refused, and nothing is changed, when one is there twice or begins before the range', () => {
    const store = noted()
    const event = (day: number): CounterEvent => ({
      kind: 'spike',
      day: dayAfter(day),
      until: null,
      subject: { of: 'repo', repoKey: 1 },
      evidence: {},
    })
    replaceDetectedEvents(store, [event(1), event(3)])
    const before = stored(store)
    const twice = [event(0), event(2), { ...event(2), evidence: { other: 1 } }]
    expect(() => replaceDetectedEvents(store, twice)).toThrow(RangeError)
    expect(() => replaceDetectedEvents(store, [event(2)], { fromDay: dayAfter(3) })).toThrow(RangeError)
    expect(stored(store)).toEqual(before)
  })

  test('say in the view what they say here', () => {
    const store = noted()
    const list: CounterEvent[] = [
      {
        kind: 'hub-incident',
        day: dayAfter(1),
        until: dayAfter(3),
        subject: { of: 'hub' },
        evidence: { ratio: 0.7 },
      },
      {
        kind: 'frozen',
        day: dayAfter(1),
        until: null,
        subject: { of: 'publisher', publisherKey: 2 },
        evidence: {},
      },
      {
        kind: 'spike',
        day: dayAfter(2),
        until: dayAfter(2),
        subject: { of: 'repo', repoKey: 3 },
        evidence: { times: 9 },
      },
    ]
    replaceDetectedEvents(store, list)
    expect(
      readRaw(
        store,
        `SELECT day, kind, hub_id, repo_id, detail, until, handle FROM v1_event
         WHERE kind IN ('hub-incident', 'frozen', 'spike') ORDER BY day, kind`,
      ),
    ).toEqual([
      [dayAfter(1), 'frozen', null, null, '{}', null, 'owner-1'],
      [dayAfter(1), 'hub-incident', null, null, '{"ratio":0.7}', dayAfter(3), null],
      [
        dayAfter(2),
        'spike',
        '000000000000000000000003',
        'owner-2/model',
        '{"times":9}',
        dayAfter(2),
        'owner-2',
      ],
    ])
  })
})

test('the basis of what was detected is one row, null before the first', () => {
  const store = temporaryStore()
  expect(findDetectionBasis(store)).toBeNull()
  for (const basis of [
    { detectorVersion: 1, sweepKey: 4 },
    { detectorVersion: 1, sweepKey: 5 },
    { detectorVersion: 2, sweepKey: 5 },
  ]) {
    writeDetectionBasis(store, basis)
    expect(findDetectionBasis(store)).toEqual(basis)
    expect(readRaw(store, 'SELECT count(*) FROM detection_basis')).toEqual([[1]])
  }
})
