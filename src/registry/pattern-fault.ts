import { type PatternBranch, type PatternGroup, type PatternPart, readPatternShape } from './pattern-shape.ts'

/** The longest name the census accepts: an open repeat can end at as many places. */
const LONGEST_NAME = 512
/** The ways of sharing out one stretch of letters that a pattern may have. */
const MOST_WAYS = LONGEST_NAME * 8
const LONGEST_PATTERN = 500
const MOST_PATHS = 1000
const COMPETES = 'has repeats that compete for the same letters'

/**
 * Why a pattern is refused, or null. Patterns run over every name on the Hub, millions of them, some written to harm, so
 * what can take more than about quadratic time is refused: a repeated group that varies or branches inside
 * (exponential), repeats in a row that can take the same letters (`.*.*x`, polynomial), a backreference.
 */
export function patternFault(source: string): string | null {
  if (source === '') return 'is empty and matches every name'
  if (source.length > LONGEST_PATTERN) return `is longer than ${LONGEST_PATTERN} characters`
  try {
    new RegExp(source, 'i')
  } catch (error) {
    return `does not compile: ${error instanceof Error ? error.message : String(error)}`
  }
  const { branches, refersBack } = readPatternShape(source)
  if (refersBack) return 'refers back to a group'
  return nestingFault(branches) ?? competitionFault(branches, lettersOf(source))
}

function nestingFault(branches: readonly PatternBranch[]): string | null {
  for (const part of branches.flat()) {
    if (part.kind === 'atom') continue
    const inside = partsWithin(part)
    // It is tried anew at every place where the rest of the pattern may stand.
    if (part.looks && inside.some(varies)) return 'looks around for something that repeats'
    if (part.atMost > 1) {
      if (inside.some(varies)) return 'repeats a group that repeats inside'
      if ([part, ...inside].some(branchesOut)) return 'repeats a group of alternatives'
    }
    const fault = nestingFault(part.branches)
    if (fault !== null) return fault
  }
  return null
}

const varies = ({ atLeast, atMost }: PatternPart) => atMost > atLeast
const branchesOut = (part: PatternPart) => part.kind === 'group' && part.branches.length > 1

function partsWithin({ branches }: PatternGroup): PatternPart[] {
  return branches.flat().flatMap(part => (part.kind === 'group' ? [part, ...partsWithin(part)] : [part]))
}

/** What a path through the pattern takes, one after the other. */
interface Step {
  /** The atoms whose letters it may take. */
  texts: readonly string[]
  /** In how many ways it can take them. */
  ways: number
  isOptional: boolean
}

/** Which letters an atom takes, as a set; null for one that takes none we know of, which is held to take any. */
type Letters = (text: string) => ReadonlySet<string> | null

function competitionFault(branches: readonly PatternBranch[], letters: Letters): string | null {
  const paths = branches.flatMap(branch => pathsThrough(branch))
  if (paths.length > MOST_PATHS) return `branches in more than ${MOST_PATHS} ways`
  if (paths.some(path => mostWays(path, letters) > MOST_WAYS)) return COMPETES
  const looking = branches.flat().flatMap(part => (part.kind === 'group' ? [part, ...partsWithin(part)] : []))
  for (const part of looking) {
    if (part.kind !== 'group' || !part.looks) continue
    const fault = competitionFault(part.branches, letters)
    if (fault !== null) return fault
  }
  return null
}

function pathsThrough(branch: PatternBranch, isOptional = false): Step[][] {
  let paths: Step[][] = [[]]
  for (const part of branch) {
    const onward = stepsOf(part, isOptional)
    // One over the limit is enough to be refused.
    paths = paths.flatMap(path => onward.map(steps => [...path, ...steps])).slice(0, MOST_PATHS + 1)
  }
  return paths
}

function stepsOf(part: PatternPart, isOptional: boolean): Step[][] {
  const mayMiss = isOptional || part.atLeast === 0
  const repeated = Math.min(part.atMost, LONGEST_NAME) - part.atLeast + 1
  if (part.kind === 'atom') return [[{ texts: [part.text], ways: repeated, isOptional: mayMiss }]]
  if (part.looks || part.atMost === 0) return [[]]
  const texts = partsWithin(part).flatMap(inner => (inner.kind === 'atom' ? [inner.text] : []))
  const ways = repeated * part.branches.length
  // What is repeated has a fixed length inside; other groups are walked through.
  const choice: Step = { texts, ways, isOptional: true }
  if (part.atMost > 1) return [[choice]]
  return part.branches.flatMap(branch => pathsThrough(branch, mayMiss)).map(steps => [choice, ...steps])
}

/** The most ways in which steps that can take the same letters share them out: the product along each chain of them. */
function mostWays(path: readonly Step[], letters: Letters): number {
  const choosing = path.flatMap(({ ways }, index) => (ways > 1 ? [index] : []))
  let chains: number[][] = []
  for (const index of choosing) {
    const joined = chains.filter(chain => chain.some(other => compete(path, other, index, letters)))
    chains = [...chains.filter(chain => !joined.includes(chain)), [...joined.flat(), index]]
  }
  return Math.max(1, ...chains.map(chain => chain.reduce((ways, index) => ways * path[index]!.ways, 1)))
}

/** Whether one stretch of letters can go to either of two steps: nothing between them insists on another letter. */
function compete(path: readonly Step[], first: number, second: number, letters: Letters): boolean {
  const shared = common(unionOf(path[first]!, letters), unionOf(path[second]!, letters))
  const between = path.slice(first + 1, second).filter(({ isOptional }) => !isOptional)
  return [shared, ...between.map(step => common(shared, unionOf(step, letters)))].every(
    left => left === null || left.size > 0,
  )
}

function common(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): ReadonlySet<string> | null {
  if (a === null || b === null) return a ?? b
  return new Set([...a].filter(letter => b.has(letter)))
}

/** A step stands in every path through the branches beside it. */
const unions = new WeakMap<Step, ReadonlySet<string> | null>()

function unionOf(step: Step, letters: Letters): ReadonlySet<string> | null {
  let union = unions.get(step)
  if (union === undefined) {
    const sets = step.texts.map(letters)
    union = sets.includes(null) ? null : new Set(sets.flatMap(set => [...set!]))
    unions.set(step, union)
  }
  return union
}

const LATIN_1 = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
/** Nearly every pattern is written in these letters, and has atoms that others have too. */
const latinLetters = lettersAmong(LATIN_1)

/** Letters as the regular expression itself sees them: Latin-1, and whatever else the pattern names. */
function lettersOf(source: string): Letters {
  const others = [...source].filter(letter => letter > '\xff')
  return others.length === 0 ? latinLetters : lettersAmong([...LATIN_1, ...others])
}

function lettersAmong(alphabet: readonly string[]): Letters {
  const known = new Map<string, ReadonlySet<string> | null>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const atom = new RegExp(`^${/^[{}\]]$/.test(text) ? `\\${text}` : text}$`, 'i')
    const taken = new Set(alphabet.filter(letter => atom.test(letter)))
    const letters = taken.size === 0 ? null : taken
    known.set(text, letters)
    return letters
  }
}
