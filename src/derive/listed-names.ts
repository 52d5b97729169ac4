import type { Registry } from '../domain/registry.ts'
import type { FormerBearer, ListedNames } from '../domain/scope-comparison.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAliasFinder } from './base-names.ts'

/** Which names of a published list are those of repositories. Show it every repository, then read. */
export interface ListedNamesFinder {
  see(repoId: string, goneOn: UtcDay | null): void
  /** `findFormer` is asked who had names that nobody has. */
  read(findFormer: (names: Iterable<string>) => readonly FormerBearer[]): ListedNames
}

/** For the list behind a scope. Where no repository is known to have had a name, the reviewed aliases are asked. */
export function createListedNames(
  scope: string,
  listed: ReadonlySet<string>,
  registry: Pick<Registry, 'aliases'>,
): ListedNamesFinder {
  const aliasOf = createAliasFinder(registry)
  const missing = new Set(listed)
  const aliases = new Map([...listed].map(name => [name, aliasOf(name)] as const))
  const wanted = new Set([...aliases.values()].flatMap(alias => alias?.repoId ?? []))
  /** The ids that aliases lead to and repositories have, with the day these went. */
  const found = new Map<string, UtcDay | null>()
  return {
    see(repoId, goneOn) {
      missing.delete(repoId)
      if (wanted.has(repoId)) found.set(repoId, goneOn)
    },
    read(findFormer) {
      const seen = findFormer(missing).map(bearer => ({ ...bearer, rule: 'former-name' as const }))
      const seenNames = new Set(seen.map(({ name }) => name))
      const told = [...missing].flatMap(name => {
        const alias = seenNames.has(name) ? null : aliases.get(name)!
        const goneOn = alias === null ? undefined : found.get(alias.repoId)
        if (alias === null || goneOn === undefined) return []
        return [{ name, ...alias, goneOn }]
      })
      const former = [...seen, ...told].sort((x, y) => byText(x.name, y.name) || byText(x.repoId, y.repoId))
      const formerNames = new Set(former.map(({ name }) => name))
      return {
        scope,
        names: listed.size,
        borne: listed.size - missing.size,
        former: former.map(bearer => ({ ...bearer, isListedTwice: listed.has(bearer.repoId) })),
        absent: [...missing].filter(name => !formerNames.has(name)).sort(byText),
      }
    },
  }
}

function byText(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}
