/** A piece of a pattern that takes letters, and how often it stands. Anchors take none and are left out. */
export type PatternPart = PatternAtom | PatternGroup

/** One letter at a time: a literal, a class, an escape, as written. */
export interface PatternAtom extends Repeats {
  kind: 'atom'
  text: string
}

export interface PatternGroup extends Repeats {
  kind: 'group'
  branches: readonly PatternBranch[]
  /** It looks around and takes no letters. */
  looks: boolean
}

export type PatternBranch = readonly PatternPart[]

interface Repeats {
  atLeast: number
  /** Infinity where it is open. */
  atMost: number
}

/** The branches of a pattern, and whether something in it refers back to a group. */
export interface PatternShape {
  branches: readonly PatternBranch[]
  refersBack: boolean
}

const QUANTIFIER = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/
const OPENING = /^\((?:\?(?:<?[=!]|<[^>]*>|[a-z-]*:))?/
const ESCAPE = /^\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|c[a-z]|.)/is

/** Takes a pattern apart, without running it. `source` must compile. */
export function readPatternShape(source: string): PatternShape {
  let at = 0
  let refersBack = false

  function readBranches(): PatternBranch[] {
    const branches: PatternPart[][] = [[]]
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at++
        branches.push([])
        continue
      }
      const part = readPart()
      if (part !== null) branches.at(-1)!.push(part)
    }
    return branches
  }

  function readPart(): PatternPart | null {
    const rest = source.slice(at)
    if (rest[0] === '(') {
      const opening = OPENING.exec(rest)![0]
      at += opening.length
      const branches = readBranches()
      at++
      return { kind: 'group', branches, looks: /[=!]$/.test(opening), ...readRepeats() }
    }
    const text = rest[0] === '[' ? classOf(rest) : rest[0] === '\\' ? ESCAPE.exec(rest)![0] : rest[0]!
    at += text.length
    if (/^\\[1-9k]/.test(text)) refersBack = true
    if (text === '^' || text === '$' || text === '\\b' || text === '\\B') return null
    return { kind: 'atom', text, ...readRepeats() }
  }

  function readRepeats(): Repeats {
    const quantifier = QUANTIFIER.exec(source.slice(at))
    if (quantifier === null) return { atLeast: 1, atMost: 1 }
    const [whole, sign, least, comma, most] = quantifier
    at += whole.length
    if (sign !== undefined) {
      return { atLeast: sign === '+' ? 1 : 0, atMost: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
    }
    const atLeast = Number(least)
    if (comma === undefined) return { atLeast, atMost: atLeast }
    return { atLeast, atMost: most === '' ? Number.POSITIVE_INFINITY : Number(most) }
  }

  return { branches: readBranches(), refersBack }
}

/** The class at the start of a text, its brackets included. */
function classOf(text: string): string {
  let end = 1
  while (end < text.length && text[end] !== ']') end += text[end] === '\\' ? 2 : 1
  return text.slice(0, end + 1)
}
