import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readCatalogue } from '../../fixtures/miniature-hub/read-catalogue.ts'
import { startMiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { silentLog } from '../../src/domain/effects.ts'
import { captureSweep } from '../../src/pipeline/capture-sweep.ts'
import { clientOf, fakeClock, temporaryStore } from '../support/census.ts'
import { HAS_RADAR, RADAR_DAYS, radarFiles } from '../support/radar.ts'

interface Recorded {
  _id: string
  id: string
  downloads: number
  tags: string[]
}

const readDay = (file: string): Recorded[] =>
  gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Recorded)

/** An independent count of declared bases by relation: distinct (model, base, relation) of the relation tags. */
function edgesByRelation(rows: readonly Recorded[]): Map<string, number> {
  const edges = new Set<string>()
  for (const row of rows) {
    const named = new Set<string>()
    const bare = new Set<string>()
    for (const tag of row.tags) {
      const match = /^base_model:(?:(adapter|merge|quantized|finetune):)?(.*)$/s.exec(tag)
      if (!match) continue
      if (match[1]) {
        named.add(match[2]!)
        edges.add(`${match[1]}\n${row._id}\n${match[2]}`)
      } else bare.add(match[2]!)
    }
    for (const base of bare) if (!named.has(base)) edges.add(`undeclared\n${row._id}\n${base}`)
  }
  const counts = new Map<string, number>()
  for (const edge of edges) {
    const relation = edge.slice(0, edge.indexOf('\n'))
    counts.set(relation, (counts.get(relation) ?? 0) + 1)
  }
  return counts
}

describe.skipIf(!HAS_RADAR)('three recorded days of the real Hub', () => {
  test('are captured to the unit, with who left and who came', async () => {
    const hub = await startMiniatureHub({ catalogue: await readCatalogue(radarFiles()), quota: null })
    onTestFinished(() => hub.close())
    const store = temporaryStore()
    const clock = fakeClock(0)
    const client = clientOf(hub, clock)
    let before = new Map<string, number>()
    for (const [index, expected] of RADAR_DAYS.entries()) {
      hub.serveDay(expected.day)
      clock.set(`${expected.day}T12:00:00Z`)
      const { sweep } = await captureSweep(
        { pageSize: 1000, notice: null },
        { hub: client, store, clock, log: silentLog },
      )
      const rows = readDay(radarFiles()[index]!)
      const now = new Map(rows.map(row => [row._id, row.downloads]))

      expect(sweep).toMatchObject({
        day: expected.day,
        state: 'complete',
        rowCount: expected.repos,
        quarantinedCount: 0,
        duplicateCount: 0,
        laterCount: 0,
        downloads30dTotal: expected.downloads30d,
        downloadsAllTimeTotal: null,
      })
      expect(sweep.storedCount + sweep.unchangedCount).toBe(expected.repos)
      const left = [...before.keys()].filter(id => !now.has(id))
      expect(sweep.absentCount).toBe(left.length)
      const goneToday = store.sqlite
        .prepare(
          "SELECT lower(hex(hub_id)) FROM event JOIN repo USING (repo_key) WHERE kind = 'removal' AND date(day * 86400, 'unixepoch') = ? ORDER BY 1",
        )
        .pluck()
        .all(expected.day)
      expect(goneToday).toEqual(left.sort())
      const observed = store.sqlite
        .prepare('SELECT hub_id, downloads_30d FROM v1_repo WHERE gone_on IS NULL')
        .raw()
        .all() as [string, number][]
      expect(new Map(observed)).toEqual(now)

      const edges = store.sqlite
        .prepare(
          'SELECT relation, count(*) FROM base_edge JOIN repo USING (repo_key) WHERE ended_on IS NULL AND gone_on IS NULL GROUP BY relation',
        )
        .raw()
        .all() as [string, number][]
      expect(new Map(edges)).toEqual(edgesByRelation(rows))
      before = now
    }
    const came = store.sqlite
      .prepare("SELECT date(first_seen_on * 86400, 'unixepoch'), count(*) FROM repo GROUP BY 1")
      .raw()
      .all()
    expect(came.map(row => (row as [string, number])[0])).toEqual(RADAR_DAYS.map(({ day }) => day))
  }, 120_000)
})
