import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Lab } from '../../src/domain/registry.ts'
import { bundled, shared } from './bundled.ts'

const LABS_CSV = shared('reference/labs.csv')
const ATOM_REGIONS = shared('real/atom/organization_regions.csv')
const ATOM_MODELS = ['models.csv', 'extra_models.csv'].map(name => shared(`real/atom/${name}`))

const labOf = new Map<string, Lab>()
for (const lab of bundled.labs.values()) for (const { handle } of lab.handles) labOf.set(handle, lab)

/** Quoted fields and doubled quotes, which is all these files use. */
function csvRows(path: string): string[][] {
  const lines = readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1)
  return lines.map(line =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(m => m[1] ?? m[2] ?? ''),
  )
}

function regionOf(lab: Lab): string {
  const { country } = lab.countries.at(-1)!
  return bundled.regions.find(region => region.countries.has(country))?.key ?? country
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

describe.skipIf(!existsSync(ATOM_REGIONS))('ATOM (skipped: ../shared/real/atom is absent)', () => {
  const BUCKETS: Record<string, readonly string[]> = {
    us: ['united-states'],
    china: ['china'],
    eu: ['europe'],
    other: ['other'],
    unknown: ['unknown', 'multinational'],
  }

  test('every difference from its regions is explained by a note', ({ annotate }) => {
    const rows = csvRows(ATOM_REGIONS)
    expect(rows).toHaveLength(118)
    const differences = rows.flatMap(([handle, bucket]) => {
      const lab = labOf.get(handle!)
      if (lab !== undefined && BUCKETS[bucket!]!.includes(regionOf(lab))) return []
      const ours = lab === undefined ? 'not listed' : regionOf(lab)
      return [{ text: `${handle}: ATOM ${bucket}, here ${ours}: ${lab?.note}`, note: lab?.note ?? null }]
    })
    for (const { text } of differences) void annotate(text, 'difference')
    process.stdout.write(`${differences.map(({ text }) => text).join('\n')}\n`)
    expect(differences.filter(({ note }) => note === null).map(({ text }) => text)).toEqual([])
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
