/** Hub-wide days a series is judged beside: days since 1970-01-01, both included; `until` null while it lasts. */
export interface MarkedSpan {
  kind: 'hub-incident' | 'frozen'
  from: number
  until: number | null
}

/** Whether any of the days `from` to `until` is marked. */
export function touchesMarked(marked: readonly MarkedSpan[], from: number, until: number): boolean {
  for (const span of marked) {
    if (span.from <= until && (span.until === null || span.until >= from)) return true
  }
  return false
}

/** The spans of one kind. */
export function markedAs(marked: readonly MarkedSpan[], kind: MarkedSpan['kind']): readonly MarkedSpan[] {
  return marked.filter(span => span.kind === kind)
}
