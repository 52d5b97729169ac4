import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createAttributor } from '../../src/derive/attribute.ts'
import type { Lab } from '../../src/domain/registry.ts'
import { handleOf } from '../../src/domain/repo.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { bundled, shared } from './bundled.ts'

const LABS_CSV = shared('reference/labs.csv')
const ATOM_REGIONS = shared('real/atom/organization_regions.csv')
const ATOM_MODELS = ['models.csv', 'extra_models.csv'].map(name => shared(`real/atom/${name}`))

/** The day of the record: seats may move later. */
const DAY = parseUtcDay('2026-08-21')

const labOf = new Map<string, Lab>()
for (const lab of bundled.labs.values()) for (const { handle } of lab.handles) labOf.set(handle, lab)

/** Quoted fields and doubled quotes, which is all these files use. */
function csvRows(path: string): string[][] {
  const lines = readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1)
  return lines.map(line =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(m => m[1] ?? m[2] ?? ''),
  )
}

describe.skipIf(!existsSync(LABS_CSV))(
  'the published record (skipped: ../shared/reference/labs.csv is absent)',
  () => {
    test('every handle in it is listed', () => {
      const handles = csvRows(LABS_CSV).flatMap(row =>
        row[1]!.split(/;|,|->/).map(part => part.replace(/\(.*?\)|\*/g, '').trim()),
      )
      const published = handles.filter(handle => handle !== '' && handle !== '-')
      expect(published.length).toBeGreaterThan(200)
      expect(published.filter(handle => !labOf.has(handle))).toEqual([])
    })
  },
)

/** One account that ATOM places elsewhere, or does not place while it lists models of it. */
interface Difference {
  handle: string
  atom: string
  ours: string
  reason: string
}

/** Our lines that say what one of ATOM's buckets says; what stands in none of the four regions is all one to ATOM. */
const BUCKETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['us', ['united-states']],
  ['china', ['china']],
  ['eu', ['europe']],
  ['other', ['other']],
  ['unknown', ['unknown', 'multinational', 'community']],
])

/** How ATOM's accounts fall, `bucketOf` its regions and `handles` all it knows. Our answers are those of the census. */
function differencesFrom(bucketOf: ReadonlyMap<string, string>, handles: Iterable<string>): Difference[] {
  const { attribute } = createAttributor(bundled)
  return [...new Set(handles)].sort().flatMap(handle => {
    const ours = attribute(`${handle}/any`, DAY).line
    const atom = bucketOf.get(handle) ?? 'not placed'
    if (BUCKETS.get(atom)?.includes(ours)) return []
    return [{ handle, atom, ours, reason: labOf.get(handle)?.note ?? 'none' }]
  })
}

/** A note explains a difference when it says what ATOM says; one that speaks of something else explains nothing. */
function explains({ atom, reason }: Difference): boolean {
  return new RegExp(`\\bATOM says ${atom}\\b`).test(reason)
}

function tableOf(differences: readonly Difference[]): string {
  const rows = [
    ['handle', 'ATOM', 'here', 'reason'],
    ...differences.map(({ handle, atom, ours, reason }) => [handle, atom, ours, reason]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

describe.skipIf(!existsSync(ATOM_REGIONS))('ATOM (skipped: ../shared/real/atom is absent)', () => {
  test('every difference from its regions is explained by a note that states it', ({ annotate }) => {
    const bucketOf = new Map(csvRows(ATOM_REGIONS).map(([handle, bucket]) => [handle!, bucket!]))
    expect(bucketOf.size).toBe(118)
    expect([...new Set(bucketOf.values())].filter(bucket => !BUCKETS.has(bucket))).toEqual([])
    // Its lists name the organisation twice: by itself, and before the slash of the model.
    const listing = ATOM_MODELS.filter(existsSync).flatMap(csvRows)
    const handles = [...bucketOf.keys(), ...listing.flatMap(row => [row[0]!, handleOf(row[2]!)])]
    const differences = differencesFrom(bucketOf, handles)
    const table = `${new Set(handles).size} accounts of ATOM, ${differences.length} placed differently\n${tableOf(differences)}`
    void annotate(table, 'difference')
    process.stdout.write(`${table}\n`)
    expect(differences.filter(difference => !explains(difference))).toEqual([])
  })

  test('a difference with a note about something else counts as unexplained', () => {
    const [moved] = differencesFrom(new Map([['ai21labs', 'eu']]), ['ai21labs'])
    expect(moved).toMatchObject({ handle: 'ai21labs', atom: 'eu', ours: 'other' })
    expect(explains(moved!)).toBe(false)
    expect(differencesFrom(new Map(), ['nobody-has-this-handle'])).toEqual([
      { handle: 'nobody-has-this-handle', atom: 'not placed', ours: 'unreviewed', reason: 'none' },
    ])
  })

  test.skipIf(!ATOM_MODELS.every(existsSync))('none of its models falls into two families', () => {
    const names = ATOM_MODELS.flatMap(csvRows).map(row => row[2]!.split('/') as [string, string])
    const twice = names.flatMap(([handle, name]) => {
      const families = labOf.get(handle)?.families ?? []
      const matching = families.filter(({ patterns }) => patterns.some(pattern => pattern.test(name)))
      return matching.length > 1
        ? [`${handle}/${name}: ${matching.map(family => family.key).join(', ')}`]
        : []
    })
    expect(names.length).toBeGreaterThan(1900)
    expect(twice).toEqual([])
  })

  test('the scope llm rejects exactly the names that its policy rejects', () => {
    const policy = readFileSync(shared('real/atom/model_policy.yml'), 'utf8')
    const section = policy.slice(
      policy.indexOf('reject_name_patterns'),
      policy.indexOf('reject_format_patterns'),
    )
    const theirs = [...section.matchAll(/\(\?i\)([^"]+)"/g)].map(match => new RegExp(match[1]!, 'i'))
    const ours = bundled.scopes.get('llm')!.rejectNames
    const names = ATOM_MODELS.flatMap(csvRows).map(row => row[2]!.split('/')[1]!)
    const differing = names.filter(
      name => theirs.some(pattern => pattern.test(name)) !== ours.some(pattern => pattern.test(name)),
    )
    expect(theirs).toHaveLength(ours.length)
    expect(differing).toEqual([])
  })
})
