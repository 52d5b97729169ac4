import { HEADLINE_RELATIONS, SHARE_SCOPE } from '../derive/headline-metrics.ts'
import { CLEAN_COUNTERS, type CounterChoice } from '../domain/clean.ts'
import { SHARE_BIRTHS, SHARE_COUNTERS } from '../domain/derivative.ts'
import type { AnswerBasis, Headline, HeadlineShare, LabLine, ScopeHeadline } from '../domain/headline.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import type { Sweep } from '../domain/sweep.ts'
import { isAllTimeKnown, TOTAL_ATTRIBUTIONS, type TotalAttribution } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { readShare } from '../store/daily-shares.ts'
import { readTotalsOn } from '../store/daily-totals.ts'
import { type AnswerEffects, answerBasis, chooseScopes, readRegionTable } from './answer-basis.ts'
import { answerCrossover } from './answer-crossover.ts'
import { listHeldDays, listRejectedDays } from './list-held-days.ts'
import { chosenTotalsOn } from './read-totals.ts'

export interface HeadlineQuery {
  /** The last day whose facts may be used; the newest published day when absent. */
  asOf?: UtcDay
  /** Restrict to one scope key. */
  scope?: string
  /** Restrict to one attribution. */
  attribution?: TotalAttribution
  /** Cleaned by every rule when absent. Shares of fine-tunes compare raw counters with a threshold, whatever is chosen. */
  counters?: CounterChoice
}

/** The pairs whose crossover the headline shows: regions by cumulative downloads, scope by scope. */
export const HEADLINE_PAIR = ['china', 'united-states'] as const
const TOP_LABS = 10
/** One step back and at the end of the walk: the two differ by many points (method.md 0.7). */
export const SHARE_ATTRIBUTIONS = ['base', 'root'] as const satisfies readonly TotalAttribution[]

/** Everything the census publishes for one day. Throws a CensusError when no day has been published. */
export function answerHeadline(query: HeadlineQuery, effects: AnswerEffects): Headline {
  // One state of the file: another process may publish between two of the questions.
  return effects.store.sqlite.transaction(() => readHeadline(query, effects))()
}

function readHeadline(query: HeadlineQuery, effects: AnswerEffects): Headline {
  const { store, registry } = effects
  const { counters = CLEAN_COUNTERS } = query
  const { basis, sweep } = answerBasis(query.asOf, effects, counters)
  const scopes = chooseScopes(registry, query.scope)
  const attributions = TOTAL_ATTRIBUTIONS.filter(found => !query.attribution || found === query.attribution)
  const headlines = scopes.flatMap(scope =>
    attributions.map(attribution => scopeHeadline(scope, attribution, basis, effects)),
  )
  const [a, b] = HEADLINE_PAIR
  const crossovers = headlines.map(({ scope, attribution }) =>
    answerCrossover(
      { a, b, scope, attribution, metric: 'downloadsAllTime', asOf: basis.asOf, counters },
      effects,
    ),
  )
  const later = { after: basis.asOf, ...(query.asOf === undefined ? {} : { until: query.asOf }) }
  return {
    basis,
    sweep,
    carriedRepos: countCarried(sweep, effects),
    heldDays: listHeldDays(store, later),
    rejectedDays: listRejectedDays(store, later),
    scopes: headlines,
    shares: headlineShares(basis.asOf, { store, registry }),
    crossovers,
  }
}

/** Listed repositories of the whole Hub beyond those this sweep could read. */
function countCarried(sweep: Sweep, { store }: AnswerEffects): number {
  const totals = readTotalsOn(store, sweep.day, { scope: 'all', attribution: 'publisher', axis: 'region' })
  const listed = totals.reduce((sum, total) => sum + total.repos, 0)
  return Math.max(0, listed - (sweep.rowCount - sweep.duplicateCount - sweep.quarantinedCount))
}

function scopeHeadline(
  scope: Scope,
  attribution: TotalAttribution,
  { asOf: day, cleanRules }: AnswerBasis,
  { store, registry }: AnswerEffects,
): ScopeHeadline {
  const query = { scope: scope.key, attribution, axis: 'lab' } as const
  const topLabs: LabLine[] = chosenTotalsOn(store, day, query, cleanRules)
    .totals.filter(total => registry.labs.has(total.key) && !isOutsideClass(registry, total.key))
    .slice(0, TOP_LABS)
    .map(total => {
      const lab = registry.labs.get(total.key)!
      return {
        key: total.key,
        name: lab.name,
        downloads30d: total.downloads30d,
        downloadsAllTime: isAllTimeKnown(total) ? total.downloadsAllTime : null,
      }
    })
  return {
    scope: scope.key,
    scopeVersion: scope.version,
    scopeDefinition: scope.definition,
    attribution,
    table: readRegionTable(day, scope.key, attribution, { store, registry }, undefined, cleanRules),
    topLabs,
  }
}

function isOutsideClass(registry: Registry, labKey: string): boolean {
  const kind = registry.labs.get(labKey)?.kind
  return kind === 'community' || kind === 'excluded'
}

function headlineShares(day: UtcDay, { store, registry }: AnswerEffects): HeadlineShare[] {
  const basis = { scope: SHARE_SCOPE, scopeVersion: registry.scopes.get(SHARE_SCOPE)?.version ?? 0 }
  return SHARE_BIRTHS.flatMap(born =>
    SHARE_COUNTERS.flatMap(counter =>
      SHARE_ATTRIBUTIONS.flatMap(attribution => {
        const share = readShare(store, day, { counter, born, attribution, relations: HEADLINE_RELATIONS })
        return share === null ? [] : [{ ...basis, ...share }]
      }),
    ),
  )
}
