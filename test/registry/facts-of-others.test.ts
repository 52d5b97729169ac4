import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bundled, shared } from './bundled.ts'

const CORRECTIONS = shared('real/atom/release_date_corrections.csv')
const PARAMETERS = shared('real/atom/model_parameters.csv')

/** Rows below the header; comments, quoted fields and doubled quotes are all these files use. */
function csvRows(path: string): string[][] {
  const lines = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .filter(line => !line.startsWith('#'))
  return lines
    .slice(1)
    .map(line =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(match => match[1] ?? match[2] ?? ''),
    )
}

describe('the facts of others', () => {
  test('move no day across the border of the scope llm, so that version 2 publishes what version 1 did', () => {
    const border = bundled.scopes.get('llm')!.createdAfter!
    const days = [...bundled.releaseDates.values()].flatMap(({ released, note }) => [
      released,
      ...(note.match(/\d{4}-\d{2}-\d{2}/g) ?? []),
    ])
    expect(days).toHaveLength(80)
    expect(days.filter(day => day <= border)).toEqual([])
  })

  test('never state active parameters for a model that nobody stated them for', () => {
    const sizes = [...bundled.sizes.values()]
    expect(sizes.filter(({ activeB }) => activeB !== null)).toHaveLength(95)
    expect(sizes.filter(({ isLegacy }) => isLegacy)).toHaveLength(247)
    expect(bundled.sizes.get('deepseek-ai/DeepSeek-R1')).toEqual({
      totalB: 671,
      activeB: 37,
      isLegacy: true,
      note: 'The Hub counts 685B, with a prediction head of 14B.',
    })
    expect(bundled.sizes.get('Qwen/Qwen1.5-MoE-A2.7B-Chat')).toMatchObject({ totalB: 14.3, activeB: null })
  })
})

describe.skipIf(!existsSync(PARAMETERS) || !existsSync(CORRECTIONS))(
  'beside what was published (skipped: ../shared/real/atom is absent)',
  () => {
    test('every release day is the published one, and its note counts the days right', () => {
      const rows = csvRows(CORRECTIONS)
      expect(rows).toHaveLength(40)
      const theirs = rows.map(([repoId, , released]) => [repoId, released])
      const ours = [...bundled.releaseDates].map(([repoId, { released }]) => [repoId, released])
      expect(ours.sort()).toEqual(theirs.sort())
      for (const [repoId, created, released] of rows) {
        const days = (Date.parse(released!) - Date.parse(created!)) / 86_400_000
        const count = `${Math.abs(days)} day${Math.abs(days) === 1 ? '' : 's'}`
        expect(bundled.releaseDates.get(repoId!)!.note).toContain(
          `Created ${count} ${days > 0 ? 'before' : 'after'} its release, on ${created}`,
        )
      }
    })

    test('every size is the published one', () => {
      const theirs = csvRows(PARAMETERS).map(([repoId, total, active, , notes]) => [
        repoId,
        Number(total),
        active === '' ? null : Number(active),
        notes!.startsWith('Legacy data; not recently reviewed'),
      ])
      const ours = [...bundled.sizes].map(([repoId, size]) => [
        repoId,
        size.totalB,
        size.activeB,
        size.isLegacy,
      ])
      expect(theirs).toHaveLength(299)
      expect(new Map(ours.map(row => [row[0], row]))).toEqual(new Map(theirs.map(row => [row[0], row])))
    })
  },
)
