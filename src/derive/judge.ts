import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { attributeBases } from './attribute-base.ts'
import { judgeScope, scopeBasis } from './in-scope.ts'

/** Everything the totals need to know of a repository: many repositories share one judgement. */
export interface Judgement {
  publisher: Attribution
  /** One answer per distinct declared base, or the publisher's where none is declared. */
  bases: readonly Attribution[]
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

/** More answers than a registry has labs; two of them and the verdicts of 13 scopes fit a whole number. */
const MOST_ANSWERS = 2 ** 16
const MOST_PACKED_SCOPES = 13

const EARLIEST_DAY = '2016-01-01' as UtcDay

export function createJudge(registry: Registry): Judge {
  const attributor = createAttributor(registry)
  const scopes = [...registry.scopes.values()]
  const judgements: Judgement[] = []
  const numberOf = new Map<string | number, number>()
  const answers = new Map<Attribution, number>()
  // Which attributions are equal is told by line and lab.
  const answerNumbers = new Map<string, number>()

  function answerNumber(answer: Attribution): number {
    const known = answers.get(answer)
    if (known !== undefined) return known
    const id = answer.labKey === null ? answer.line : `${answer.line} ${answer.labKey}`
    const number = answerNumbers.get(id) ?? answerNumbers.size
    answerNumbers.set(id, number)
    // Attributions are new objects on another day: years of days must not pile up.
    if (answers.size >= MOST_ANSWERS) answers.clear()
    answers.set(answer, number)
    return number
  }

  const agedNumbers = new Map<number, number>()
  let basis = scopeBasis(registry, EARLIEST_DAY)
  let basisOf = EARLIEST_DAY

  /** Tells judgements apart: the verdicts as digits to base three, then the answers; one number in the usual case. */
  function idOf(verdicts: number, publisher: Attribution, bases: readonly Attribution[]): string | number {
    const publisherNumber = answerNumber(publisher)
    if (bases.length === 1 && scopes.length <= MOST_PACKED_SCOPES && answerNumbers.size < MOST_ANSWERS) {
      return (verdicts * MOST_ANSWERS + publisherNumber) * MOST_ANSWERS + answerNumber(bases[0]!)
    }
    return `${verdicts} ${publisherNumber} ${bases.map(answerNumber).join(' ')}`
  }

  return {
    judge(repo, day) {
      if (day !== basisOf) {
        basis = scopeBasis(registry, day)
        basisOf = day
      }
      const publisher = attributor.attribute(repo.repoId, day)
      const bases = repo.bases.length === 0 ? [publisher] : attributeBases(attributor, repo, day)
      let verdicts = 0
      for (const scope of scopes) {
        const verdict = judgeScope(scope, repo, publisher, basis)
        verdicts = verdicts * 3 + (verdict === 'in' ? 2 : verdict === 'not-first-party' ? 1 : 0)
      }
      const id = idOf(verdicts, publisher, bases)
      let number = numberOf.get(id)
      if (number === undefined) {
        const keysOf = (wanted: 'in' | 'not-first-party') =>
          scopes.filter(scope => judgeScope(scope, repo, publisher, basis) === wanted).map(({ key }) => key)
        const judgement = { publisher, bases, within: keysOf('in'), leftOutOf: keysOf('not-first-party') }
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
      repo.bases.some(base => base.repoId !== null && attributor.mayChange(base.repoId)),
    hasChanged: (from, until) => attributor.boundaries.some(boundary => from < boundary && boundary <= until),
  }
}
