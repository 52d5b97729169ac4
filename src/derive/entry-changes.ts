import type { CountryTenure, Lab, Registry, Scope } from '../domain/registry.ts'
import type { EntryChange, EntryKind, StaleVersion } from '../domain/registry-comparison.ts'
import { writtenPattern } from '../domain/written-pattern.ts'

/** An entry as words for readers; `decides` is what must be equal for the answers to be. */
interface Entry {
  words: string
  decides: string
}

type Entries = Map<string, Entry>

const KINDS: readonly EntryKind[] = [
  'lab',
  'seat',
  'second seat',
  'handle',
  'exception',
  'family',
  'region',
  'country',
  'scope',
  'release date',
  'size',
  're-upload',
  'alias',
]

/**
 * The entries of two registries that differ, by kind, then by subject. Only what an answer can rest on, families and
 * sizes included, which no published number uses yet: evidence, notes and days of review are in the revision, but move nothing.
 */
export function entryChanges(before: Registry, after: Registry): EntryChange[] {
  const from = entriesOf(before)
  const to = entriesOf(after)
  return KINDS.flatMap(kind => {
    const old = from.get(kind)!
    const now = to.get(kind)!
    return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((subject): EntryChange[] => {
      const was = old.get(subject)
      const is = now.get(subject)
      if (was?.decides === is?.decides) return []
      const isSilent = was !== undefined && is !== undefined && was.words === is.words
      const words = is === undefined ? null : isSilent ? `${is.words} with another rule` : is.words
      return [{ kind, subject, before: was?.words ?? null, after: words }]
    })
  })
}

/** The scopes whose rule differs and whose version is no higher than before: numbers name key and version. */
export function staleVersions(before: Registry, after: Registry): StaleVersion[] {
  return [...after.scopes.values()].flatMap((scope): StaleVersion[] => {
    const was = before.scopes.get(scope.key)
    if (was === undefined || scope.version > was.version || ruleOf(was) === ruleOf(scope)) return []
    return [{ scope: scope.key, version: { before: was.version, after: scope.version } }]
  })
}

function entriesOf(registry: Registry): Map<EntryKind, Entries> {
  const entries = new Map(KINDS.map(kind => [kind, new Map() as Entries]))
  const put = (kind: EntryKind, subject: string, words: string, decides = words) => {
    const held = entries.get(kind)!.get(subject)
    // A handle that changed hands has two owners, each with its days.
    entries.get(kind)!.set(subject, {
      words: held === undefined ? words : `${held.words}, ${words}`,
      decides: held === undefined ? decides : `${held.decides}, ${decides}`,
    })
  }
  for (const lab of registry.labs.values()) putLab(lab, put)
  for (const region of registry.regions) {
    put('region', region.key, region.name)
    for (const country of region.countries) put('country', country, region.key)
  }
  for (const scope of registry.scopes.values())
    put('scope', scope.key, `v${scope.version}`, `v${scope.version} ${ruleOf(scope)}`)
  for (const [repoId, { released }] of registry.releaseDates) put('release date', repoId, released)
  for (const [repoId, { totalB, activeB }] of registry.sizes) {
    put('size', repoId, `${totalB} billion${activeB === null ? '' : `, ${activeB} active`}`)
  }
  for (const { handle, pattern, repoId, to } of registry.reuploads) {
    put('re-upload', repoId ?? `${handle}: ${writtenPattern(pattern)}`, to)
  }
  for (const moves of [registry.aliases.ids, registry.aliases.handles]) {
    for (const [from, { to }] of moves) put('alias', from, to)
  }
  return entries
}

function putLab(lab: Lab, put: (kind: EntryKind, subject: string, words: string) => void): void {
  put('lab', lab.key, `${lab.name} (${lab.kind})`)
  put('seat', lab.key, lab.countries.map(seat => `${seat.country}${daysOf(seat)}`).join(', '))
  if (lab.secondCountry !== null) put('second seat', lab.key, lab.secondCountry)
  for (const tenure of lab.handles) put('handle', tenure.handle, `${lab.key}${daysOf(tenure)}`)
  for (const { repoId } of lab.exceptions) put('exception', repoId, lab.key)
  for (const { key, patterns } of lab.families) {
    put('family', key, `${lab.key}: ${patterns.map(writtenPattern).join(' ')}`)
  }
}

function daysOf({ from, until }: Pick<CountryTenure, 'from' | 'until'>): string {
  return `${from === null ? '' : ` from ${from}`}${until === null ? '' : ` until ${until}`}`
}

/** Everything of a scope that decides who is in, whatever fields a rule may get. */
function ruleOf({ version: _, title: __, definition: ___, source: ____, ...rule }: Scope): string {
  return JSON.stringify(rule, (_key, value: unknown) => {
    if (value instanceof RegExp) return value.source
    return value instanceof Set ? [...value].sort() : value
  })
}
