import type { RepoFacts } from '../domain/attribution.ts'

/** Numbers accounts by their handles: equal numbers, equal handles. */
export interface AccountNumbers {
  /** The number of the account that publishes a repository. */
  numberOf(repo: Pick<RepoFacts, 'handle' | 'publisherKey'>): number
  /** Above every number given. */
  size(): number
}

/**
 * Takes the file's number of a handle where there is one: half a million handles as keys of a `Map` would take 60 MB. One
 * handle must come either always with that number or never.
 */
export function createAccountNumbers(): AccountNumbers {
  /** Of handles without a number in the file. */
  const others = new Map<string, number>()
  let size = 0

  /** Even for those of the file, odd for the others. */
  function numberOf({ handle, publisherKey }: Pick<RepoFacts, 'handle' | 'publisherKey'>): number {
    if (publisherKey !== undefined) return publisherKey * 2
    let number = others.get(handle)
    if (number === undefined) {
      number = others.size * 2 + 1
      others.set(handle, number)
    }
    return number
  }

  return {
    numberOf(repo) {
      const number = numberOf(repo)
      if (number >= size) size = number + 1
      return number
    },
    size: () => size,
  }
}
