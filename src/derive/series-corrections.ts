import { type CleanSpan, type CounterChoice, correctionOf, coversDay } from '../domain/clean.ts'
import type { CounterSeries } from '../domain/counter-series.ts'
import type { SeriesCorrection } from '../domain/series-answer.ts'
import { dayFromNumber } from '../domain/utc-day.ts'

/** What each run of spans adds to the days asked for; one that moves none of them is left out. In the order of `spans`. */
export function seriesCorrections(
  spans: readonly CleanSpan[],
  raw: CounterSeries,
  counters: CounterChoice,
  isAsked: (day: number) => boolean,
): SeriesCorrection[] {
  return runsOf(spans).flatMap(run => {
    const { rule, counter, from } = run[0]!
    const { until } = run.at(-1)!
    const added = Array.from(raw.days).flatMap((day, index) => {
      const value = raw[counter][index]!
      const span = run.find(found => coversDay(found, day))
      if (span === undefined || !isAsked(day) || Number.isNaN(value)) return []
      const more = correctionOf(span, day, value)
      return more === 0 ? [] : [more]
    })
    if (added.length === 0) return []
    return [
      {
        ...{ rule, counter, from: dayFromNumber(from) },
        until: until === null ? null : dayFromNumber(until),
        isOn: counters.includes(rule),
        ...{ days: added.length, first: added[0]!, last: added.at(-1)! },
      },
    ]
  })
}

/** Spans of one rule and counter that follow each other without a day between: a rule that leads day by day has one a day. */
function runsOf(spans: readonly CleanSpan[]): CleanSpan[][] {
  const runs: CleanSpan[][] = []
  for (const span of spans) {
    const last = runs.at(-1)?.at(-1)
    const goesOn = last?.rule === span.rule && last.counter === span.counter && last.until === span.from - 1
    if (goesOn) runs.at(-1)!.push(span)
    else runs.push([span])
  }
  return runs
}
