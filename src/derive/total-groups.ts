import {
  type DailyTotal,
  TOTAL_ATTRIBUTIONS,
  type TotalAttribution,
  type TotalAxis,
} from '../domain/total.ts'
import type { Judgement } from './judge.ts'
import type { Party } from './party.ts'

/** The sums of one group of repositories. */
export type Group = Omit<DailyTotal, 'day'>

export type Sums = Pick<
  DailyTotal,
  'repos' | 'downloads30d' | 'downloadsAllTime' | 'allTimeUnknownRepos' | 'goneRepos' | 'goneDownloadsAllTime'
>

/** The stretch of a repository that counts in a group, from 0 to `of`. The stretches of one attribution join end to end. */
export interface Stretch {
  from: number
  to: number
  of: number
}

/** Finds the groups that a judgement counts in. */
export interface TotalGroups {
  /** Calls for every group of a judgement, with the stretch that counts there. */
  eachPart(judgement: Judgement, visit: (group: Group, stretch: Stretch) => void): void
  /** Every group found so far, empty ones too. */
  all(): Iterable<Group>
}

/** The groups of one party in one scope by one attribution. */
interface Holders {
  /** By line, lab or class, and family. */
  own: readonly Group[]
  /** Of its family, for repositories that others publish. */
  descendants: Group | null
}

export function createTotalGroups(party: (number: number) => Party): TotalGroups {
  /** By scope, then by attribution, then by the number of a party. */
  const holders = new Map<string, Record<TotalAttribution, Holders[]>>()
  /** By scope, then by attribution and line. */
  const leftOut = new Map<string, Record<TotalAttribution, Map<string, Group>>>()
  /** By everything that tells them apart: many parties are of one line. */
  const groups = new Map<string, Group>()

  function groupOf(scope: string, attribution: TotalAttribution, axis: TotalAxis, key: string): Group {
    const id = JSON.stringify([scope, attribution, axis, key])
    let found = groups.get(id)
    if (found === undefined) {
      found = { scope, attribution, axis, key, ...noSums() }
      groups.set(id, found)
    }
    return found
  }

  function holdersOf(scope: string, attribution: TotalAttribution, number: number): Holders {
    let ofScope = holders.get(scope)
    if (ofScope === undefined) {
      ofScope = { publisher: [], base: [], root: [] }
      holders.set(scope, ofScope)
    }
    const found = ofScope[attribution][number]
    if (found !== undefined) return found
    const { familyKey } = party(number)
    const made = {
      own: axisKeys(party(number)).map(([axis, key]) => groupOf(scope, attribution, axis, key)),
      descendants: familyKey === null ? null : groupOf(scope, attribution, 'descendants', familyKey),
    }
    ofScope[attribution][number] = made
    return made
  }

  function leftOutOf(scope: string, attribution: TotalAttribution, line: string): Group {
    let ofScope = leftOut.get(scope)
    if (ofScope === undefined) {
      ofScope = { publisher: new Map(), base: new Map(), root: new Map() }
      leftOut.set(scope, ofScope)
    }
    let found = ofScope[attribution].get(line)
    if (found === undefined) {
      found = groupOf(scope, attribution, 'left-out', line)
      ofScope[attribution].set(line, found)
    }
    return found
  }

  return {
    eachPart({ publisher, bases, roots, weights, verdicts }, visit) {
      const { attribution: answer, familyKey } = party(publisher)
      for (const scope of verdicts.leftOutOf) {
        for (const attribution of TOTAL_ATTRIBUTIONS) {
          visit(leftOutOf(scope, attribution, answer.line), WHOLE)
        }
      }
      for (const scope of verdicts.within) {
        const add = (attribution: TotalAttribution, number: number, stretch: Stretch) => {
          const { own, descendants } = holdersOf(scope, attribution, number)
          for (const group of own) visit(group, stretch)
          if (descendants !== null && descendants.key !== familyKey) visit(descendants, stretch)
        }
        add('publisher', publisher, WHOLE)
        bases.forEach((base, index) => {
          add('base', base, { from: index, to: index + 1, of: bases.length })
        })
        let from = 0
        roots.forEach((root, index) => {
          const to = index === roots.length - 1 ? 1 : from + weights[index]!
          add('root', root, { from, to, of: 1 })
          from = to
        })
      }
    },
    all: () => groups.values(),
  }
}

export function noSums(): Sums {
  return {
    repos: 0,
    downloads30d: 0,
    downloadsAllTime: 0,
    allTimeUnknownRepos: 0,
    goneRepos: 0,
    goneDownloadsAllTime: 0,
  }
}

/** What a party counts for: its line, its lab or class, and its family if it has one. */
function axisKeys({ attribution, familyKey }: Party): readonly [TotalAxis, string][] {
  const keys: [TotalAxis, string][] = [
    ['region', attribution.line],
    ['lab', attribution.labKey ?? attribution.line],
  ]
  if (familyKey !== null) keys.push(['family', familyKey])
  return keys
}

const WHOLE: Stretch = { from: 0, to: 1, of: 1 }
