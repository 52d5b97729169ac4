import fc from 'fast-check'
import { expect, test } from 'vitest'
import { correctionOf, coversDay, KEPT_RULES } from '../../src/domain/clean.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { addDays, dayNumber, parseUtcDay } from '../../src/domain/utc-day.ts'
import { publishDailyTotals } from '../../src/pipeline/publish-totals.ts'
import { parseRepoRow } from '../../src/source/parse-repo-row.ts'
import { readCleanSpans } from '../../src/store/clean-spans.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { openPageRecorder } from '../../src/store/record-page.ts'
import { beginSweep, completeSweep } from '../../src/store/sweep-ledger.ts'
import { EVERY_KIND } from '../derive/small-registry.ts'
import { page, readRaw } from '../store/capturing.ts'
import { fakeClock, MIGRATIONS, temporaryFolder } from '../support/census.ts'
import { modelledLife } from '../support/modelled-life.ts'

const FIRST = parseUtcDay('2025-03-03')
const DAYS = 135
const REPOS = 45

/** Everything the detectors and the cleaning rules put into the file. */
const detected = (store: Store) => ({
  events: readRaw(
    store,
    `SELECT kind, day, until_on, repo_key, publisher_key, detail FROM event
     WHERE kind NOT IN ('rename', 'task-change', 'removal', 'return', 'drop') ORDER BY 2, 1, 4, 5`,
  ),
  spans: readRaw(store, 'SELECT * FROM clean_span ORDER BY 1, 2, 3, 4'),
  qualities: readRaw(store, 'SELECT * FROM day_quality ORDER BY 1'),
  corrections: readRaw(store, 'SELECT * FROM daily_correction ORDER BY 2, 3, 4, 5, 1, 6'),
})

test('nights one by one find what one look at all of history finds', () => {
  const folder = temporaryFolder()
  const seen = new Map<string, number>()
  const paths = { latest: 0, history: 0 }
  let files = 0
  fc.assert(
    fc.property(fc.nat(2 ** 31), seed => {
      const store = openStore({ file: `${folder}/${files++}.db`, migrationsFolder: MIGRATIONS })
      try {
        const clock = fakeClock(0)
        const effects = { store, registry: EVERY_KIND, clock, log: silentLog }
        const record = openPageRecorder(store)
        const life = modelledLife(seed, REPOS, DAYS)
        for (let at = 0; at < DAYS; at += 1) {
          // Nights the machine slept through.
          const isLong = seed % 2 === 0 && at > 50 && at < 115
          if ((seed + at * 7) % 29 === 0 || (at > 70 && at < 76) || isLong) continue
          const day = addDays(FIRST, at)
          clock.set(`${day}T13:00:00Z`)
          const start = { source: 'https://hub', notice: null, day, startedAt: clock.now() }
          const { sweepKey } = beginSweep(store, start)
          record({ sweepKey, range: 0, page: 0 }, day, page(life.rowsOn(at).map(parseRepoRow)))
          completeSweep(store, sweepKey, clock.now(), true)
          const { from } = publishDailyTotals(effects)
          if (from !== 'none') paths[from] += 1
          if (at % 37 !== 20 && at !== DAYS - 1) continue
          const night = detected(store)
          store.sqlite.exec('DELETE FROM detection_basis')
          publishDailyTotals(effects)
          expect(night).toEqual(detected(store))
          for (const [kind] of night.events) seen.set(String(kind), (seen.get(String(kind)) ?? 0) + 1)
        }
        expectSumsOfSpans(store)
      } finally {
        store.close()
      }
    }),
    { numRuns: 6 },
  )
  expect(paths.latest, JSON.stringify(paths)).toBeGreaterThan(paths.history)
  for (const kind of [
    'transient-drop',
    'pending-drop',
    'restatement',
    'frozen',
    'hub-incident',
    'spike',
    'stale-window',
    'first-move',
  ])
    expect(seen.get(kind) ?? 0, `${kind} of ${JSON.stringify([...seen])}`).toBeGreaterThan(0)
}, 240_000)

/** The corrections of every total are those of every repository, added up one by one. */
function expectSumsOfSpans(store: Store): void {
  const spans = readCleanSpans(store)
  const days = readRaw(
    store,
    "SELECT DISTINCT day FROM sweep WHERE state = 'complete' ORDER BY day",
  ).flat() as number[]
  const expected: unknown[][] = []
  for (const day of days) {
    for (const rule of [...KEPT_RULES].sort()) {
      const sums = { downloads30d: 0, downloadsAllTime: 0 }
      for (const repoKey of new Set(spans.map(span => span.repoKey))) {
        const [counters] = readRaw(
          store,
          'SELECT downloads_30d, downloads_all_time FROM observation WHERE repo_key = ? AND day <= ? ORDER BY day DESC',
          repoKey,
          day,
        ) as [number, number][]
        if (counters === undefined) continue
        const [last] = readRaw(
          store,
          "SELECT kind FROM event WHERE repo_key = ? AND day <= ? AND kind IN ('removal', 'return') ORDER BY day DESC, event_key DESC",
          repoKey,
          day,
        )
        for (const span of spans) {
          if (span.repoKey !== repoKey || span.rule !== rule || !coversDay(span, day)) continue
          if (span.counter === 'downloads30d' && last?.[0] === 'removal') continue
          sums[span.counter] += correctionOf(span, day, counters[span.counter === 'downloads30d' ? 0 : 1])
        }
      }
      if (sums.downloads30d !== 0 || sums.downloadsAllTime !== 0)
        expected.push([day, rule, sums.downloads30d, sums.downloadsAllTime])
    }
  }
  const found = readRaw(
    store,
    `SELECT day, rule, sum(downloads_30d), sum(downloads_all_time) FROM daily_correction
     WHERE scope = 'all' AND attribution = 'publisher' AND axis = 'region' AND rule IN ('transient-drop', 'restatement', 'spike')
     GROUP BY day, rule HAVING sum(downloads_30d) <> 0 OR sum(downloads_all_time) <> 0 ORDER BY day, rule`,
  )
  expect(found).toEqual(expected)
  expect(dayNumber(FIRST)).toBeLessThanOrEqual(days[0]!)
}
