import type { RepoFacts } from '../domain/attribution.ts'
import {
  CLEAN_RULES,
  type CleanRule,
  correctionOf,
  coversDay,
  type DailyCorrection,
  type RepoCleanSpan,
} from '../domain/clean.ts'
import type { Registry } from '../domain/registry.ts'
import { dayNumber, type UtcDay } from '../domain/utc-day.ts'
import { createRunningTotals, type RunningTotals } from './daily-totals.ts'

/**
 * What the cleaning rules add to every total, day by day: the corrections of single repositories, added up by the same
 * judgement and the same splitting between bases as the raw counters. Feed it what the running totals are fed; whoever has
 * no span is passed over.
 */
export interface RunningCorrections {
  /** Whether any repository has a span: else nothing needs to be fed. */
  readonly isNeeded: boolean
  add(repo: RepoFacts): void
  redescribe(repo: RepoFacts): void
  /** Raw counters, NaN for unknown; a lifetime counter that is unknown now keeps its last known value. */
  observe(repoKey: number, downloads30d: number, downloadsAllTime: number): void
  setGone(repoKey: number, isGone: boolean): void
  /** Corrections of `day` that are not zero. Days must not go backwards. */
  correctionsOn(day: UtcDay): DailyCorrection[]
}

/** One repository of one rule. */
interface Corrected {
  /** Its key among the repositories of its rule. */
  place: number
  spans: RepoCleanSpan[]
  downloads30d: number
  downloadsAllTime: number
  isGone: boolean
  isSeen: boolean
  /** What its totals hold of it. */
  held: { downloads30d: number; downloadsAllTime: number }
}

interface RuleBook {
  rule: CleanRule
  totals: RunningTotals
  repos: Map<number, Corrected>
  /** Whose correction has to be looked at again: it was observed, went, came back, or a span of it begins or ends. */
  due: Set<Corrected>
  /** Those whose correction moves by the day. */
  sloped: Set<Corrected>
  /** Days on which spans begin, and the days after those on which they end, ascending. */
  turns: { day: number; repo: Corrected }[]
  turned: number
}

/** `spans` of any rules and repositories, in any order. */
export function createRunningCorrections(
  registry: Registry,
  firstDay: UtcDay,
  spans: readonly RepoCleanSpan[],
): RunningCorrections {
  const books = CLEAN_RULES.flatMap(rule => {
    const own = spans.filter(span => span.rule === rule)
    return own.length === 0 ? [] : [openBook(registry, firstDay, rule, own)]
  })

  function each(repoKey: number, edit: (repo: Corrected, book: RuleBook) => void): void {
    for (const book of books) {
      const repo = book.repos.get(repoKey)
      if (repo !== undefined) edit(repo, book)
    }
  }

  return {
    isNeeded: books.length > 0,
    add(repo) {
      each(repo.repoKey, ({ place }, { totals }) => totals.add({ ...repo, repoKey: place }))
    },
    redescribe(repo) {
      each(repo.repoKey, ({ place }, { totals }) => totals.redescribe({ ...repo, repoKey: place }))
    },
    observe(repoKey, downloads30d, downloadsAllTime) {
      each(repoKey, (repo, { due }) => {
        repo.downloads30d = downloads30d
        if (!Number.isNaN(downloadsAllTime)) repo.downloadsAllTime = downloadsAllTime
        repo.isSeen = true
        due.add(repo)
      })
    },
    setGone(repoKey, isGone) {
      each(repoKey, (repo, { due }) => {
        repo.isGone = isGone
        due.add(repo)
      })
    },
    correctionsOn(day) {
      return books.flatMap(book => correctionsOf(book, day))
    },
  }
}

function openBook(
  registry: Registry,
  firstDay: UtcDay,
  rule: CleanRule,
  spans: readonly RepoCleanSpan[],
): RuleBook {
  const repos = new Map<number, Corrected>()
  for (const span of spans) {
    const known = repos.get(span.repoKey)
    if (known !== undefined) known.spans.push(span)
    else repos.set(span.repoKey, uncorrected(repos.size, span))
  }
  const all = [...repos.values()]
  const turns = all.flatMap(repo =>
    repo.spans.flatMap(({ from, until }) => [
      { day: from, repo },
      ...(until === null ? [] : [{ day: until + 1, repo }]),
    ]),
  )
  return {
    rule,
    totals: createRunningTotals(registry, firstDay, repos.size),
    repos,
    due: new Set(),
    sloped: new Set(all.filter(repo => repo.spans.some(span => span.perDay !== 0))),
    turns: turns.sort((a, b) => a.day - b.day),
    turned: 0,
  }
}

function uncorrected(place: number, span: RepoCleanSpan): Corrected {
  return {
    place,
    spans: [span],
    downloads30d: 0,
    downloadsAllTime: Number.NaN,
    isGone: false,
    isSeen: false,
    held: { downloads30d: 0, downloadsAllTime: 0 },
  }
}

function correctionsOf(book: RuleBook, day: UtcDay): DailyCorrection[] {
  const number = dayNumber(day)
  const { rule, totals, due, sloped, turns } = book
  for (; book.turned < turns.length && turns[book.turned]!.day <= number; book.turned += 1) {
    due.add(turns[book.turned]!.repo)
  }
  for (const repo of sloped) due.add(repo)
  for (const repo of due) correct(repo, number, totals)
  due.clear()
  return totals
    .totalsOn(day)
    .filter(total => total.downloads30d !== 0 || total.downloadsAllTime !== 0)
    .map(({ scope, attribution, axis, key, repos, downloads30d, downloadsAllTime }) => ({
      day,
      scope,
      attribution,
      axis,
      key,
      rule,
      repos,
      downloads30d,
      downloadsAllTime,
    }))
}

/** Brings what the totals hold of a repository to its correction of the day. */
function correct(repo: Corrected, day: number, totals: RunningTotals): void {
  if (!repo.isSeen) return
  // A repository that is gone counts with its lifetime downloads alone, so that is all of it that can be corrected.
  const downloads30d = repo.isGone ? 0 : sumOf(repo.spans, 'downloads30d', day, repo.downloads30d)
  const downloadsAllTime = Number.isNaN(repo.downloadsAllTime)
    ? 0
    : sumOf(repo.spans, 'downloadsAllTime', day, repo.downloadsAllTime)
  const { held } = repo
  if (held.downloads30d === downloads30d && held.downloadsAllTime === downloadsAllTime) return
  totals.observe(repo.place, downloads30d, downloadsAllTime)
  // Only who is corrected on the day counts among the repositories; the others are kept as if gone.
  const isCorrected = downloads30d !== 0 || downloadsAllTime !== 0
  totals.setGone(repo.place, !isCorrected)
  repo.held = { downloads30d, downloadsAllTime }
}

function sumOf(
  spans: readonly RepoCleanSpan[],
  counter: RepoCleanSpan['counter'],
  day: number,
  raw: number,
): number {
  let sum = 0
  for (const span of spans) {
    if (span.counter === counter && coversDay(span, day)) sum += correctionOf(span, day, raw)
  }
  return sum
}
