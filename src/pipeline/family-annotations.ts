import type { ChartAnnotation } from '../domain/chart.ts'
import type { FamilyAnswer } from '../domain/family-answer.ts'
import { addDays } from '../domain/utc-day.ts'
import { listTotalDays } from '../store/daily-totals.ts'
import type { AnswerEffects } from './answer-basis.ts'
import { chartAnnotations } from './chart-annotations.ts'

/** The window of the counters that the bars show. */
const WINDOW_DAYS = 30

/** What has to be said of the days behind the bars of families: those of the 30-day window that ends on the as-of day. */
export function familyAnnotations(
  { basis, scope, attribution, families }: FamilyAnswer,
  { store }: Pick<AnswerEffects, 'store'>,
): ChartAnnotation[] {
  const begin = addDays(basis.asOf, -WINDOW_DAYS)
  const days = listTotalDays(store).filter(day => day > begin && day <= basis.asOf)
  const series = families.flatMap(({ key, own, descending }) => [
    ...[{ scope, attribution: 'publisher', axis: 'family', key, largest: own.downloads30d } as const],
    ...[{ scope, attribution, axis: 'descendants', key, largest: descending.downloads30d } as const],
  ])
  return chartAnnotations({ days, counter: 'downloads30d', series }, { store })
}
