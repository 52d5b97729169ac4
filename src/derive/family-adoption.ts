import type { FamilyAdoption, FamilyLine, FamilyName, FamilySums } from '../domain/family-answer.ts'
import type { Registry } from '../domain/registry.ts'
import { type DailyTotal, isAllTimeKnown } from '../domain/total.ts'

/** What a daily total counts, without what it counts it for. */
export type CountedSums = Omit<DailyTotal, 'day' | 'scope' | 'attribution' | 'axis' | 'key'>

/** A day's totals of one family: axis `family` by publisher, then by base or root, and axis `descendants` by the same. */
export interface FamilyTotals {
  own: CountedSums | undefined
  counted: CountedSums | undefined
  descending: CountedSums | undefined
}

/**
 * A family's own downloads beside those of what stands on it (method.md M6). What counts for a family by base or root is
 * `descending` and the part of `own` that stands on the family itself; the rest of `own` stands elsewhere.
 */
export function familyAdoption({ own, counted, descending }: FamilyTotals): FamilyAdoption {
  const sums = { own: familySums(own), descending: familySums(descending) }
  const elsewhere = (pick: (total: CountedSums) => number) => {
    const [published, forIt, fromIt] = [own, counted, descending].map(total => (total ? pick(total) : 0))
    return published! - (forIt! - fromIt!)
  }
  return {
    ...sums,
    ownElsewhere: {
      repos: elsewhere(({ repos }) => repos),
      downloads30d: elsewhere(({ downloads30d }) => downloads30d),
      downloadsAllTime:
        sums.own.downloadsAllTime === null ? null : elsewhere(({ downloadsAllTime }) => downloadsAllTime),
    },
    ratio30d: ratio(sums.descending.downloads30d, sums.own.downloads30d),
    ratioAllTime: ratio(sums.descending.downloadsAllTime, sums.own.downloadsAllTime),
  }
}

/** Every family of the registry that has totals, the most 30-day downloads first, own and descending together. */
export function familyLines(
  { labs }: Pick<Registry, 'labs'>,
  totalsOf: (key: string) => FamilyTotals,
): FamilyLine[] {
  const lines: FamilyLine[] = []
  for (const lab of labs.values()) {
    for (const family of lab.families) {
      const key = `${lab.key}/${family.key}`
      const totals = totalsOf(key)
      if (totals.own === undefined && totals.descending === undefined) continue
      lines.push({ ...familyName(lab, family), ...familyAdoption(totals) })
    }
  }
  const used = ({ own, descending }: FamilyAdoption) => own.downloads30d + descending.downloads30d
  const ever = ({ own, descending }: FamilyAdoption) =>
    (own.downloadsAllTime ?? 0) + (descending.downloadsAllTime ?? 0)
  return lines.sort((a, b) => used(b) - used(a) || ever(b) - ever(a) || (a.key < b.key ? -1 : 1))
}

export function familyName(
  lab: { key: string; name: string },
  family: { key: string; name: string },
): FamilyName {
  return {
    key: `${lab.key}/${family.key}`,
    labKey: lab.key,
    labName: lab.name,
    familyKey: family.key,
    familyName: family.name,
  }
}

/** The totals of several groups added up; undefined for none. */
export function addTotals(totals: readonly CountedSums[]): CountedSums | undefined {
  return totals.length === 0
    ? undefined
    : totals.reduce((sum, total) => ({
        repos: sum.repos + total.repos,
        downloads30d: sum.downloads30d + total.downloads30d,
        downloadsAllTime: sum.downloadsAllTime + total.downloadsAllTime,
        allTimeUnknownRepos: sum.allTimeUnknownRepos + total.allTimeUnknownRepos,
        goneRepos: sum.goneRepos + total.goneRepos,
        goneDownloadsAllTime: sum.goneDownloadsAllTime + total.goneDownloadsAllTime,
      }))
}

/** Totals as an answer shows them: unknown stays unknown, nothing counted is zero. */
export function familySums(total: CountedSums | undefined): FamilySums {
  return {
    repos: total?.repos ?? 0,
    downloads30d: total?.downloads30d ?? 0,
    downloadsAllTime: total === undefined ? 0 : isAllTimeKnown(total) ? total.downloadsAllTime : null,
    allTimeUnknownRepos: total?.allTimeUnknownRepos ?? 0,
    goneRepos: total?.goneRepos ?? 0,
    goneDownloadsAllTime: total?.goneDownloadsAllTime ?? 0,
  }
}

function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole
}
