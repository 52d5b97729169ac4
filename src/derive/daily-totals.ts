import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { Counters } from '../domain/repo.ts'
import {
  type DailyTotal,
  TOTAL_ATTRIBUTIONS,
  type TotalAttribution,
  type TotalAxis,
} from '../domain/total.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { createAttributor } from './attribute.ts'
import { attributeBases } from './attribute-base.ts'
import { judgeScope } from './in-scope.ts'

/** The running sums of one group of repositories. */
type Group = Omit<DailyTotal, 'day'>

/** One part of n of a repository in a group: a merge of n bases has n parts, which sum to the whole to the unit. */
interface Part {
  group: Group
  index: number
  of: number
}

interface Held {
  repo: RepoFacts
  counters: Counters | null
  isGone: boolean
  parts: Part[]
}

/**
 * Running totals by scope, attribution, axis and key. Feed it repositories, then their counters as days pass; ask for
 * the totals of a day. Feeding the current counters once, or every observation in order, gives the same totals.
 */
export interface RunningTotals {
  add(repo: RepoFacts): void
  /** New counters. A lifetime counter that is unknown now keeps its last known value. */
  observe(repoKey: number, counters: Counters): void
  /** New name, task or bases of a repository, from the next `totalsOn` on. */
  redescribe(repo: RepoFacts): void
  setGone(repoKey: number, isGone: boolean): void
  /** Totals of `day`, empty groups left out. Days must not go backwards. */
  totalsOn(day: UtcDay): DailyTotal[]
}

export function createRunningTotals(registry: Registry, firstDay: UtcDay): RunningTotals {
  const attributor = createAttributor(registry)
  const groups = new Map<string, Group>()
  const held = new Map<number, Held>()
  let today = firstDay

  function group(scope: string, attribution: TotalAttribution, axis: TotalAxis, key: string): Group {
    const id = JSON.stringify([scope, attribution, axis, key])
    let found = groups.get(id)
    if (!found) {
      found = {
        scope,
        attribution,
        axis,
        key,
        repos: 0,
        downloads30d: 0,
        downloadsAllTime: 0,
        allTimeUnknownRepos: 0,
        goneRepos: 0,
        goneDownloadsAllTime: 0,
      }
      groups.set(id, found)
    }
    return found
  }

  function partsOf(repo: RepoFacts): Part[] {
    const publisher = attributor.attribute(repo.repoId, today)
    const bases = attributeBases(attributor, repo, today)
    const parts: Part[] = []
    for (const scope of registry.scopes.values()) {
      const verdict = judgeScope(scope, repo, publisher)
      if (verdict === 'not-first-party') {
        for (const attribution of TOTAL_ATTRIBUTIONS) {
          parts.push({ group: group(scope.key, attribution, 'left-out', publisher.line), index: 0, of: 1 })
        }
      }
      if (verdict !== 'in') continue
      for (const axis of ['region', 'lab'] as const) {
        parts.push({ group: group(scope.key, 'publisher', axis, axisKey(publisher, axis)), index: 0, of: 1 })
        bases.forEach((base, index) => {
          parts.push({ group: group(scope.key, 'base', axis, axisKey(base, axis)), index, of: bases.length })
        })
      }
    }
    return parts
  }

  function apply(entry: Held, sign: 1 | -1): void {
    const { counters, isGone, parts } = entry
    if (counters === null) return
    for (const { group: target, index, of } of parts) {
      const one = sign * share(1, index, of)
      const allTime = counters.downloadsAllTime
      if (isGone) {
        target.goneRepos += one
        target.goneDownloadsAllTime += sign * share(allTime ?? 0, index, of)
      } else {
        target.repos += one
        target.downloads30d += sign * share(counters.downloads30d, index, of)
      }
      if (allTime === null) target.allTimeUnknownRepos += one
      else target.downloadsAllTime += sign * share(allTime, index, of)
    }
  }

  function change(repoKey: number, edit: (entry: Held) => void): void {
    const entry = held.get(repoKey)
    if (!entry) throw new RangeError(`repository ${repoKey} was never added`)
    apply(entry, -1)
    edit(entry)
    apply(entry, 1)
  }

  function moveTo(day: UtcDay): void {
    const isCrossed = attributor.boundaries.some(boundary => today < boundary && boundary <= day)
    today = day
    if (!isCrossed) return
    for (const repoKey of held.keys()) {
      change(repoKey, entry => {
        entry.parts = partsOf(entry.repo)
      })
    }
  }

  return {
    add(repo) {
      held.set(repo.repoKey, { repo, counters: null, isGone: false, parts: partsOf(repo) })
    },
    observe(repoKey, counters) {
      change(repoKey, entry => {
        const lastKnown = entry.counters?.downloadsAllTime ?? null
        entry.counters = { ...counters, downloadsAllTime: counters.downloadsAllTime ?? lastKnown }
      })
    },
    redescribe(repo) {
      change(repo.repoKey, entry => {
        entry.repo = repo
        entry.parts = partsOf(repo)
      })
    },
    setGone(repoKey, isGone) {
      change(repoKey, entry => {
        entry.isGone = isGone
      })
    },
    totalsOn(day) {
      moveTo(day)
      return [...groups.values()].filter(isHeld).map(found => ({ day, ...found }))
    },
  }
}

/** A group can hold downloads without a repository: the earlier parts of merges, which count under their last base. */
function isHeld(group: Group): boolean {
  return group.repos + group.goneRepos + group.downloads30d + group.downloadsAllTime > 0
}

function axisKey(attribution: Attribution, axis: 'region' | 'lab'): string {
  return axis === 'region' ? attribution.line : (attribution.labKey ?? attribution.line)
}

/** Part `index` of `of` nearly equal whole parts; the parts of a value sum to it exactly. */
export function share(value: number, index: number, of: number): number {
  return of === 1 ? value : Math.floor((value * (index + 1)) / of) - Math.floor((value * index) / of)
}
