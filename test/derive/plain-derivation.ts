import { createAttributor } from '../../src/derive/attribute.ts'
import { UNRESOLVED } from '../../src/derive/attribute-base.ts'
import { createFamilyFinder } from '../../src/derive/family.ts'
import { judgeScope, scopeBasis } from '../../src/derive/in-scope.ts'
import type { DerivativeShareRule } from '../../src/derive/running-shares.ts'
import type { Attribution, RepoFacts } from '../../src/domain/attribution.ts'
import type { DerivativeShare, MonthlyShare, RelationSet } from '../../src/domain/derivative.ts'
import type { Registry } from '../../src/domain/registry.ts'
import { type DailyTotal, TOTAL_ATTRIBUTIONS, type TotalAttribution } from '../../src/domain/total.ts'
import type { UtcDay } from '../../src/domain/utc-day.ts'

/** A repository as known on one day; `counters` null while nothing was observed of it. */
export interface PlainRepo {
  repo: RepoFacts
  counters: { downloads30d: number; downloadsAllTime: number | null } | null
  isGone: boolean
}

/** The whole units of a value between two places from 0 to `of`: those of neighbours sum to the value. */
const part = (value: number, from: number, to: number, of: number) =>
  Math.floor((value * to) / of) - Math.floor((value * from) / of)

/** The totals of a day, every repository judged and added by itself: what the first release did, in one go. */
export function plainTotals(registry: Registry, repos: Iterable<PlainRepo>, day: UtcDay): DailyTotal[] {
  const attributor = createAttributor(registry)
  const totals = new Map<string, DailyTotal>()
  const add = (
    { counters, isGone }: PlainRepo,
    [scope, attribution, axis, key]: readonly [string, DailyTotal['attribution'], DailyTotal['axis'], string],
    [from, to, of]: readonly [number, number, number] = [0, 1, 1],
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
    const one = part(1, from, to, of)
    const allTime = part(counters.downloadsAllTime ?? 0, from, to, of)
    if (isGone) {
      total.goneRepos += one
      total.goneDownloadsAllTime += allTime
    } else {
      total.repos += one
      total.downloads30d += part(counters.downloads30d, from, to, of)
    }
    total.downloadsAllTime += allTime
    if (counters.downloadsAllTime === null) total.allTimeUnknownRepos += one
  }
  const families = createFamilyFinder(registry)
  const keysOf = (
    { line, labKey }: Attribution,
    id: string | null,
    publisherId: string,
  ): [DailyTotal['axis'], string][] => {
    const family = id === null ? null : families.familyOf(id, day)
    const key = family && `${family.lab.key}/${family.family.key}`
    const own = families.familyOf(publisherId, day)
    const isOwn = own !== null && `${own.lab.key}/${own.family.key}` === key
    return [
      ['region', line],
      ['lab', labKey ?? line],
      ...(key === null ? [] : [['family', key] as const]),
      ...(key === null || isOwn ? [] : [['descendants', key] as const]),
    ] as [DailyTotal['axis'], string][]
  }
  for (const entry of repos) {
    const publisher = attributor.attribute(entry.repo.repoId, day)
    const own = [{ repoId: entry.repo.repoId, weight: 1 }]
    const distinct = new Map(entry.repo.bases.map(base => [base.repoId ?? base.declared, base.repoId]))
    const bases = distinct.size === 0 ? [entry.repo.repoId] : [...distinct.values()]
    const roots = entry.repo.roots.length === 0 ? own : entry.repo.roots
    const whoseIs = (id: string | null) => (id === null ? UNRESOLVED : attributor.attribute(id, day))
    for (const scope of registry.scopes.values()) {
      const verdict = judgeScope(scope, entry.repo, publisher, scopeBasis(registry, day))
      if (verdict === 'not-first-party')
        for (const attribution of TOTAL_ATTRIBUTIONS)
          add(entry, [scope.key, attribution, 'left-out', publisher.line])
      if (verdict !== 'in') continue
      for (const [axis, key] of keysOf(publisher, entry.repo.repoId, entry.repo.repoId)) {
        add(entry, [scope.key, 'publisher', axis, key])
      }
      bases.forEach((id, index) => {
        for (const [axis, key] of keysOf(whoseIs(id), id, entry.repo.repoId)) {
          add(entry, [scope.key, 'base', axis, key], [index, index + 1, bases.length])
        }
      })
      let from = 0
      for (const { repoId, weight } of roots) {
        for (const [axis, key] of keysOf(whoseIs(repoId), repoId, entry.repo.repoId)) {
          add(entry, [scope.key, 'root', axis, key], [from, from + weight, 1])
        }
        from += weight
      }
    }
  }
  return [...totals.values()].filter(
    total => total.repos + total.goneRepos > 0 || total.downloads30d !== 0 || total.downloadsAllTime !== 0,
  )
}

/** Which of the four relations each set of relations holds, written out once more. */
const SETS: Record<RelationSet, readonly string[]> = {
  finetune: ['finetune'],
  adapter: ['adapter'],
  merge: ['merge'],
  quantized: ['quantized'],
  trained: ['finetune', 'adapter'],
  weights: ['finetune', 'adapter', 'merge'],
  any: ['finetune', 'adapter', 'merge', 'quantized'],
}

const declares = (repo: RepoFacts, set: RelationSet) =>
  repo.bases.filter(base => SETS[set].includes(base.relation))

/** Whose one repository is: every line with its part. */
function plainLines(
  registry: Registry,
  repo: RepoFacts,
  day: UtcDay,
  attribution: TotalAttribution,
  set: RelationSet,
): [line: string, weight: number][] {
  const attributor = createAttributor(registry)
  const lineOf = (id: string | null) => (id === null ? 'unresolved' : attributor.attribute(id, day).line)
  if (attribution === 'publisher') return [[lineOf(repo.repoId), 1]]
  if (attribution === 'root') {
    if (repo.roots.length === 0) return [[lineOf(repo.repoId), 1]]
    return repo.roots.map(({ repoId, weight }) => [lineOf(repoId), weight])
  }
  const bases: { declared: string; repoId: string | null }[] = []
  for (const base of declares(repo, set)) {
    const id = base.repoId ?? base.declared
    if (!bases.some(found => (found.repoId ?? found.declared) === id)) bases.push(base)
  }
  return bases.map(({ repoId }) => [lineOf(repoId), 1 / bases.length])
}

/** A share of a day's listed derivatives, taken one by one: what the first release did. */
export function plainShare(
  registry: Registry,
  repos: Iterable<PlainRepo>,
  day: UtcDay,
  { relations, attribution, counter, threshold, createdFrom }: DerivativeShareRule,
): DerivativeShare {
  const weights = new Map<string, number>()
  const publishers = new Set<string>()
  let considered = 0
  let counterUnknown = 0
  let counted = 0
  for (const { repo, counters, isGone } of repos) {
    if (counters === null || isGone) continue
    if (createdFrom !== null && repo.createdOn < createdFrom) continue
    if (declares(repo, relations).length === 0) continue
    considered += 1
    const downloads = counters[counter]
    if (downloads === null) {
      counterUnknown += 1
      continue
    }
    if (downloads <= threshold) continue
    counted += 1
    publishers.add(repo.handle)
    for (const [line, weight] of plainLines(registry, repo, day, attribution, relations))
      weights.set(line, (weights.get(line) ?? 0) + weight)
  }
  const lines = [...weights].map(([line, found]) => ({ line, repos: found }))
  const sums = { considered, counterUnknown, counted, publishers: publishers.size }
  return { attribution, counter, threshold, relations, createdFrom, ...sums, lines }
}

/** Monthly shares, each cell counted by itself. `atThirtyDays` is by repository key. */
export function plainMonthlyShares(
  registry: Registry,
  repos: readonly PlainRepo[],
  day: UtcDay,
  atThirtyDays: ReadonlyMap<number, number>,
): MonthlyShare[] {
  const cells: MonthlyShare[] = []
  const listed = repos.filter(({ counters, isGone }) => counters !== null && !isGone)
  for (const month of [...new Set(listed.map(({ repo }) => repo.createdOn.slice(0, 7)))].sort()) {
    for (const relations of Object.keys(SETS) as RelationSet[]) {
      const members = listed.filter(
        ({ repo }) => repo.createdOn.startsWith(month) && declares(repo, relations).length > 0,
      )
      if (members.length === 0) continue
      for (const counter of ['downloads30d', 'downloadsAllTime', 'downloads30dAt30Days'] as const) {
        const read = ({ repo, counters }: PlainRepo) =>
          counter === 'downloads30dAt30Days' ? (atThirtyDays.get(repo.repoKey) ?? null) : counters![counter]
        for (const threshold of [0, 1, 5, 10, 50] as const) {
          const counted = members.filter(member => (read(member) ?? -1) > threshold)
          const ofHandle = (handle: string) => counted.filter(({ repo }) => repo.handle === handle).length
          const handles = [...new Set(counted.map(({ repo }) => repo.handle))]
          const capOf = (n: number) => Math.min(n, Math.max(1, counted.length / 100))
          const lines = (['publisher', 'base', 'root'] as const).flatMap(attribution => {
            const sums = new Map<
              string,
              { attribution: TotalAttribution; line: string; repos: number; capped: number }
            >()
            for (const { repo } of counted) {
              const n = ofHandle(repo.handle)
              for (const [line, weight] of plainLines(registry, repo, day, attribution, relations)) {
                const sum = sums.get(line) ?? { attribution, line, repos: 0, capped: 0 }
                sums.set(line, {
                  ...sum,
                  repos: sum.repos + weight,
                  capped: sum.capped + (weight * capOf(n)) / n,
                })
              }
            }
            return [...sums.values()].sort((a, b) => (a.line < b.line ? -1 : 1))
          })
          cells.push({
            ...{ month, relations, counter, threshold, considered: members.length },
            counterUnknown: members.filter(member => read(member) === null).length,
            counted: counted.length,
            publishers: handles.length,
            capped: handles.reduce((sum, handle) => sum + capOf(ofHandle(handle)), 0),
            lines,
          })
        }
      }
    }
  }
  return cells
}
