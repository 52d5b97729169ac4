import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createAttributor } from '../../src/derive/attribute.ts'
import { judgeScope, scopeBasis } from '../../src/derive/in-scope.ts'
import { NO_NAMES, type RepoFacts } from '../../src/domain/attribution.ts'
import { handleOf, isRepoId, type RepoRow } from '../../src/domain/repo.ts'
import { dayOf, parseUtcDay, type UtcDay } from '../../src/domain/utc-day.ts'
import { visibleText } from '../../src/domain/visible-text.ts'
import { parseRepoRow, RowShapeError } from '../../src/source/parse-repo-row.ts'
import { HAS_RADAR, RADAR_DAYS, radarFiles } from '../support/radar.ts'
import { bundled, shared } from './bundled.ts'

const TRENDING = shared('real/trending')

const attributor = createAttributor(bundled)
const llm = bundled.scopes.get('llm')!

/** 30-day downloads of a set of repositories, and of those among them whose publisher has a reviewed answer. */
class Coverage {
  repos = 0
  downloads = 0
  reviewed = 0
  /** Downloads by handle that nobody has entered. */
  readonly missing = new Map<string, number>()

  add(repoId: string, downloads: number, line: string): void {
    this.repos += 1
    this.downloads += downloads
    if (line !== 'unreviewed') this.reviewed += downloads
    else this.missing.set(handleOf(repoId), (this.missing.get(handleOf(repoId)) ?? 0) + downloads)
  }

  get share(): number {
    return this.reviewed / this.downloads
  }

  row(name: string): string {
    const [repos, downloads] = [this.repos, this.downloads].map(count => count.toLocaleString('en-US'))
    return `${name.padEnd(19)} ${repos!.padStart(7)} ${downloads!.padStart(12)} ${(this.share * 100).toFixed(2).padStart(7)} %`
  }

  /** The work list: what would gain most. */
  work(count: number): string {
    const ranked = [...this.missing].sort(([, a], [, b]) => b - a).slice(0, count)
    return ranked.map(([handle, downloads]) => `${visibleText(handle)} ${downloads}`).join(', ')
  }
}

const HEADING = `${'set'.padEnd(19)} ${'repos'.padStart(7)} ${'downloads'.padStart(12)} reviewed`

function factsOf(row: RepoRow): RepoFacts {
  return {
    repoKey: 0,
    repoId: row.repoId,
    formerNames: NO_NAMES,
    handle: handleOf(row.repoId),
    createdOn: dayOf(row.createdAt * 1000),
    task: row.task,
    bases: row.bases
      .filter(({ declared }) => declared !== row.repoId)
      .map(({ declared, relation }) => ({
        declared,
        relation,
        repoId: isRepoId(declared) ? declared : null,
      })),
    roots: [],
  }
}

interface RadarCoverage {
  day: UtcDay
  all: Coverage
  /** What the scope `llm` holds, and would hold if its publisher were reviewed. */
  llm: Coverage
  refused: string[]
}

function readRadar(file: string, day: UtcDay): RadarCoverage {
  const coverage: RadarCoverage = { day, all: new Coverage(), llm: new Coverage(), refused: [] }
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')) {
    try {
      const row = parseRepoRow(JSON.parse(line))
      const answer = attributor.attribute(row.repoId, day)
      const verdict = judgeScope(llm, factsOf(row), answer, scopeBasis(bundled, day))
      coverage.all.add(row.repoId, row.downloads30d, answer.line)
      if (verdict === 'in' || verdict === 'not-first-party') {
        coverage.llm.add(row.repoId, row.downloads30d, answer.line)
      }
    } catch (error) {
      if (!(error instanceof RowShapeError)) throw error
      coverage.refused.push(error.message)
    }
  }
  return coverage
}

describe.skipIf(!HAS_RADAR)(
  'reviewed answers on recorded lists (skipped: ../shared/real/radar is absent)',
  () => {
    const days = HAS_RADAR
      ? radarFiles().map((file, index) => readRadar(file, parseUtcDay(RADAR_DAYS[index]!.day)))
      : []

    test('every row of the recording is understood and counted', () => {
      expect(days.map(({ refused }) => refused)).toEqual([[], [], []])
      expect(days.map(({ all }) => [all.repos, all.downloads])).toEqual(
        RADAR_DAYS.map(({ repos, downloads30d }) => [repos, downloads30d]),
      )
    })

    test('hold nine tenths of all downloads and 99 % of those that llm could count', ({ annotate }) => {
      const table = [
        HEADING,
        ...days.flatMap(({ day, all, llm }) => [all.row(`${day} all`), llm.row(`${day} llm`)]),
      ].join('\n')
      const last = days.at(-1)!
      const work = `unreviewed in all: ${last.all.work(10)}\nunreviewed in llm: ${last.llm.work(30)}`
      void annotate(`${table}\n${work}`, 'coverage')
      process.stdout.write(`${table}\n${work}\n`)
      expect(last.day).toBe('2026-08-21')
      for (const { all, llm } of days) expect(llm.repos).toBeLessThan(all.repos)
      expect(last.all.share).toBeGreaterThanOrEqual(0.9)
      expect(last.llm.share).toBeGreaterThanOrEqual(0.99)
    })
  },
)

describe.skipIf(!existsSync(TRENDING))(
  'reviewed answers on the trending list (skipped: ../shared/real/trending is absent)',
  () => {
    test('hold 93 % of its downloads in the latest capture', ({ annotate }) => {
      const file = readdirSync(TRENDING)
        .filter(name => name.endsWith('.json.gz'))
        .sort()
        .at(-1)!
      const text = gunzipSync(readFileSync(join(TRENDING, file))).toString('utf8')
      const { models } = JSON.parse(text) as { models: { id: string; downloads: number }[] }
      const day = parseUtcDay(file.slice(0, 10))
      const coverage = new Coverage()
      for (const { id, downloads } of models) {
        coverage.add(id, downloads, attributor.attribute(id, day).line)
      }
      const table = `${HEADING}\n${coverage.row(`${day} trending`)}\nunreviewed: ${coverage.work(10)}`
      void annotate(table, 'coverage')
      process.stdout.write(`${table}\n`)
      expect(models).toHaveLength(1000)
      expect(coverage.share).toBeGreaterThanOrEqual(0.93)
    })
  },
)
