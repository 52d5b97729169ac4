import type { ChartAnnotation } from '../domain/chart.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'

/** More labels than these do not fit into a chart: it shows numbers, and the caption what they mean. */
export const MOST_LABELS = 6

/** What is drawn at each annotation: its label while there are few, else its number. */
export function drawnLabels(annotations: readonly ChartAnnotation[]): string[] {
  const isNumbered = annotations.length > MOST_LABELS
  return annotations.map(({ label }, index) => (isNumbered ? String(index + 1) : shortLabel(label)))
}

/** Names are long: what tells them apart stands at their end. */
function shortLabel(label: string): string {
  const text = visibleText(label)
  return text.length <= 40 ? text : `${text.slice(0, 18)}…${text.slice(-21)}`
}

/** An annotation in words: `Hub incident, 2025-05-20 to 2025-05-22`. */
export function annotationWords({ label, from, until }: ChartAnnotation): string {
  const days = until === null ? `since ${from}` : until === from ? `on ${from}` : `${from} to ${until}`
  return `${visibleText(label)}, ${days}`
}

/** All annotations in words, numbered where the chart numbers them; null for none. */
export function annotationSentence(annotations: readonly ChartAnnotation[]): string | null {
  if (annotations.length === 0) return null
  const isNumbered = annotations.length > MOST_LABELS
  const parts = annotations.map(
    (found, index) => `${isNumbered ? `(${index + 1}) ` : ''}${annotationWords(found)}`,
  )
  return `Marked: ${parts.join('; ')}.`
}

/** Whether an annotation covers any day from `from` up to, and without, `before`. */
export function touches({ from, until }: ChartAnnotation, span: { from: UtcDay; before: UtcDay }): boolean {
  return from < span.before && (until === null || until >= span.from)
}
