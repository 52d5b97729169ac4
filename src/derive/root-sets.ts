/** One root of a node: where it is, how much of the node stands on it, by how many steps at most. */
export interface RootPart {
  root: number
  weight: number
  depth: number
}

/** Lists of several roots, equal ones once and by number: merges of the same models share theirs. */
export interface RootSets {
  /** The number of a list. Weights of one root are added up, the longest way counts. */
  intern(parts: readonly RootPart[]): number
  partsOf(number: number): readonly RootPart[]
}

/** More roots than this are not told apart: the lightest are one, `MANY_ROOTS`. Real merges have some twenty. */
export const MOST_ROOTS = 256
/** Stands for the roots beyond `MOST_ROOTS`. */
export const MANY_ROOTS = -1

/** `compare` orders roots by what they are, so that equal facts make equal lists in whatever order they came. */
export function createRootSets(compare: (a: number, b: number) => number): RootSets {
  const lists: RootPart[][] = []
  const numbers = new Map<string, number>()
  return {
    partsOf: number => lists[number]!,
    intern(parts) {
      const byRoot = new Map<number, RootPart[]>()
      for (const part of parts) {
        const known = byRoot.get(part.root)
        if (known) known.push(part)
        else byRoot.set(part.root, [part])
      }
      const joined = [...byRoot].map(
        ([root, same]): RootPart => ({
          root,
          weight: sum(same.map(({ weight }) => weight)),
          depth: deepest(same),
        }),
      )
      joined.sort((a, b) => compare(a.root, b.root))
      const kept = joined.length <= MOST_ROOTS ? joined : heaviest(joined)
      const id = kept.map(({ root, weight, depth }) => `${root} ${weight} ${depth}`).join(',')
      let number = numbers.get(id)
      if (number === undefined) {
        number = lists.push(kept) - 1
        numbers.set(id, number)
      }
      return number
    },
  }
}

function heaviest(parts: readonly RootPart[]): RootPart[] {
  const ranked = parts.map((part, place) => ({ part, place }))
  ranked.sort(
    (a, b) =>
      Number(a.part.root === MANY_ROOTS) - Number(b.part.root === MANY_ROOTS) ||
      b.part.weight - a.part.weight ||
      a.place - b.place,
  )
  const kept = ranked.slice(0, MOST_ROOTS - 1).sort((a, b) => a.place - b.place)
  const rest = ranked.slice(MOST_ROOTS - 1).map(({ part }) => part)
  const many: RootPart = {
    root: MANY_ROOTS,
    weight: sum(rest.map(({ weight }) => weight)),
    depth: deepest(rest),
  }
  return [...kept.map(({ part }) => part), many]
}

/** Not by `Math.max(...)`: a hostile merge has more roots than a call may have arguments. */
function deepest(parts: readonly RootPart[]): number {
  return parts.reduce((most, { depth }) => Math.max(most, depth), 0)
}

/** A sum that does not depend on the order of its terms. */
function sum(terms: readonly number[]): number {
  return [...terms].sort((a, b) => a - b).reduce((total, term) => total + term, 0)
}
