import { createAttributor } from '../../src/derive/attribute.ts'
import { attributeBases } from '../../src/derive/attribute-base.ts'
import { judgeScope, scopeBasis } from '../../src/derive/in-scope.ts'
import type { DerivativeShareRule } from '../../src/derive/running-shares.ts'
import type { Attribution, RepoFacts } from '../../src/domain/attribution.ts'
import type { DerivativeShare } from '../../src/domain/derivative.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { type DailyTotal, TOTAL_ATTRIBUTIONS } from '../../src/domain/total.ts'
import type { UtcDay } from '../../src/domain/utc-day.ts'

/** A repository as known on one day; `counters` null while nothing was observed of it. */
export interface PlainRepo {
  repo: RepoFacts
  counters: { downloads30d: number; downloadsAllTime: number | null } | null
  isGone: boolean
}

/** The parts of a merge of `of` bases: they sum to the value to the unit. */
const part = (value: number, index: number, of: number) =>
  Math.floor((value * (index + 1)) / of) - Math.floor((value * index) / of)

/** The totals of a day, every repository judged and added by itself: what the first release did, in one go. */
export function plainTotals(registry: Registry, repos: Iterable<PlainRepo>, day: UtcDay): DailyTotal[] {
  const attributor = createAttributor(registry)
  const totals = new Map<string, DailyTotal>()
  const add = (
    { counters, isGone }: PlainRepo,
    [scope, attribution, axis, key]: readonly [string, DailyTotal['attribution'], DailyTotal['axis'], string],
    index = 0,
    of = 1,
  ) => {
    if (counters === null) return
    const id = JSON.stringify([scope, attribution, axis, key])
    const nothing = {
      repos: 0,
      downloads30d: 0,
      downloadsAllTime: 0,
      allTimeUnknownRepos: 0,
      goneRepos: 0,
      goneDownloadsAllTime: 0,
    }
    const total = totals.get(id) ?? { day, scope, attribution, axis, key, ...nothing }
    totals.set(id, total)
    const one = part(1, index, of)
    const allTime = part(counters.downloadsAllTime ?? 0, index, of)
    if (isGone) {
      total.goneRepos += one
      total.goneDownloadsAllTime += allTime
    } else {
      total.repos += one
      total.downloads30d += part(counters.downloads30d, index, of)
    }
    total.downloadsAllTime += allTime
    if (counters.downloadsAllTime === null) total.allTimeUnknownRepos += one
  }
  const axisKey = ({ line, labKey }: Attribution, axis: 'region' | 'lab') =>
    axis === 'region' ? line : (labKey ?? line)
  for (const entry of repos) {
    const publisher = attributor.attribute(entry.repo.repoId, day)
    const bases = attributeBases(attributor, entry.repo, day)
    for (const scope of registry.scopes.values()) {
      const verdict = judgeScope(scope, entry.repo, publisher, scopeBasis(registry, day))
      if (verdict === 'not-first-party')
        for (const attribution of TOTAL_ATTRIBUTIONS)
          add(entry, [scope.key, attribution, 'left-out', publisher.line])
      if (verdict !== 'in') continue
      for (const axis of ['region', 'lab'] as const) {
        add(entry, [scope.key, 'publisher', axis, axisKey(publisher, axis)])
        bases.forEach((base, index) => {
          add(entry, [scope.key, 'base', axis, axisKey(base, axis)], index, bases.length)
        })
      }
    }
  }
  return [...totals.values()].filter(
    total => total.repos + total.goneRepos + total.downloads30d + total.downloadsAllTime > 0,
  )
}

/** A share of a day's listed derivatives, taken one by one: what the first release did. */
export function plainShare(
  registry: Registry,
  repos: Iterable<PlainRepo>,
  day: UtcDay,
  relations: readonly string[],
  { counter, threshold, createdFrom }: DerivativeShareRule,
): DerivativeShare {
  const attributor = createAttributor(registry)
  const weights = new Map<string, number>()
  const publishers = new Set<string>()
  let considered = 0
  let counterUnknown = 0
  let counted = 0
  for (const { repo, counters, isGone } of repos) {
    if (counters === null || isGone) continue
    if (createdFrom !== null && repo.createdOn < createdFrom) continue
    const bases = repo.bases.filter(base => relations.includes(base.relation))
    if (bases.length === 0) continue
    considered += 1
    const downloads = counters[counter]
    if (downloads === null) {
      counterUnknown += 1
      continue
    }
    if (downloads <= threshold) continue
    counted += 1
    publishers.add(repo.handle)
    const answers = attributeBases(attributor, { ...repo, bases }, day)
    for (const { line } of answers) weights.set(line, (weights.get(line) ?? 0) + 1 / answers.length)
  }
  const lines = [...weights].map(([line, found]) => ({ line, repos: found }))
  const sums = { considered, counterUnknown, counted, publishers: publishers.size }
  return { counter, threshold, relations, createdFrom, ...sums, lines }
}
