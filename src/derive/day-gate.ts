import type { GateLimits, GoodDayFigures, HoldReason, NightFigures } from '../domain/day-gate.ts'

/** With fewer repositories to compare, counters say nothing about the Hub; the panel of method.md M17 asks for as many. */
export const LEAST_COMPARED = 25

/**
 * Why a night must not be published, compared with the last good day `daysSince` days before it; empty when it may. With no good
 * day before there is nothing to compare with, and a total that was 0 is compared with nothing. Totals are over the repositories
 * listed on both days, so that births, removals and a list whose members change move none of them.
 *
 * A rise is allowed `daysSince` times the limit of one day: what is added a day later is as much again. Falls and shares are not
 * scaled: nothing that is right falls for days on end. Ratios are compared, so that the size of the Hub decides nothing.
 */
export function judgeDay(
  today: NightFigures,
  lastGood: GoodDayFigures | null,
  limits: GateLimits,
  daysSince: number,
): HoldReason[] {
  if (lastGood === null) return []
  const reasons: HoldReason[] = []
  const { repos } = limits
  if (repos !== null && today.repos / lastGood.repos < 1 - repos) {
    const moved = movement(lastGood.repos, today.repos)
    reasons.push({
      limit: 'repos',
      words: `the catalogue shrank from ${count(lastGood.repos)} to ${count(today.repos)} repositories (${moved}; limit ${signed(-repos)})`,
    })
  }
  if (today.compared < LEAST_COMPARED) return reasons
  return [...reasons, ...judgeTotals(today, lastGood, limits, daysSince), ...judgeShares(today, limits)]
}

function judgeTotals(
  today: NightFigures,
  lastGood: GoodDayFigures,
  limits: GateLimits,
  daysSince: number,
): HoldReason[] {
  const reasons: HoldReason[] = []
  const { fall30d, rise30d } = limits
  const fallAllTime = limits['fall-all-time']
  const [now, before] = [today.downloads30d, lastGood.downloads30d]
  const words = (what: string, from: number, to: number, limit: string) =>
    `${what} of the ${count(today.compared)} repositories listed on both days went from ${count(from)} to ${count(to)} (${movement(from, to)}; limit ${limit})`
  if (now === 0 && before > 0) {
    // Whatever the limits: a Hub that nobody downloads from is a Hub that does not count.
    reasons.push({ limit: 'zeros', words: 'every 30-day counter is 0' })
  } else if (fall30d !== null && before > 0 && now / before < 1 - fall30d) {
    reasons.push({
      limit: 'fall30d',
      words: words('30-day downloads', before, now, signed(-fall30d)),
    })
  }
  if (rise30d !== null && before > 0 && now / before > 1 + rise30d * daysSince) {
    const limit = daysSince === 1 ? signed(rise30d) : `${signed(rise30d)} a day over ${count(daysSince)} days`
    reasons.push({ limit: 'rise30d', words: words('30-day downloads', before, now, limit) })
  }
  const [ever, everBefore] = [today.downloadsAllTime, lastGood.downloadsAllTime]
  if (fallAllTime !== null && ever !== null && everBefore !== null && ever / everBefore < 1 - fallAllTime) {
    reasons.push({
      limit: 'fall-all-time',
      words: words('all-time downloads', everBefore, ever, signed(-fallAllTime)),
    })
  }
  return reasons
}

function judgeShares({ compared, fell, unchanged }: NightFigures, limits: GateLimits): HoldReason[] {
  const reasons: HoldReason[] = []
  const words = (part: number, what: string, limit: number) =>
    `${count(part)} of ${count(compared)} repositories listed on both days ${what} (${percent(part / compared)}; limit ${percent(limit)})`
  if (limits.fell !== null && fell / compared > limits.fell) {
    reasons.push({
      limit: 'fell',
      words: words(fell, 'have an all-time counter that fell', limits.fell),
    })
  }
  if (limits.unchanged !== null && unchanged !== null && unchanged / compared > limits.unchanged) {
    reasons.push({
      limit: 'unchanged',
      words: words(unchanged, 'have the 30-day counter last seen', limits.unchanged),
    })
  }
  return reasons
}

/** By how much a total moved, in words. */
export function movement(from: number, to: number): string {
  return from === 0 ? 'from nothing' : signed(to / from - 1)
}

function signed(share: number): string {
  return `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} %`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
