import type { RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { distinctBases } from './attribute-base.ts'
import { judgeScope, scopeBasis } from './in-scope.ts'
import { createPartyFinder, type Party } from './party.ts'

/** A part of a repository and who it counts for. */
export interface PartyPart extends Party {
  weight: number
}

/** Everything the totals need to know of a repository: many repositories share one judgement. */
export interface Judgement {
  publisher: Party
  /** One answer per distinct declared base, of equal weight, or the publisher's where none is declared. */
  bases: readonly Party[]
  /** One answer per root, or the publisher's for a repository that stands for itself. Weights sum to 1. */
  roots: readonly PartyPart[]
  /** Scope keys it is in, and those that only its publisher keeps it out of. */
  within: readonly string[]
  leftOutOf: readonly string[]
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
  let basis = scopeBasis(registry, EARLIEST_DAY)
  let basisOf = EARLIEST_DAY

  /** Tells judgements apart: the verdicts as digits to base three, then the parties; one number in the usual case. */
  function idOf(
    verdicts: number,
    publisher: number,
    bases: readonly number[],
    roots: readonly number[],
    weights: readonly number[],
  ): string | number {
    const isPlain = bases.length === 1 && roots.length === 1 && scopes.length <= MOST_PACKED_SCOPES
    const [base, root] = [bases[0]!, roots[0]!]
    if (isPlain && Math.max(publisher, base, root) < MOST_PARTIES) {
      return ((verdicts * MOST_PARTIES + publisher) * MOST_PARTIES + base) * MOST_PARTIES + root
    }
    return `${verdicts} ${publisher} ${bases.join(',')} ${roots.join(',')} ${weights.join(',')}`
  }

  return {
    judge(repo, day) {
      if (day !== basisOf) {
        basis = scopeBasis(registry, day)
        basisOf = day
      }
      const publisherNumber = parties.publisherOf(repo.repoId, day)
      const publisher = parties.party(publisherNumber)
      const own = [publisherNumber]
      const bases =
        repo.bases.length === 0 ? own : distinctBases(repo.bases).map(id => parties.baseOf(id, day))
      const roots =
        repo.roots.length === 0 ? own : repo.roots.map(({ repoId }) => parties.baseOf(repoId, day))
      const weights = roots.length === 1 ? WHOLE : repo.roots.map(({ weight }) => weight)
      let verdicts = 0
      for (const scope of scopes) {
        const verdict = judgeScope(scope, repo, publisher.attribution, basis)
        verdicts = verdicts * 3 + (verdict === 'in' ? 2 : verdict === 'not-first-party' ? 1 : 0)
      }
      const id = idOf(verdicts, publisherNumber, bases, roots, weights)
      let number = numberOf.get(id)
      if (number === undefined) {
        const keysOf = (wanted: 'in' | 'not-first-party') =>
          scopes
            .filter(scope => judgeScope(scope, repo, publisher.attribution, basis) === wanted)
            .map(({ key }) => key)
        const judgement: Judgement = {
          publisher,
          bases: bases.map(parties.party),
          roots: roots.map((root, at) => ({ ...parties.party(root), weight: weights[at]! })),
          within: keysOf('in'),
          leftOutOf: keysOf('not-first-party'),
        }
        number = judgements.push(judgement) - 1
        numberOf.set(id, number)
      }
      return number
    },
    judgement: number => judgements[number]!,
    aged(number) {
      let aged = agedNumbers.get(number)
      if (aged === undefined) {
        const { within, leftOutOf, ...rest } = judgements[number]!
        const ageless = (key: string) => registry.scopes.get(key)?.bornWithinDays == null
        aged =
          judgements.push({
            ...rest,
            within: within.filter(ageless),
            leftOutOf: leftOutOf.filter(ageless),
          }) - 1
        agedNumbers.set(number, aged)
      }
      return aged
    },
    mayChange: repo =>
      attributor.mayChange(repo.repoId) ||
      [...repo.bases, ...repo.roots].some(({ repoId }) => repoId !== null && attributor.mayChange(repoId)),
    hasChanged: (from, until) => attributor.boundaries.some(boundary => from < boundary && boundary <= until),
  }
}

const WHOLE: readonly number[] = [1]
