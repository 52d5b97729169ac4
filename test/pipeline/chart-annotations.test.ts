import { describe, expect, test } from 'vitest'
import { dayNumber, type UtcDay } from '../../src/domain/utc-day.ts'
import { chartAnnotations } from '../../src/pipeline/chart-annotations.ts'
import type { Store } from '../../src/store/open-store.ts'
import { day } from '../derive/small-registry.ts'
import { temporaryStore } from '../support/census.ts'

const DAYS = Array.from({ length: 30 }, (_, index) => day(`2025-05-${String(index + 1).padStart(2, '0')}`))
const SERIES = { scope: 'all', attribution: 'publisher', axis: 'region', key: 'china' } as const

function addSweep(store: Store, on: UtcDay, state: string): void {
  store.sqlite
    .prepare("INSERT INTO sweep (source, day, state, started_at) VALUES ('https://hub.example', ?, ?, 0)")
    .run(dayNumber(on), state)
}

function addRepo(store: Store, repoKey: number, repoId: string): void {
  store.sqlite
    .prepare('INSERT OR IGNORE INTO publisher (publisher_key, handle) VALUES (1, ?)')
    .run(repoId.split('/')[0])
  store.sqlite
    .prepare(
      `INSERT INTO repo (repo_key, hub_id, repo_id, publisher_key, created_at, first_seen_on, gated, is_disabled, downloads_30d,
         observed_on, detail_hash) VALUES (?, unhex(?), ?, 1, 0, 0, 'no', 0, 0, 0, 0)`,
    )
    .run(repoKey, String(repoKey).padStart(24, '0'), repoId)
}

function addEvent(store: Store, kind: string, from: string, until: string | null, repoKey?: number): void {
  store.sqlite
    .prepare("INSERT INTO event (kind, day, until_on, repo_key, detail) VALUES (?, ?, ?, ?, '{}')")
    .run(kind, dayNumber(day(from)), until === null ? null : dayNumber(day(until)), repoKey ?? null)
}

function addCorrection(store: Store, rule: string, on: string, downloads: number, repos = 1): void {
  store.sqlite
    .prepare(
      `INSERT INTO daily_correction (day, scope, attribution, axis, key, rule, repos, downloads_30d, downloads_all_time)
       VALUES (?, 'all', 'publisher', 'region', 'china', ?, ?, 0, ?)`,
    )
    .run(dayNumber(day(on)), rule, repos, downloads)
}

const annotate = (store: Store, days: readonly UtcDay[] = DAYS, largest = 10_000) =>
  chartAnnotations({ days, counter: 'downloadsAllTime', series: [{ ...SERIES, largest }] }, { store })

describe('the annotations of a chart', () => {
  test('are incidents of the whole Hub within its days, and no others', () => {
    const store = temporaryStore()
    addRepo(store, 1, 'a/b')
    addEvent(store, 'hub-incident', '2025-05-20', '2025-05-21')
    addEvent(store, 'frozen', '2025-04-28', '2025-05-02')
    addEvent(store, 'frozen', '2025-05-29', null)
    addEvent(store, 'hub-incident', '2025-04-01', '2025-04-02')
    addEvent(store, 'frozen', '2025-05-10', '2025-05-12', 1)
    expect(annotate(store)).toEqual([
      { kind: 'frozen', from: '2025-04-28', until: '2025-05-02', label: 'Hub counters frozen' },
      { kind: 'hub-incident', from: '2025-05-20', until: '2025-05-21', label: 'Hub incident' },
      { kind: 'frozen', from: '2025-05-29', until: null, label: 'Hub counters frozen' },
    ])
  })

  test('are stretches that are in no number, with what is known of them', () => {
    const store = temporaryStore()
    const out = new Map([
      ['2025-05-10', 'held'],
      ['2025-05-11', 'rejected'],
    ])
    for (const on of DAYS) addSweep(store, on, out.get(on) ?? 'complete')
    addSweep(store, day('2025-05-31'), 'held')
    const days = DAYS.filter(on => !out.has(on) && on !== '2025-05-20')
    expect(annotate(store, days)).toEqual([
      { kind: 'held', from: '2025-05-10', until: '2025-05-11', label: '1 day held, 1 day rejected' },
      { kind: 'gap', from: '2025-05-20', until: '2025-05-20', label: '1 day without a sweep' },
      { kind: 'held', from: '2025-05-31', until: '2025-05-31', label: '1 day held' },
    ])
  })

  test('are corrections of a hundredth of the series or more: named where it is one, counted where there are several', () => {
    const store = temporaryStore()
    addRepo(store, 1, 'a/b')
    addRepo(store, 2, 'a/c')
    for (const on of DAYS.slice(0, 9)) addCorrection(store, 'restatement', on, -100)
    addEvent(store, 'restatement', '2025-05-10', '2025-05-10', 1)
    addCorrection(store, 'transient-drop', '2025-05-20', 400, 2)
    addCorrection(store, 'transient-drop', '2025-05-21', 400, 2)
    addEvent(store, 'transient-drop', '2025-05-20', '2025-05-21', 1)
    addEvent(store, 'transient-drop', '2025-05-20', '2025-05-21', 2)
    addCorrection(store, 'spike', '2025-05-25', -99)
    expect(annotate(store)).toEqual([
      { kind: 'restatement', from: '2025-05-10', until: '2025-05-10', label: 'restatement: a/b' },
      {
        kind: 'restatement',
        from: '2025-05-20',
        until: '2025-05-21',
        label: 'counters of 2 repositories fell and came back',
      },
    ])
    expect(annotate(store, DAYS, 50_000)).toEqual([])
    expect(annotate(store, DAYS, 9_900).map(({ kind }) => kind)).toEqual([
      'restatement',
      'restatement',
      'spike',
    ])
  })

  test('are none of a chart without days or values', () => {
    const store = temporaryStore()
    addCorrection(store, 'spike', '2025-05-25', -99)
    expect(annotate(store, [])).toEqual([])
    expect(annotate(store, DAYS, 0)).toEqual([])
  })
})
