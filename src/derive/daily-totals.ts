import type { RepoFacts } from '../domain/attribution.ts'
import type { Registry } from '../domain/registry.ts'
import type { DailyTotal } from '../domain/total.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { createBirthDays } from './birth-days.ts'
import { createJudge } from './judge.ts'
import type { PartyFinder } from './party.ts'
import { createRunningCounters, lengthened, PRESENCE, type RunningCounters } from './running-counters.ts'
import { createTotalGroups, type Group, noSums, type Stretch, type Sums } from './total-groups.ts'

/**
 * Running totals by scope, attribution, axis and key. Feed it repositories, then their counters as days pass; ask for
 * the totals of a day. Feeding the current counters once, or every observation in order, gives the same totals.
 */
export interface RunningTotals {
  add(repo: RepoFacts): void
  /** New counters, NaN for unknown. A lifetime counter that is unknown now keeps its last known value. */
  observe(repoKey: number, downloads30d: number, downloadsAllTime: number): void
  /** New name, task, bases or roots of a repository, from the next `totalsOn` on. */
  redescribe(repo: RepoFacts): void
  setGone(repoKey: number, isGone: boolean): void
  /** Totals of `day`, empty groups left out. Days must not go backwards. */
  totalsOn(day: UtcDay): DailyTotal[]
  /** What was fed so far. */
  readonly counters: RunningCounters
  /** Whom repositories count for, for others that ask the same of the same day. */
  readonly parties: PartyFinder
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
  const groups = createTotalGroups(judge.parties.party)
  /**
   * By the number of the judgement: everything that its repositories add up to. Null where they are split between several
   * bases or roots: each is added by itself, for halves of sums are not sums of halves.
   */
  const pools: (Sums | null)[] = []
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
  let todayNumber = dayNumber(firstDay)

  function assign(repo: RepoFacts): void {
    place(repo.repoKey, judge.judge(repo, today))
    if (age === null) return
    const day = birthDay(repo.createdOn) + age
    agesOn[repo.repoKey] = day > todayNumber ? day : 0
  }

  function place(repoKey: number, number: number): void {
    if (pools[number] === undefined) {
      const { bases, roots } = judge.judgement(number)
      pools[number] = bases.length > 1 || roots.length > 1 ? null : noSums()
    }
    poolOf[repoKey] = number
  }

  /** Whoever is too old by the day (number) leaves the scopes that have an age. */
  function ageUntil(now: number): void {
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
    const number = poolOf[repoKey]!
    const sums = pools[number] ?? null
    if (sums !== null) {
      addTo(sums, sign, isGone, downloads30d, allTime)
      return
    }
    // Its parts are found anew each time: hardly two merges share them, and each has dozens.
    groups.eachPart(judge.judgement(number), (group, stretch) => {
      const part = (value: number) => share(value, stretch)
      addTo(group, sign * part(1), isGone, part(downloads30d), part(allTime), sign)
    })
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
    todayNumber = dayNumber(day)
    if (age !== null) ageUntil(todayNumber)
    if (!isCrossed) return
    for (const repo of dated.values()) change(repo.repoKey, () => assign(repo))
  }

  function keep(repo: RepoFacts): void {
    if (judge.mayChange(repo)) dated.set(repo.repoKey, repo)
    else dated.delete(repo.repoKey)
  }

  return {
    counters,
    parties: judge.parties,
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
      for (const group of groups.all()) totals.set(group, { day, ...group })
      pools.forEach((sums, number) => {
        if (sums === null) return
        groups.eachPart(judge.judgement(number), group => {
          let total = totals.get(group)
          if (total === undefined) {
            total = { day, ...group }
            totals.set(group, total)
          }
          addSums(total, sums)
        })
      })
      return [...totals.values()].filter(isHeld)
    },
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

/**
 * A group can hold downloads without a repository: the earlier parts of merges, which count under their last base. They can be
 * below zero where corrections are added up.
 */
function isHeld(group: Group): boolean {
  return group.repos + group.goneRepos > 0 || group.downloads30d !== 0 || group.downloadsAllTime !== 0
}

/** Weights are no whole numbers: 49 parts of a forty-ninth must make one. Counters have at most eleven digits. */
const ROUNDING = 1e-5

/** The whole number of a value that falls on a stretch; those of stretches that join from 0 to `of` sum to the value exactly. */
export function share(value: number, { from, to, of }: Stretch): number {
  if (from === 0 && to === of) return value
  return Math.floor((value * to) / of + ROUNDING) - Math.floor((value * from) / of + ROUNDING)
}
