import type { Lab, Registry, Scope } from '../../src/domain/registry.ts'
import { parseUtcDay, type UtcDay } from '../../src/domain/utc-day.ts'

type Open = string | null
export const day = (text: string): UtcDay => parseUtcDay(text)
const open = (text: Open) => (text === null ? null : day(text))

/** A seat: `CN`, or `['CN', first day, last day]`. A handle: the same. */
type Dated = string | readonly [string, Open, Open]
const dated = (entry: Dated) => (typeof entry === 'string' ? ([entry, null, null] as const) : entry)

export interface LabParts extends Partial<Omit<Lab, 'countries' | 'handles' | 'exceptions'>> {
  countries?: readonly Dated[]
  handles?: readonly Dated[]
  exceptions?: readonly string[]
}

export function lab(key: string, parts: LabParts = {}): Lab {
  const { countries = ['CN'], handles = [key], exceptions = [], ...others } = parts
  return {
    key,
    name: `Lab ${key}`,
    kind: 'company',
    secondCountry: null,
    families: [],
    note: null,
    checked: day('2026-01-01'),
    ...others,
    countries: countries.map(dated).map(([country, from, until]) => ({
      country,
      from: open(from),
      until: open(until),
      evidence: `https://example.org/${country}`,
    })),
    handles: handles.map(dated).map(([handle, from, until]) => ({
      handle,
      from: open(from),
      until: open(until),
      evidence: null,
    })),
    exceptions: exceptions.map(repoId => ({ repoId, reason: 'said so', evidence: 'unverified' })),
  }
}

export function scope(key: string, parts: Partial<Scope> = {}): Scope {
  return {
    key,
    version: 1,
    title: `Title of ${key}`,
    definition: `Definition of ${key}.`,
    source: 'a test',
    tasks: null,
    rejectNames: [],
    createdAfter: null,
    bornWithinDays: null,
    firstParty: false,
    precisionSuffixes: null,
    trainingWords: new Set(),
    listed: null,
    ...parts,
  }
}

export const LLM = scope('llm', {
  tasks: new Set(['text-generation']),
  rejectNames: [/guard/i],
  createdAfter: day('2022-11-30'),
  firstParty: true,
  precisionSuffixes: ['FP8'],
  trainingWords: new Set(['base', 'instruct']),
})

export function registryOf(
  labs: readonly Lab[],
  scopes: readonly Scope[] = [scope('all'), LLM],
  revision = '0123456789ab',
): Registry {
  return {
    revision,
    labs: new Map(labs.map(entry => [entry.key, entry])),
    regions: [
      { key: 'china', name: 'China', countries: new Set(['CN', 'HK']) },
      { key: 'united-states', name: 'United States', countries: new Set(['US']) },
      { key: 'europe', name: 'Europe', countries: new Set(['FR', 'DE']) },
      { key: 'other', name: 'Other', countries: new Set(['JP', 'CA']) },
    ],
    scopes: new Map(scopes.map(entry => [entry.key, entry])),
    releaseDates: new Map(),
    sizes: new Map(),
    reuploads: [],
    aliases: { ids: new Map(), handles: new Map() },
  }
}

/** One lab of every kind of answer, and one that moves its seat and then loses its handle. */
export const EVERY_KIND = registryOf([
  lab('bloke', { kind: 'community', countries: ['US'] }),
  lab('ci', { kind: 'excluded', countries: ['FR'] }),
  lab('many', { countries: ['multinational'] }),
  lab('meta', { countries: ['US'], handles: ['meta'], exceptions: ['nobody/m2', 'nobody/m2-r'] }),
  lab('mistral', { countries: ['FR'] }),
  lab('mover', {
    countries: [
      ['CN', null, '2026-03-02'],
      ['US', '2026-03-03', null],
    ],
    handles: [['mover', null, '2026-03-03']],
  }),
  lab('mystery', { countries: ['unknown'] }),
  lab('qwen', { countries: ['CN'] }),
])
