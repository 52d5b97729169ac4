import { createAttributor } from '../derive/attribute.ts'
import { findCrossover } from '../derive/crossover.ts'
import { derivativeShare } from '../derive/derivative-share.ts'
import { HEADLINE_THRESHOLD, HOLD_DAYS } from '../derive/headline-metrics.ts'
import { lineName, lineOrder, regionTable } from '../derive/lines.ts'
import type { RepoFacts } from '../domain/attribution.ts'
import { CensusError } from '../domain/census-error.ts'
import type { Derivative, ShareCounter } from '../domain/derivative.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type {
  AnswerBasis,
  CrossoverAnswer,
  Headline,
  HeadlineShare,
  LabLine,
  RegionTable,
  ScopeHeadline,
} from '../domain/headline.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import type { Sweep } from '../domain/sweep.ts'
import { isAllTimeKnown, TOTAL_ATTRIBUTIONS, type TotalAttribution, type TotalAxis } from '../domain/total.ts'
import { addDays, type UtcDay } from '../domain/utc-day.ts'
import { findTotalsBasis, listTotalDays, readTotalSeries, readTotalsOn } from '../store/daily-totals.ts'
import { readFactChanges } from '../store/read-fact-changes.ts'
import { readCountersOn, readPopulation } from '../store/read-population.ts'
import { listNotices, listSweeps } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'

type AnswerEffects = Pick<Effects, 'store' | 'registry'>

export interface HeadlineQuery {
  /** The last day whose facts may be used; the newest published day when absent. */
  asOf?: UtcDay
  /** Restrict to one scope key. */
  scope?: string
  /** Restrict to one attribution. */
  attribution?: TotalAttribution
}

/** The pairs whose crossover the headline shows: regions by cumulative downloads, scope by scope. */
const HEADLINE_PAIR = ['china', 'united-states'] as const
const TOP_LABS = 10
/** The scope a reader meets first: the one in which a crossover exists at all (method.md 0.1). */
const FIRST_SCOPE = 'llm'
/** Fine-tunes are made by everybody: the share is taken over the whole Hub. */
const SHARE_SCOPE = 'all'
/** Counted as new: created within a year of the day. */
const NEW_DAYS = 365

/** Everything the census publishes for one day. Throws a CensusError when no day has been published. */
export function answerHeadline(query: HeadlineQuery, effects: AnswerEffects): Headline {
  const { store, registry } = effects
  const { basis, sweep } = answerBasis(query.asOf, effects)
  const scopes = chooseScopes(registry, query.scope)
  const attributions = TOTAL_ATTRIBUTIONS.filter(found => !query.attribution || found === query.attribution)
  const headlines = scopes.flatMap(scope =>
    attributions.map(attribution => scopeHeadline(scope, attribution, basis.asOf, effects)),
  )
  const [a, b] = HEADLINE_PAIR
  const crossovers = headlines.map(({ scope, attribution }) =>
    answerCrossover({ a, b, scope, attribution, metric: 'downloadsAllTime', asOf: basis.asOf }, effects),
  )
  return {
    basis,
    sweep,
    scopes: headlines,
    shares: headlineShares(basis.asOf, { store, registry }),
    crossovers,
  }
}

export interface CrossoverQuery {
  /** Region lines (`china`) or lab keys. */
  a: string
  b: string
  scope: string
  attribution: TotalAttribution
  metric: 'downloadsAllTime' | 'downloads30d'
  asOf?: UtcDay
}

/** When `a` passed `b`. Throws a CensusError when a name is neither a region line nor a lab, or nothing is published. */
export function answerCrossover(query: CrossoverQuery, effects: AnswerEffects): CrossoverAnswer {
  const { store, registry } = effects
  const { basis } = answerBasis(query.asOf, effects)
  const [scope] = chooseScopes(registry, query.scope)
  const axis = chooseAxis(registry, [query.a, query.b])
  const { attribution, metric } = query
  const days = listTotalDays(store).filter(day => day <= basis.asOf)
  const series = (key: string) => {
    const rows = readTotalSeries(store, { scope: query.scope, attribution, axis, key })
    const values = new Map(
      rows.map(row => [row.day, metric === 'downloadsAllTime' && !isAllTimeKnown(row) ? null : row[metric]]),
    )
    // No repository of the group on a day that was counted is a true zero; an unknown counter is not.
    return days.map(day => ({ day, value: values.has(day) ? (values.get(day) ?? null) : 0 }))
  }
  const { coverage } = readRegionTable(basis.asOf, query.scope, attribution, effects)
  return {
    a: query.a,
    b: query.b,
    nameA: keyName(registry, axis, query.a),
    nameB: keyName(registry, axis, query.b),
    axis,
    scope: scope!.key,
    attribution,
    metric,
    coverage,
    crossover: findCrossover(series(query.a), series(query.b), { holdDays: HOLD_DAYS }),
  }
}

/** What every answer of this file carries. Throws a CensusError when nothing is published up to `asOf`. */
export function answerBasis(
  asOf: UtcDay | undefined,
  { store }: AnswerEffects,
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
  const sweep = listSweeps(store).findLast(found => found.day === day && found.state === 'complete')!
  const basis: AnswerBasis = {
    asOf: day,
    notice: listNotices(store)[0] ?? null,
    source: sweep.source,
    registryRevision: totals.registryRevision,
    definitionVersion: totals.definitionVersion,
  }
  return { basis, sweep }
}

function scopeHeadline(
  scope: Scope,
  attribution: TotalAttribution,
  day: UtcDay,
  { store, registry }: AnswerEffects,
): ScopeHeadline {
  const topLabs: LabLine[] = readTotalsOn(store, day, { scope: scope.key, attribution, axis: 'lab' })
    .filter(total => registry.labs.has(total.key) && !isOutsideClass(registry, total.key))
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
    table: readRegionTable(day, scope.key, attribution, { store, registry }),
    topLabs,
  }
}

function readRegionTable(
  day: UtcDay,
  scope: string,
  attribution: TotalAttribution,
  { store, registry }: AnswerEffects,
): RegionTable {
  const read = (axis: TotalAxis) => readTotalsOn(store, day, { scope, attribution, axis })
  return regionTable(read('region'), read('left-out'), registry)
}

function isOutsideClass(registry: Registry, labKey: string): boolean {
  const kind = registry.labs.get(labKey)?.kind
  return kind === 'community' || kind === 'excluded'
}

function headlineShares(day: UtcDay, effects: AnswerEffects): HeadlineShare[] {
  const derivatives = listedDerivatives(day, effects)
  const attributor = createAttributor(effects.registry)
  const rules: { counter: ShareCounter; createdFrom: string | null }[] = [
    { counter: 'downloadsAllTime', createdFrom: null },
    { counter: 'downloads30d', createdFrom: null },
    { counter: 'downloadsAllTime', createdFrom: addDays(day, -NEW_DAYS) },
    { counter: 'downloads30d', createdFrom: addDays(day, -NEW_DAYS) },
  ]
  const basis = { scope: SHARE_SCOPE, scopeVersion: effects.registry.scopes.get(SHARE_SCOPE)?.version ?? 0 }
  return rules.map(rule => ({
    ...basis,
    attribution: 'base' as const,
    ...derivativeShare(derivatives, attributor, day, {
      ...rule,
      threshold: HEADLINE_THRESHOLD,
      relations: ['finetune'],
    }),
  }))
}

/** Repositories with a base that were listed on the day, with the counters of that day. */
function listedDerivatives(day: UtcDay, { store }: AnswerEffects): Derivative[] {
  const known = readCountersOn(store, day)
  const described = new Map<number, RepoFacts>()
  for (const change of readFactChanges(store)) {
    if (change.day <= day) described.set(change.repo.repoKey, change.repo)
  }
  const derivatives: Derivative[] = []
  for (const { repo: current } of readPopulation(store)) {
    const repo = described.get(current.repoKey) ?? current
    const entry = known.get(repo.repoKey)
    if (repo.bases.length > 0 && entry && !entry.isGone) derivatives.push({ repo, counters: entry.counters })
  }
  return derivatives
}

function chooseScopes(registry: Registry, key: string | undefined): Scope[] {
  const all = [...registry.scopes.values()]
  if (key === undefined)
    return all.sort((a, b) => Number(b.key === FIRST_SCOPE) - Number(a.key === FIRST_SCOPE))
  const scope = registry.scopes.get(key)
  if (scope) return [scope]
  throw unknownName('scope', key, [...registry.scopes.keys()])
}

function chooseAxis(registry: Registry, keys: readonly string[]): 'region' | 'lab' {
  const lines = lineOrder(registry)
  if (keys.every(key => lines.includes(key))) return 'region'
  if (keys.every(key => registry.labs.has(key))) return 'lab'
  const stranger = keys.find(key => !lines.includes(key) && !registry.labs.has(key))
  if (stranger !== undefined) {
    throw unknownName('region or lab', stranger, [...lines, ...registry.labs.keys()])
  }
  throw new CensusError(
    {
      happened: `Of ${keys.join(' and ')}, one is a region and one a lab.`,
      kept: 'Nothing was changed.',
      next: 'Name two regions or two labs.',
    },
    EXIT_CODES.usage,
  )
}

function keyName(registry: Registry, axis: 'region' | 'lab', key: string): string {
  return axis === 'region' ? lineName(registry, key) : (registry.labs.get(key)?.name ?? key)
}

function unknownName(what: string, name: string, known: readonly string[]): CensusError {
  const near = known.filter(key => key.includes(name) || name.includes(key)).slice(0, 5)
  return new CensusError(
    {
      happened: `${JSON.stringify(name)} is no ${what}.`,
      kept: 'Nothing was changed.',
      next: `Try ${(near.length > 0 ? near : known.slice(0, 12)).join(', ')}.`,
    },
    EXIT_CODES.usage,
  )
}
