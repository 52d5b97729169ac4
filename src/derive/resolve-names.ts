import type { LinkRule, NameHolder } from '../domain/lineage.ts'

/** What a declared text means on a day. */
export type NameAnswer =
  /** A repository, and the rule that found it. */
  | { holder: NameHolder; rule: Exclude<LinkRule, 'hub-id'> }
  /** Another text: the moved id of an alias, or by one step the model of which it is a copy. */
  | { declared: string; steps: 0; rule: 'legacy-id' | 'renamed-handle' }
  | { declared: string; steps: 1; rule: 're-upload' }

/** The reviewed rules that names can be looked up by. */
export interface NameRules {
  aliasOf(declared: string): { repoId: string; rule: 'legacy-id' | 'renamed-handle' } | null
  copyOf(repoId: string): { repoId: string } | null
}

/** Tells what declared texts mean, day by day. */
export interface NameResolver {
  /** Null for a text that leads nowhere on that day. Days are days since 1970-01-01. */
  resolve(declared: string, day: number): NameAnswer | null
  /** Days on which the meaning of a text can change, ascending. */
  daysOf(declared: string): readonly number[]
}

/**
 * Looks declared texts up by rules in this order: a repository's name on the day, a name it had before (the Hub redirects
 * it until somebody takes it), a reviewed alias, the only name on the day that differs by letter case alone; then the
 * reviewed alias or copy without a repository. Nothing else is guessed. `holders` has to know every name that a text or
 * its alias can mean, letter case aside.
 */
export function createNameResolver(holders: readonly NameHolder[], rules: NameRules): NameResolver {
  const byName = new Map<string, NameHolder[]>()
  const byLetters = new Map<string, NameHolder[]>()
  for (const holder of holders) {
    put(byName, holder.name, holder)
    put(byLetters, folded(holder.name), holder)
  }

  function exactly(name: string, day: number): { holder: NameHolder; rule: 'name' | 'former-name' } | null {
    const seen = (byName.get(name) ?? []).filter(holder => holder.fromOn <= day)
    const now = newest(seen.filter(holder => isHeld(holder, day)))
    if (now !== null) return { holder: now, rule: 'name' }
    const before = newest(seen)
    return before === null ? null : { holder: before, rule: 'former-name' }
  }

  function byLetterCase(name: string, day: number): NameHolder | null {
    const held = (byLetters.get(folded(name)) ?? []).filter(
      holder => holder.fromOn <= day && isHeld(holder, day),
    )
    return new Set(held.map(({ repoKey }) => repoKey)).size === 1 ? held[0]! : null
  }

  return {
    resolve(declared, day) {
      const found = exactly(declared, day)
      if (found !== null) return found
      const alias = rules.aliasOf(declared)
      const moved = alias === null ? null : exactly(alias.repoId, day)
      if (alias !== null && moved !== null) return { holder: moved.holder, rule: alias.rule }
      const holder = byLetterCase(declared, day)
      if (holder !== null) return { holder, rule: 'letter-case' }
      if (alias !== null) return { declared: alias.repoId, steps: 0, rule: alias.rule }
      const copied = rules.copyOf(declared)
      return copied === null ? null : { declared: copied.repoId, steps: 1, rule: 're-upload' }
    },
    daysOf(declared) {
      const names = [declared, rules.aliasOf(declared)?.repoId].filter(name => name !== undefined)
      const days = new Set<number>()
      for (const name of names) {
        for (const { fromOn, untilOn } of byLetters.get(folded(name)) ?? []) {
          for (const day of [fromOn, untilOn]) if (day !== null) days.add(day)
        }
      }
      return [...days].sort((a, b) => a - b)
    },
  }
}

function isHeld({ untilOn }: NameHolder, day: number): boolean {
  return untilOn === null || untilOn > day
}

/** As SQLite folds letters: A to Z alone, for ids have no others. */
function folded(name: string): string {
  return name.replace(/[A-Z]/g, letter => letter.toLowerCase())
}

/** Later than every day. */
const STILL = Number.MAX_SAFE_INTEGER

/**
 * Of several that have or had a name: who gave it up last or has it, then who took it last, then by `_id`. Whether one is
 * listed does not count: a repository that is missing for a night means what it meant before.
 */
function newest(holders: readonly NameHolder[]): NameHolder | null {
  const [first] = [...holders].sort(
    (a, b) =>
      (b.untilOn ?? STILL) - (a.untilOn ?? STILL) || b.fromOn - a.fromOn || (a.hubId < b.hubId ? -1 : 1),
  )
  return first ?? null
}

function put(lists: Map<string, NameHolder[]>, key: string, holder: NameHolder): void {
  const list = lists.get(key)
  if (list) list.push(holder)
  else lists.set(key, [holder])
}
