/** What is read off a group while the scan is inside it. */
interface Group {
  repeatsInside: boolean
  alternatives: boolean
}

const QUANTIFIER = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/

/**
 * Why a pattern is refused, or null. Patterns run over every name on the Hub, millions of them, so those that can
 * take more than linear time by nesting are refused: a repeated group that repeats or branches inside, a backreference.
 */
export function patternFault(source: string): string | null {
  if (source === '') return 'is empty and matches every name'
  try {
    new RegExp(source, 'i')
  } catch (error) {
    return `does not compile: ${error instanceof Error ? error.message : String(error)}`
  }
  const open: Group[] = [{ repeatsInside: false, alternatives: false }]
  let closed: Group | null = null
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!
    const group = open.at(-1)!
    const quantifier = QUANTIFIER.exec(source.slice(at))
    if (quantifier !== null && !(char === '?' && source[at - 1] === '(')) {
      const [text, atLeast, comma, atMost] = quantifier
      const unbounded = char === '*' || char === '+' || (comma !== undefined && atMost === '')
      const repeats = unbounded || Number(atMost === undefined || atMost === '' ? (atLeast ?? 1) : atMost) > 1
      if (closed !== null && repeats && closed.repeatsInside) return 'repeats a group that repeats inside'
      if (closed !== null && unbounded && closed.alternatives) return 'repeats a group of alternatives'
      if (unbounded) group.repeatsInside = true
      closed = null
      at += text.length - 1
      continue
    }
    closed = null
    if (char === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) return 'refers back to a group'
      at++
    } else if (char === '[') {
      at = endOfClass(source, at)
    } else if (char === '|') {
      group.alternatives = true
    } else if (char === '(') {
      open.push({ repeatsInside: false, alternatives: false })
    } else if (char === ')') {
      closed = open.pop() ?? null
      if (closed?.repeatsInside) open.at(-1)!.repeatsInside = true
    }
  }
  return null
}

function endOfClass(source: string, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== ']') at += source[at] === '\\' ? 2 : 1
  return at
}
