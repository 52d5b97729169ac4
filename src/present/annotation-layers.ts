import type { AnnotationKind, ChartAnnotation } from '../domain/chart.ts'
import { addDays, daysBetween, type UtcDay } from '../domain/utc-day.ts'
import { drawnLabels, MOST_LABELS } from './annotation-words.ts'

/** Light enough for the lines to be read through; a rule at the edge says the same in grey. */
const COLOURS: Readonly<Record<AnnotationKind, string>> = {
  'hub-incident': '#e0813a',
  frozen: '#4f9fc4',
  held: '#c0504d',
  rejected: '#8b1a10',
  gap: '#6f6f6f',
  spike: '#8a6d00',
  restatement: '#6a51a3',
}

const FONT_SIZE = 11
/** A character of that size, generously: no font is measured here. */
const CHARACTER_WIDTH = 6.9
const LANE_HEIGHT = 13
/** Free pixels between two labels of a lane. */
const SPACE = 8

const X_OF_DAY = { field: 'day', type: 'temporal', timeUnit: 'utcyearmonthdate' }

interface Span {
  from: UtcDay
  until: UtcDay
}

/** An annotation within the days drawn. */
interface Mark extends Span {
  colour: string
  text: string
}

interface PlacedLabel {
  day: UtcDay
  text: string
  colour: string
  lane: number
  align: 'left' | 'right'
}

/**
 * The annotations of a chart as layers: a light band over their days with a rule where it begins, and above the plot their labels
 * in lanes, none over another. To be drawn below the lines. What lies outside the days drawn is left to the caption. `width` is
 * that of the plot in pixels.
 */
export function annotationLayers(
  annotations: readonly ChartAnnotation[],
  span: Span,
  width: number,
): unknown[] {
  const labels = drawnLabels(annotations)
  const drawn = annotations.flatMap((found, index): Mark[] => {
    const from = found.from < span.from ? span.from : found.from
    const last = found.until === null || found.until > span.until ? span.until : found.until
    if (from > span.until || last < span.from) return []
    // A band ends where the day after its last one begins.
    const end = addDays(last, 1) > span.until ? span.until : addDays(last, 1)
    return [{ from, until: end, colour: COLOURS[found.kind], text: labels[index]! }]
  })
  if (drawn.length === 0) return []
  drawn.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  const place = annotations.length > MOST_LABELS ? placeNumbers : placeLabels
  const placed = place(drawn, span, width)
  const color = { field: 'colour', type: 'nominal', scale: null }
  const rows = placed.map(label => ({ ...label, y: -5 - label.lane * LANE_HEIGHT }))
  // A rule begins at the label of its day; of numbers that share a label, at the plot.
  const heights = new Map(rows.map(row => [row.day, row.y]))
  const rules = drawn.map(({ from, colour: own }) => ({ day: from, colour: own, y: heights.get(from) ?? 0 }))
  return [
    {
      data: { values: drawn },
      mark: { type: 'rect', opacity: 0.16 },
      encoding: {
        x: { ...X_OF_DAY, field: 'from' },
        x2: { field: 'until', timeUnit: 'utcyearmonthdate' },
        color,
      },
    },
    {
      data: { values: rules },
      mark: { type: 'rule', opacity: 0.75, strokeWidth: 1, y2: 'height' },
      encoding: { x: X_OF_DAY, y: yPixels('y'), color },
    },
    ...(['left', 'right'] as const).flatMap(align => {
      const values = rows.filter(row => row.align === align)
      return values.length === 0 ? [] : [textLayer(values, align, true), textLayer(values, align, false)]
    }),
  ]
}

/** Labels, or the white below them: the rule of another can pass behind a label that ends at its day. */
function textLayer(values: readonly unknown[], align: 'left' | 'right', isBelow: boolean) {
  const below = { stroke: '#ffffff', strokeWidth: 4, aria: false }
  return {
    data: { values },
    mark: {
      ...{ type: 'text', align, baseline: 'bottom', dx: align === 'left' ? 2 : -2 },
      ...{ fontSize: FONT_SIZE, color: '#333333', ...(isBelow ? below : {}) },
    },
    encoding: { x: X_OF_DAY, y: yPixels('y'), text: { field: 'text' } },
  }
}

/** A field that holds pixels from the top of the plot, upwards negative. */
function yPixels(field: string) {
  return { field, type: 'quantitative', scale: null, axis: null }
}

/** Labels that need a lane each: none lies over another, nor over the rule of one to its right. */
function placeLabels(drawn: readonly Mark[], span: Span, width: number): PlacedLabel[] {
  const days = Math.max(1, daysBetween(span.from, span.until))
  const taken: { from: number; until: number; lane: number }[] = []
  // From the right: a label runs to the right of its rule, so it has to lie above those that begin under it.
  return [...drawn].reverse().map(({ from: day, colour, text }) => {
    const at = (daysBetween(span.from, day) / days) * width
    const length = widthOf(text)
    const align = at + length > width && at - length >= 0 ? 'right' : 'left'
    const [from, until] = align === 'left' ? [at, at + length] : [at - length, at + SPACE]
    const below = taken.filter(other => from < other.until && until > other.from)
    const lane = below.reduce((highest, other) => Math.max(highest, other.lane + 1), 0)
    taken.push({ from, until, lane })
    return { day, text, colour, lane, align }
  })
}

/** Numbers in one lane: those that would lie over each other become one label, `3–7`. */
function placeNumbers(drawn: readonly Mark[], span: Span, width: number): PlacedLabel[] {
  const days = Math.max(1, daysBetween(span.from, span.until))
  const placed: (PlacedLabel & { until: number; first: string })[] = []
  for (const { from: day, colour, text } of drawn) {
    const at = (daysBetween(span.from, day) / days) * width
    const last = placed.at(-1)
    if (last !== undefined && at < last.until) {
      last.text = `${last.first}–${text}`
      last.until = Math.max(last.until, widthOf(last.text) + (last.until - widthOf(last.first)))
    } else {
      placed.push({ day, text, colour, lane: 0, align: 'left', until: at + widthOf(text), first: text })
    }
  }
  return placed.map(({ day, text, colour, lane, align }) => ({ day, text, colour, lane, align }))
}

function widthOf(text: string): number {
  return text.length * CHARACTER_WIDTH + SPACE
}
