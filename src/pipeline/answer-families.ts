import { addTotals, familyAdoption, familyLines, familySums } from '../derive/family-adoption.ts'
import { CLEAN_COUNTERS, type CounterChoice } from '../domain/clean.ts'
import type {
  FamilyAnswer,
  FamilyAttribution,
  FamilyChoice,
  FamilyHistory,
  FamilyLine,
} from '../domain/family-answer.ts'
import type { RegionTable } from '../domain/headline.ts'
import type { DailyTotal, TotalAttribution } from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { listTotalDays } from '../store/daily-totals.ts'
import { type AnswerEffects, answerBasis, chooseScopes, readRegionTable } from './answer-basis.ts'
import { findFamily } from './find-family.ts'
import { chosenTotalSeries, chosenTotalsOn } from './read-totals.ts'

export interface FamilyQuery {
  scope: string
  attribution: FamilyAttribution
  /** The last day whose facts may be used; the newest published day when absent. */
  asOf?: UtcDay
  /** Cleaned by every rule when absent. */
  counters?: CounterChoice
}

/**
 * The families of the registry by 30-day downloads of their own repositories and of what descends from them, at most
 * `limit`. Throws a CensusError (usage) when nothing is published up to `asOf`, and for an unknown scope.
 */
export function answerFamilies(query: FamilyQuery & { limit: number }, effects: AnswerEffects): FamilyAnswer {
  // One state of the file: another process may publish between two of the questions.
  return effects.store.sqlite.transaction(() => {
    const { choice, table, lines, own, counted } = readFamilies(query, effects)
    const known = [...effects.registry.labs.values()].reduce((sum, lab) => sum + lab.families.length, 0)
    const families = lines.slice(0, query.limit)
    return {
      ...choice,
      families,
      more: lines.length - families.length,
      empty: known - lines.length,
      together: { own: familySums(addTotals(own)), counted: familySums(addTotals(counted)) },
      whole: {
        repos: table.repos,
        downloads30d: table.downloads30d,
        downloadsAllTime: table.downloadsAllTime,
      },
    }
  })()
}

/**
 * One family, named `lab/family` or by its own key, on the as-of day and by month. Throws a CensusError (usage) as
 * `answerFamilies` does, and for a name that is no family's.
 */
export function answerFamily(query: FamilyQuery & { family: string }, effects: AnswerEffects): FamilyHistory {
  return effects.store.sqlite.transaction(() => {
    const { choice, lines } = readFamilies(query, effects)
    const name = findFamily(effects.registry, query.family)
    const at = lines.findIndex(({ key }) => key === name.key)
    const nothing = { own: undefined, counted: undefined, descending: undefined }
    return {
      ...choice,
      family: lines[at] ?? { ...name, ...familyAdoption(nothing) },
      place: at === -1 ? null : at + 1,
      of: lines.length,
      months: readMonths(name.key, query, choice.basis, effects),
    }
  })()
}

interface FoundFamilies {
  choice: FamilyChoice
  /** The whole scope by region. */
  table: RegionTable
  lines: FamilyLine[]
  own: readonly DailyTotal[]
  counted: readonly DailyTotal[]
}

function readFamilies(query: FamilyQuery, effects: AnswerEffects): FoundFamilies {
  const { scope, attribution, asOf, counters = CLEAN_COUNTERS } = query
  const { store, registry } = effects
  const { basis } = answerBasis(asOf, effects, counters)
  const { key, version, definition } = chooseScopes(registry, scope)[0]!
  const read = (by: TotalAttribution, axis: 'family' | 'descendants') =>
    chosenTotalsOn(store, basis.asOf, { scope, attribution: by, axis }, counters).totals
  const own = read('publisher', 'family')
  const counted = read(attribution, 'family')
  const ownOf = byKey(own)
  const countedOf = byKey(counted)
  const descendingOf = byKey(read(attribution, 'descendants'))
  const table = readRegionTable(basis.asOf, scope, attribution, effects, 'downloads30d', counters)
  return {
    choice: {
      basis,
      scope: key,
      scopeVersion: version,
      scopeDefinition: definition,
      attribution,
      coverage: table.coverage,
    },
    table,
    lines: familyLines(registry, family => ({
      own: ownOf.get(family),
      counted: countedOf.get(family),
      descending: descendingOf.get(family),
    })),
    own,
    counted,
  }
}

function byKey(totals: readonly DailyTotal[]): ReadonlyMap<string, DailyTotal> {
  return new Map(totals.map(total => [total.key, total]))
}

/** The first published day of each month up to `asOf`. */
function readMonths(
  key: string,
  { scope, attribution }: FamilyQuery,
  { asOf, cleanRules }: FamilyHistory['basis'],
  effects: AnswerEffects,
): FamilyHistory['months'] {
  const { store } = effects
  const series = (by: TotalAttribution, axis: 'family' | 'descendants') =>
    new Map(
      chosenTotalSeries(store, { scope, attribution: by, axis, key }, cleanRules).totals.map(
        total => [total.day, total] as const,
      ),
    )
  const own = series('publisher', 'family')
  const counted = series(attribution, 'family')
  const descending = series(attribution, 'descendants')
  return firstDays(listTotalDays(store).filter(day => day <= asOf)).map(day => ({
    day,
    ...familyAdoption({ own: own.get(day), counted: counted.get(day), descending: descending.get(day) }),
  }))
}

/** Of ascending days, the first of each month. */
function firstDays(days: readonly UtcDay[]): UtcDay[] {
  return days.filter((day, at) => day.slice(0, 7) !== days[at - 1]?.slice(0, 7))
}
