import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { attributeBases } from './attribute-base.ts'
import { judgeScope } from './in-scope.ts'

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
  /** Whether the answer for a repository depends on the day. */
  mayChange(repo: RepoFacts): boolean
  /** Whether some answer may differ between two days. */
  hasChanged(from: UtcDay, until: UtcDay): boolean
}

export function createJudge(registry: Registry): Judge {
  const attributor = createAttributor(registry)
  const scopes = [...registry.scopes.values()]
  const judgements: Judgement[] = []
  const numberOf = new Map<string, number>()
  // Attributions come as new objects; which of them are equal is told by line and lab.
  const answerNumbers = new Map<string, number>()

  function answerNumber({ line, labKey }: Attribution): number {
    const id = labKey === null ? line : `${line} ${labKey}`
    let found = answerNumbers.get(id)
    if (found === undefined) {
      found = answerNumbers.size
      answerNumbers.set(id, found)
    }
    return found
  }

  return {
    judge(repo, day) {
      const publisher = attributor.attribute(repo.repoId, day)
      const bases = repo.bases.length === 0 ? [publisher] : attributeBases(attributor, repo, day)
      let verdicts = ''
      const within: string[] = []
      const leftOutOf: string[] = []
      for (const scope of scopes) {
        const verdict = judgeScope(scope, repo, publisher)
        if (verdict === 'in') within.push(scope.key)
        if (verdict === 'not-first-party') leftOutOf.push(scope.key)
        verdicts += verdict === 'in' ? '+' : verdict === 'not-first-party' ? '-' : '.'
      }
      let id = verdicts + answerNumber(publisher)
      for (const base of bases) id += `,${answerNumber(base)}`
      let number = numberOf.get(id)
      if (number === undefined) {
        number = judgements.push({ publisher, bases, within, leftOutOf }) - 1
        numberOf.set(id, number)
      }
      return number
    },
    judgement: number => judgements[number]!,
    mayChange: repo =>
      attributor.mayChange(repo.repoId) ||
      repo.bases.some(base => base.repoId !== null && attributor.mayChange(base.repoId)),
    hasChanged: (from, until) => attributor.boundaries.some(boundary => from < boundary && boundary <= until),
  }
}
