import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkCountries } from '../../src/registry/check-regions.ts'
import { openYamlFile } from '../../src/registry/yaml-file.ts'
import { BUNDLED, bundled } from './bundled.ts'

const { file, report } = openYamlFile(BUNDLED, 'countries.yml', { pedantic: true, problems: [] })
const isoCodes = [...checkCountries(file!, report)!]

// Codes that Node names although ISO 3166-1 does not assign them: reservations, groupings and former countries.
const NOT_ASSIGNED = new Set(
  'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ'.split(
    ' ',
  ),
)
const letter = fc.integer({ min: 65, max: 90 }).map(code => String.fromCharCode(code))

describe('countries', () => {
  test('are the codes that Node knows by name, less those ISO does not assign', () => {
    const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    const known = letters
      .flatMap(first => letters.map(second => first + second))
      .filter(code => names.of(code) !== undefined && !NOT_ASSIGNED.has(code))
    expect(isoCodes).toEqual(known)
    expect(isoCodes).toHaveLength(249)
  })
})

describe('regions', () => {
  test('stand in the order readers see them', () => {
    expect(bundled.regions.map(region => region.key)).toEqual(['china', 'united-states', 'europe', 'other'])
  })

  test('partition the list of countries: every code in exactly one, no other code in any', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(...isoCodes),
          fc.tuple(letter, letter).map(pair => pair.join('')),
        ),
        code => {
          const homes = bundled.regions.filter(region => region.countries.has(code))
          expect(homes).toHaveLength(isoCodes.includes(code) ? 1 : 0)
        },
      ),
      { numRuns: 2000 },
    )
    const total = bundled.regions.reduce((sum, region) => sum + region.countries.size, 0)
    expect(total).toBe(isoCodes.length)
  })

  test('Europe is a bucket of its own, not membership of the EU', () => {
    const europe = bundled.regions.find(region => region.key === 'europe')!.countries
    for (const code of ['FR', 'DE', 'CH', 'GB', 'NO', 'IS', 'LI', 'UA'])
      expect([code, europe.has(code)]).toEqual([code, true])
    for (const code of ['RU', 'BY', 'TR', 'IL', 'GE']) expect([code, europe.has(code)]).toEqual([code, false])
  })

  test('Hong Kong and Macao are in china', () => {
    expect([...bundled.regions[0]!.countries]).toEqual(['CN', 'HK', 'MO'])
  })
})
