import type { Attribution, RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import {
  type DailyTotal,
  TOTAL_ATTRIBUTIONS,
  type TotalAttribution,
  type TotalAxis,
} from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { createBirthDays } from './birth-days.ts'
import { createJudge, type Judgement } from './judge.ts'
import { createRunningCounters, lengthened, PRESENCE, type RunningCounters } from './running-counters.ts'

/** The sums of one group of repositories. */
type Group = Omit<DailyTotal, 'day'>

/** One part of n of a repository in a group: a merge of n bases has n parts, which sum to the whole to the unit. */
interface Part {
  group: Group
  index: number
  of: number
}

/** Everything that repositories of one judgement add up to. */
interface Pool {
  parts: readonly Part[]
  /** Its repositories are split between several bases: each is added by itself, for halves of sums are not sums of halves. */
  isSplit: boolean
  sums: Sums
}

type Sums = Pick<
  DailyTotal,
  'repos' | 'downloads30d' | 'downloadsAllTime' | 'allTimeUnknownRepos' | 'goneRepos' | 'goneDownloadsAllTime'
>

/**
 * Running totals by scope, attribution, axis and key. Feed it repositories, then their counters as days pass; ask for
 * the totals of a day. Feeding the current counters once, or every observation in order, gives the same totals.
 */
export interface RunningTotals {
  add(repo: RepoFacts): void
  /** New counters, NaN for unknown. A lifetime counter that is unknown now keeps its last known value. */
  observe(repoKey: number, downloads30d: number, downloadsAllTime: number): void
  /** New name, task or bases of a repository, from the next `totalsOn` on. */
  redescribe(repo: RepoFacts): void
  setGone(repoKey: number, isGone: boolean): void
  /** Totals of `day`, empty groups left out. Days must not go backwards. */
  totalsOn(day: UtcDay): DailyTotal[]
  /** What was fed so far. */
  readonly counters: RunningCounters
}

const NOBODY = -1

/** `highestKey`: the highest repository key to come, as far as it is known: its columns are then made once. */
export function createRunningTotals(
  registry: Registry,
  firstDay: UtcDay,
  highestKey?: number,
): RunningTotals {
  const judge = createJudge(registry)
  const counters = createRunningCounters(highestKey)
  const groups = new Map<string, Group>()
  /** By the number of the judgement. */
  const pools: Pool[] = []
  /** By repository key. */
  let poolOf = new Int32Array(counters.presence.length).fill(NOBODY)
  /** By repository key: the day (number) on which it is too old for the scopes that have an age; 0 when it is or none has. */
  let agesOn = new Uint16Array(counters.presence.length)
  const age =
    [...registry.scopes.values()].find(scope => scope.bornWithinDays !== null)?.bornWithinDays ?? null
  const birthDay = createBirthDays()
  /** Repositories whose judgement depends on the day. */
  const dated = new Map<number, RepoFacts>()
  let today = firstDay

  function groupOf(scope: string, attribution: TotalAttribution, axis: TotalAxis, key: string): Group {
    const id = JSON.stringify([scope, attribution, axis, key])
    let found = groups.get(id)
    if (!found) {
      found = { scope, attribution, axis, key, ...noSums() }
      groups.set(id, found)
    }
    return found
  }

  function partsOf({ publisher, bases, within, leftOutOf }: Judgement): Part[] {
    const parts: Part[] = []
    for (const scope of leftOutOf) {
      for (const attribution of TOTAL_ATTRIBUTIONS) {
        parts.push({ group: groupOf(scope, attribution, 'left-out', publisher.line), index: 0, of: 1 })
      }
    }
    for (const scope of within) {
      for (const axis of ['region', 'lab'] as const) {
        parts.push({ group: groupOf(scope, 'publisher', axis, axisKey(publisher, axis)), index: 0, of: 1 })
        bases.forEach((base, index) => {
          parts.push({ group: groupOf(scope, 'base', axis, axisKey(base, axis)), index, of: bases.length })
        })
      }
    }
    return parts
  }

  function assign(repo: RepoFacts): void {
    place(repo.repoKey, judge.judge(repo, today))
    if (age === null) return
    const day = birthDay(repo.createdOn) + age
    agesOn[repo.repoKey] = day > dayNumber(today) ? day : 0
  }

  function place(repoKey: number, number: number): void {
    if (pools[number] === undefined) {
      const judgement = judge.judgement(number)
      pools[number] = { parts: partsOf(judgement), isSplit: judgement.bases.length > 1, sums: noSums() }
    }
    poolOf[repoKey] = number
  }

  /** Whoever is too old by `day` leaves the scopes that have an age. */
  function ageUntil(day: UtcDay): void {
    const now = dayNumber(day)
    for (let repoKey = 0; repoKey < agesOn.length; repoKey += 1) {
      if (agesOn[repoKey] === 0 || agesOn[repoKey]! > now) continue
      agesOn[repoKey] = 0
      change(repoKey, () => place(repoKey, judge.aged(poolOf[repoKey]!)))
    }
  }

  /** Adds a repository's counters to where they belong, or takes them out again. */
  function apply(repoKey: number, sign: 1 | -1): void {
    const presence = counters.presence[repoKey]
    if (presence === PRESENCE.unobserved) return
    const isGone = presence === PRESENCE.gone
    const downloads30d = counters.downloads30d[repoKey]!
    const allTime = counters.downloadsAllTime[repoKey]!
    const { isSplit, parts, sums } = pools[poolOf[repoKey]!]!
    if (!isSplit) addTo(sums, sign, isGone, downloads30d, allTime)
    else {
      for (const { group, index, of } of parts) {
        const part = (value: number) => share(value, index, of)
        addTo(group, sign * part(1), isGone, part(downloads30d), part(allTime), sign)
      }
    }
  }

  function change(repoKey: number, edit: () => void): void {
    refuseStranger(repoKey)
    apply(repoKey, -1)
    edit()
    apply(repoKey, 1)
  }

  function refuseStranger(repoKey: number): void {
    if ((poolOf[repoKey] ?? NOBODY) === NOBODY) throw new RangeError(`repository ${repoKey} was never added`)
  }

  function moveTo(day: UtcDay): void {
    if (day === today) return
    const isCrossed = judge.hasChanged(today, day)
    today = day
    if (age !== null) ageUntil(day)
    if (!isCrossed) return
    for (const repo of dated.values()) change(repo.repoKey, () => assign(repo))
  }

  function keep(repo: RepoFacts): void {
    if (judge.mayChange(repo)) dated.set(repo.repoKey, repo)
    else dated.delete(repo.repoKey)
  }

  return {
    counters,
    add(repo) {
      counters.reach(repo.repoKey)
      if (poolOf.length < counters.presence.length) {
        poolOf = lengthened(poolOf, new Int32Array(counters.presence.length).fill(NOBODY))
        agesOn = lengthened(agesOn, new Uint16Array(counters.presence.length))
      }
      assign(repo)
      keep(repo)
    },
    observe(repoKey, downloads30d, downloadsAllTime) {
      refuseStranger(repoKey)
      apply(repoKey, -1)
      counters.downloads30d[repoKey] = downloads30d
      if (!Number.isNaN(downloadsAllTime)) counters.downloadsAllTime[repoKey] = downloadsAllTime
      if (counters.presence[repoKey] === PRESENCE.unobserved) counters.presence[repoKey] = PRESENCE.listed
      apply(repoKey, 1)
    },
    redescribe(repo) {
      change(repo.repoKey, () => assign(repo))
      keep(repo)
    },
    setGone(repoKey, isGone) {
      change(repoKey, () => {
        counters.presence[repoKey] = isGone ? PRESENCE.gone : PRESENCE.listed
      })
    },
    totalsOn(day) {
      moveTo(day)
      // Groups hold what is split; everything else is added up here, pool by pool.
      const totals = new Map<Group, DailyTotal>()
      for (const group of groups.values()) totals.set(group, { day, ...group })
      for (const { isSplit, parts, sums } of pools) {
        if (isSplit) continue
        for (const { group } of parts) addSums(totals.get(group)!, sums)
      }
      return [...totals.values()].filter(isHeld)
    },
  }
}

function noSums(): Sums {
  return {
    repos: 0,
    downloads30d: 0,
    downloadsAllTime: 0,
    allTimeUnknownRepos: 0,
    goneRepos: 0,
    goneDownloadsAllTime: 0,
  }
}

/** Adds `one` repositories (a part of one may be 0 of it) with these counters; `sign` is that of the counters. */
function addTo(
  sums: Sums,
  one: number,
  isGone: boolean,
  downloads30d: number,
  allTime: number,
  sign = one,
): void {
  const isKnown = !Number.isNaN(allTime)
  if (isGone) {
    sums.goneRepos += one
    if (isKnown) sums.goneDownloadsAllTime += sign * allTime
  } else {
    sums.repos += one
    sums.downloads30d += sign * downloads30d
  }
  if (isKnown) sums.downloadsAllTime += sign * allTime
  else sums.allTimeUnknownRepos += one
}

function addSums(total: Sums, sums: Sums): void {
  total.repos += sums.repos
  total.downloads30d += sums.downloads30d
  total.downloadsAllTime += sums.downloadsAllTime
  total.allTimeUnknownRepos += sums.allTimeUnknownRepos
  total.goneRepos += sums.goneRepos
  total.goneDownloadsAllTime += sums.goneDownloadsAllTime
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
