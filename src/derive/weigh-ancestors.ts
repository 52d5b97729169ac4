import { strongComponents } from './strong-components.ts'

/** Shares of a walk up, by place. */
export interface AncestorWeights {
  /** The part of place 0 that stands on each; 1 for itself. */
  weights: readonly number[]
  /** Whether two places are of one circle: a link between them does not count. */
  isWithinCircle(from: number, to: number): boolean
}

/**
 * How much of the first node stands on every other: its bases share it equally at each step (method.md M5), and links
 * between members of a circle do not count. `basesOf` gives by place the places of distinct bases, without itself; a node
 * that the walk did not go beyond has none.
 */
export function weighAncestors(basesOf: readonly (readonly number[])[]): AncestorWeights {
  const places = basesOf.map((_, place) => place)
  const components = strongComponents(places, place => basesOf[place]!)
  const circleOf = new Int32Array(basesOf.length)
  for (const [number, members] of components.entries()) for (const place of members) circleOf[place] = number
  const weights = places.map(place => (place === 0 ? 1 : 0))
  // They come bases first.
  for (const members of components.reverse()) {
    for (const place of members) {
      const bases = basesOf[place]!.filter(base => circleOf[base] !== circleOf[place])
      for (const base of bases) weights[base]! += weights[place]! / bases.length
    }
  }
  return { weights, isWithinCircle: (from, to) => circleOf[from] === circleOf[to] }
}
