import type { RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { distinctBases } from './attribute-base.ts'
import { judgeScope, scopeBasis } from './in-scope.ts'
import { createPartyFinder, type PartyFinder } from './party.ts'

/** Which scopes a repository is in: a few dozen answers for millions. */
export interface Verdicts {
  /** Scope keys it is in, and those that only its publisher keeps it out of. */
  within: readonly string[]
  leftOutOf: readonly string[]
}

/** Everything the totals need to know of a repository: many repositories share one judgement. Parties are given by number. */
export interface Judgement {
  publisher: number
  /** One answer per distinct declared base, of equal weight, or the publisher's where none is declared. */
  bases: readonly number[]
  /** One answer per root, or the publisher's for a repository that stands for itself. */
  roots: readonly number[]
  /** Of the roots; they sum to 1. */
  weights: readonly number[]
  verdicts: Verdicts
}

/** Judges repositories and hands out equal judgements as one object with a small number. */
export interface Judge {
  /** The number of the judgement of a repository on a day. */
  judge(repo: RepoFacts, day: UtcDay): number
  judgement(number: number): Judgement
  /** The number of the same judgement once its repository is too old for the scopes that have an age. */
  aged(number: number): number
  /** Whether the answer for a repository depends on the day, its age apart. */
  mayChange(repo: RepoFacts): boolean
  /** Whether some answer may differ between two days. */
  hasChanged(from: UtcDay, until: UtcDay): boolean
  /** Of whom judgements tell by number. */
  readonly parties: PartyFinder
}

/** More parties than a registry has labs and families; three of them and the verdicts of 10 scopes fit a whole number. */
const MOST_PARTIES = 2 ** 12
const MOST_PACKED_SCOPES = 10

const EARLIEST_DAY = '2016-01-01' as UtcDay

export function createJudge(registry: Registry): Judge {
  const attributor = createAttributor(registry)
  const parties = createPartyFinder(registry, attributor)
  const scopes = [...registry.scopes.values()]
  const judgements: Judgement[] = []
  const numberOf = new Map<string | number, number>()
  const agedNumbers = new Map<number, number>()
  const verdictsOf = new Map<number, Verdicts>()
  let basis = scopeBasis(registry, EARLIEST_DAY)
  let basisOf = EARLIEST_DAY

  /** The verdict of every scope as digits to base three: 2 for `in`, 1 for what only the publisher keeps out. */
  function codeOf(repo: RepoFacts, publisher: number): number {
    const { attribution } = parties.party(publisher)
    let code = 0
    for (const scope of scopes) {
      const verdict = judgeScope(scope, repo, attribution, basis)
      code = code * 3 + (verdict === 'in' ? 2 : verdict === 'not-first-party' ? 1 : 0)
    }
    return code
  }

  function verdicts(code: number): Verdicts {
    let found = verdictsOf.get(code)
    if (found === undefined) {
      const keysOf = (wanted: number) =>
        scopes.filter((_, at) => digitAt(code, scopes.length - 1 - at) === wanted).map(({ key }) => key)
      found = { within: keysOf(2), leftOutOf: keysOf(1) }
      verdictsOf.set(code, found)
    }
    return found
  }

  /** One number for a judgement of one base and one root; null where it does not fit. */
  function plainId(code: number, publisher: number, base: number, root: number): number | null {
    if (scopes.length > MOST_PACKED_SCOPES || Math.max(publisher, base, root) >= MOST_PARTIES) return null
    return ((code * MOST_PARTIES + publisher) * MOST_PARTIES + base) * MOST_PARTIES + root
  }

  function keep(code: number, { publisher, bases, roots, weights }: Omit<Judgement, 'verdicts'>): number {
    const isPlain = bases.length === 1 && roots.length === 1
    const plain = isPlain ? plainId(code, publisher, bases[0]!, roots[0]!) : null
    const id = plain ?? `${code} ${publisher} ${bases.join(',')} ${roots.join(',')} ${weights.join(',')}`
    let number = numberOf.get(id)
    if (number === undefined) {
      number = judgements.push({ publisher, bases, roots, weights, verdicts: verdicts(code) }) - 1
      numberOf.set(id, number)
    }
    return number
  }

  function mayMove({ repoId }: { repoId: string | null }): boolean {
    return repoId !== null && attributor.mayChange(repoId)
  }

  return {
    parties,
    judge(repo, day) {
      if (day !== basisOf) {
        basis = scopeBasis(registry, day)
        basisOf = day
      }
      const publisher = parties.publisherOf(repo.repoId, day)
      const code = codeOf(repo, publisher)
      if (repo.bases.length < 2 && repo.roots.length < 2) {
        const [base, root] = [repo.bases[0], repo.roots[0]]
        const baseNumber = base === undefined ? publisher : parties.baseOf(base.repoId, day)
        const rootNumber = root === undefined ? publisher : parties.baseOf(root.repoId, day)
        const id = plainId(code, publisher, baseNumber, rootNumber)
        const known = id === null ? undefined : numberOf.get(id)
        if (known !== undefined) return known
        return keep(code, { publisher, bases: [baseNumber], roots: [rootNumber], weights: WHOLE })
      }
      const own = [publisher]
      const bases =
        repo.bases.length === 0 ? own : distinctBases(repo.bases).map(id => parties.baseOf(id, day))
      const roots =
        repo.roots.length === 0 ? own : repo.roots.map(({ repoId }) => parties.baseOf(repoId, day))
      const weights = roots.length === 1 ? WHOLE : repo.roots.map(({ weight }) => weight)
      return keep(code, { publisher, bases, roots, weights })
    },
    judgement: number => judgements[number]!,
    aged(number) {
      let aged = agedNumbers.get(number)
      if (aged === undefined) {
        const { verdicts, ...rest } = judgements[number]!
        const code = scopes.reduce((code, { key, bornWithinDays }) => {
          if (bornWithinDays !== null) return code * 3
          return code * 3 + (verdicts.within.includes(key) ? 2 : verdicts.leftOutOf.includes(key) ? 1 : 0)
        }, 0)
        aged = keep(code, rest)
        agedNumbers.set(number, aged)
      }
      return aged
    },
    mayChange: repo =>
      attributor.boundaries.length > 0 &&
      (mayMove(repo) || repo.bases.some(mayMove) || repo.roots.some(mayMove)),
    hasChanged: (from, until) => attributor.boundaries.some(boundary => from < boundary && boundary <= until),
  }
}

function digitAt(code: number, place: number): number {
  return Math.floor(code / 3 ** place) % 3
}

const WHOLE: readonly number[] = [1]
