import { regionTable } from '../derive/lines.ts'
import { CensusError } from '../domain/census-error.ts'
import { CLEAN_COUNTERS, type CounterChoice, RAW_COUNTERS } from '../domain/clean.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { AnswerBasis, RegionTable } from '../domain/headline.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import type { Sweep } from '../domain/sweep.ts'
import type { TotalAttribution, TotalAxis } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { nearestName } from '../registry/nearest-name.ts'
import { findTotalsBasis, listTotalDays } from '../store/daily-totals.ts'
import { listNotices, listSweeps } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'
import { chosenTotalsOn } from './read-totals.ts'

/** What answering takes of the world: facts and judgement. */
export type AnswerEffects = Pick<Effects, 'store' | 'registry'>

/** The scope a reader meets first: the one in which a crossover exists at all (method.md 0.1). */
const FIRST_SCOPE = 'llm'

/** What every answer of this file carries; of raw counters when none are named. Throws a CensusError when nothing is published up to `asOf`. */
export function answerBasis(
  asOf: UtcDay | undefined,
  { store, registry }: AnswerEffects,
  counters: CounterChoice = RAW_COUNTERS,
): { basis: AnswerBasis; sweep: Sweep } {
  const days = listTotalDays(store)
  const day = asOf === undefined ? days.at(-1) : days.filter(found => found <= asOf).at(-1)
  const totals = findTotalsBasis(store)
  if (day === undefined || totals === null) {
    const span = days.length > 0 ? `; totals begin on ${days[0]}` : ''
    throw new CensusError(
      {
        happened: `No day has been published${asOf === undefined ? '' : ` up to ${asOf}`} in ${store.file}${span}.`,
        kept: 'Nothing was changed.',
        next:
          days.length > 0
            ? `Ask for ${days[0]} or later.`
            : 'Type "hub-census sweep", then "hub-census metrics".',
      },
      EXIT_CODES.usage,
    )
  }
  if (totals.registryRevision !== registry.revision) {
    throw new CensusError(
      {
        happened: `The totals in ${store.file} were made with registry ${totals.registryRevision}, this is registry ${registry.revision}.`,
        kept: 'Nothing was changed.',
        next: 'Type "hub-census metrics" to bring the totals up to date.',
      },
      EXIT_CODES.usage,
    )
  }
  const sweep = listSweeps(store).findLast(found => found.day === day && found.state === 'complete')!
  const basis: AnswerBasis = {
    asOf: day,
    notice: listNotices(store)[0] ?? null,
    source: sweep.source,
    registryRevision: totals.registryRevision,
    definitionVersion: totals.definitionVersion,
    ...basisCounters(counters),
  }
  return { basis, sweep }
}

/** What an answer says of its counters: without any rule they are the raw ones. */
export function basisCounters(cleanRules: CounterChoice): Pick<AnswerBasis, 'counters' | 'cleanRules'> {
  return { counters: cleanRules.length === 0 ? 'raw' : 'clean', cleanRules }
}

/** The named scope, or all of them with the one a reader meets first in front. Throws a CensusError for a stranger. */
export function chooseScopes(registry: Registry, key: string | undefined): Scope[] {
  const all = [...registry.scopes.values()]
  if (key === undefined)
    return all.sort((a, b) => Number(b.key === FIRST_SCOPE) - Number(a.key === FIRST_SCOPE))
  const scope = registry.scopes.get(key)
  if (scope) return [scope]
  throw unknownName('scope', key, [...registry.scopes.keys()])
}

/** One day's totals of a scope by region line, with what the scope leaves out and what cleaning adds. */
export function readRegionTable(
  day: UtcDay,
  scope: string,
  attribution: TotalAttribution,
  { store, registry }: AnswerEffects,
  counter?: 'downloadsAllTime' | 'downloads30d',
  counters: CounterChoice = CLEAN_COUNTERS,
): RegionTable {
  const read = (axis: TotalAxis) => chosenTotalsOn(store, day, { scope, attribution, axis }, counters)
  const found = read('region')
  return regionTable(found.totals, read('left-out').totals, registry, counter, found)
}

/** The error for a name nobody knows, with the nearest known ones. */
export function unknownName(what: string, name: string, known: readonly string[]): CensusError {
  const nearest = nearestName(name, known)
  const alike = known.filter(key => key.includes(name) || name.includes(key))
  const near = [...new Set([...(nearest === null ? [] : [nearest]), ...alike])].slice(0, 5)
  return new CensusError(
    {
      happened: `${JSON.stringify(name)} is no ${what}.`,
      kept: 'Nothing was changed.',
      next: `Try ${(near.length > 0 ? near : known.slice(0, 12)).join(', ')}.`,
    },
    EXIT_CODES.usage,
  )
}
