import type { Attribution } from '../domain/attribution.ts'
import type { CountryTenure, HandleTenure, Lab, Registry } from '../domain/registry.ts'
import { handleOf } from '../domain/repo.ts'
import { addDays, type UtcDay } from '../domain/utc-day.ts'

/** Answers whose a repository is on a day, by its id alone. Total: every id gets exactly one line. */
export interface Attributor {
  attribute(repoId: string, day: UtcDay): Attribution
  /** Whether the answer for an id depends on the day. */
  mayChange(repoId: string): boolean
  /** Days on which some answer may differ from the day before, ascending. */
  boundaries: readonly UtcDay[]
}

const UNREVIEWED: Attribution = {
  line: 'unreviewed',
  labKey: null,
  country: null,
  decidedBy: 'nothing',
  evidence: null,
}

/**
 * Judges by the reviewed registry: an exception for the single repository first, then the owner of its handle on that
 * day, else `unreviewed`. Handles match exactly, letter case included: a look-alike stays unreviewed.
 */
export function createAttributor(registry: Registry): Attributor {
  const owners = new Map<string, { lab: Lab; tenure: HandleTenure }[]>()
  const exceptions = new Map<string, Lab>()
  /** Handles and single repositories whose answer depends on the day. */
  const datedHandles = new Set<string>()
  const datedRepos = new Set<string>()
  const regionOf = new Map<string, string>()
  const boundaries = new Set<UtcDay>()
  const answersBy = { exception: new Map<Lab, Attribution>(), handle: new Map<Lab, Attribution>() }
  let answersOn: UtcDay | null = null
  for (const region of registry.regions) for (const code of region.countries) regionOf.set(code, region.key)
  for (const lab of registry.labs.values()) {
    const isMoving = isDated(lab.countries)
    for (const tenure of lab.handles) {
      owners.set(tenure.handle, [...(owners.get(tenure.handle) ?? []), { lab, tenure }])
      if (isMoving || isDated([tenure])) datedHandles.add(tenure.handle)
    }
    for (const exception of lab.exceptions) exceptions.set(exception.repoId, lab)
    for (const { from, until } of [...lab.handles, ...lab.countries]) {
      if (from !== null) boundaries.add(from)
      if (until !== null) boundaries.add(addDays(until, 1))
    }
  }

  for (const [repoId, lab] of exceptions) if (isDated(lab.countries)) datedRepos.add(repoId)

  /** One object for equal answers of one day: three million questions have a few hundred of them. */
  function answer(lab: Lab, day: UtcDay, decidedBy: 'exception' | 'handle'): Attribution {
    if (day !== answersOn) {
      answersOn = day
      for (const answers of Object.values(answersBy)) answers.clear()
    }
    let found = answersBy[decidedBy].get(lab)
    if (found === undefined) {
      found = decide(lab, day, decidedBy)
      answersBy[decidedBy].set(lab, found)
    }
    return found
  }

  function decide(lab: Lab, day: UtcDay, decidedBy: 'exception' | 'handle'): Attribution {
    const seat = lab.countries.find(tenure => covers(tenure, day))
    const country = seat?.country ?? 'unknown'
    return { line: line(lab, country), labKey: lab.key, country, decidedBy, evidence: seat?.evidence ?? null }
  }

  function line(lab: Lab, country: string): string {
    // The class comes before the seat: a re-packager has a country, and still is not a lab of that country.
    if (lab.kind === 'community' || lab.kind === 'excluded') return lab.kind
    if (country === 'multinational' || country === 'unknown') return country
    return regionOf.get(country) ?? 'unknown'
  }

  return {
    boundaries: [...boundaries].sort(),
    mayChange(repoId) {
      if (datedRepos.has(repoId)) return true
      return datedHandles.size > 0 && datedHandles.has(handleOf(repoId)) && !exceptions.has(repoId)
    },
    attribute(repoId, day) {
      const exception = exceptions.get(repoId)
      if (exception) return answer(exception, day, 'exception')
      const owner = owners.get(handleOf(repoId))?.find(({ tenure }) => covers(tenure, day))
      return owner ? answer(owner.lab, day, 'handle') : UNREVIEWED
    },
  }
}

/** From the first day to the last, both included, as `labs.yml` writes them. */
function covers(tenure: Pick<CountryTenure, 'from' | 'until'>, day: UtcDay): boolean {
  return (tenure.from === null || tenure.from <= day) && (tenure.until === null || day <= tenure.until)
}

function isDated(tenures: readonly Pick<CountryTenure, 'from' | 'until'>[]): boolean {
  return tenures.some(({ from, until }) => from !== null || until !== null)
}
