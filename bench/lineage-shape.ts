import { drawFraction } from '../fixtures/generated-catalogue/draw.ts'
import { LAB_HANDLES, OWN_STEMS, REPACKAGER_HANDLES } from '../fixtures/generated-catalogue/lab-handles.ts'
import type { DerivativeRelation } from '../src/domain/relation.ts'

/** An edge as it goes into the file. */
export interface MadeEdge {
  declared: string
  relation: DerivativeRelation
  /** Place of the repository whose `_id` the Hub gave; null where it resolved nothing. */
  base: number | null
}

/**
 * Who stands on whom among repositories that are known by their place, from 0. `draw` tells one telling from another: 0
 * for the first night, another number for what changed since.
 */
export interface LineageShape {
  readonly models: number
  repoIdOf(place: number): string
  /** A name the repository gave up before the first night; null for most. */
  formerNameOf(place: number): string | null
  edgesOf(place: number, draw?: number): MadeEdge[]
  /** Whether it can be somebody's base. */
  isBase(place: number): boolean
  /** Whether it is one of the bases that carry nine tenths of all edges, in a circle or in the long chain. */
  isFixed(place: number): boolean
  /** Whether it is in a circle or in the long chain. */
  isOdd(place: number): boolean
}

const SEED = 5
/** Streams of draws. */
const [IS_DERIVATIVE, IS_MERGE, MERGE_SIZE, RELATION, OWNER, LEVEL, IS_REPACKED] = [1, 2, 3, 4, 5, 6, 7]
/** A thousand streams for every base of a repository: the first draw and further tries, and one for its text. */
const [BASE, STREAMS_A_BASE, TEXT] = [1_000, 1_000, 999]
const STREAMS_A_TELLING = 1_000_000

/** Of the repositories that can be nobody's base: gives 2.5 million edges at 3.25 million repositories. */
const DERIVATIVE_SHARE = 0.725
/** Adapters, finetunes and quantized ones, as in the census of hub-contract.md 2.2; those of several bases are merges. */
const RELATIONS: readonly [DerivativeRelation, number][] = [
  ['adapter', 0.436],
  ['finetune', 0.367],
  ['quantized', 0.197],
]
const MERGE_SHARE = 0.02
const MOST_BASES = 18
/** One repository in so many can be a base; two thirds of those are one: 150,000. */
const BASE_SPACING = 16
/** One base in so many is a head, 1 % of those that are used; the heads have nine tenths of the edges. */
const HEAD_SPACING = 135
const HEAD_SHARE = 0.9
/** How many steps bases stand above their roots: of the heads, and of the others. */
const HEAD_LEVELS = [0.7, 0.2, 0.1]
const TAIL_LEVELS = [0.5, 0.25, 0.12, 0.06, 0.04, 0.02, 0.01]
const MOST_TRIES = 300
/** Of 1,000 bases, the first of a circle of three and of a circle of two. */
const [CIRCLE_SPACING, THREE, TWO] = [1_000, 7, 57]
/** One base in so many had another name; every head did. */
const FORMER_SPACING = 5
const CHAIN_SHARE = 1 / 65
/** Shares of the edges without `_id`, and of the forms their texts have. */
const TEXT_SHARE = 0.15
const TEXT_FORMS = [
  ['name', 0.5],
  ['letter-case', 0.1],
  ['former-name', 0.12],
  ['renamed-handle', 0.03],
  ['legacy-id', 0.03],
  ['path', 0.07],
  ['absent', 0.15],
] as const
/** Ids of heads that the registry knows by an older one. */
const LEGACY: readonly [declared: string, repoId: string][] = [
  ['gpt2', 'openai-community/gpt2'],
  ['bert-base-uncased', 'google-bert/bert-base-uncased'],
  ['roberta-base', 'FacebookAI/roberta-base'],
]
const RENAMED = { from: 'THUDM', to: 'zai-org' }
/** Prime: steps of it reach every head. */
const HEAD_STRIDE = 7_919

/** The shape of a Hub of so many repositories, with the few that are born the night after behind them. */
export function shapeLineage(models: number): LineageShape {
  const chain = Math.floor(models * CHAIN_SHARE)
  const chainFrom = models - chain
  const bases = Math.floor(chainFrom / BASE_SPACING)
  const heads = Math.max(LEGACY.length + 1, Math.floor((bases - 1) / HEAD_SPACING) + 1)
  if ((heads - 1) * HEAD_SPACING >= bases)
    throw new RangeError(`${models} repositories are too few for a shape`)
  const renamedHeads = Array.from({ length: heads }, (_, head) => head).filter(
    head => ownerOfHead(head) === RENAMED.to && head >= LEGACY.length,
  )

  function baseOf(place: number): number | null {
    const isIt = place < chainFrom && place % BASE_SPACING === BASE_SPACING >> 1
    const base = Math.floor(place / BASE_SPACING)
    return isIt && base < bases ? base : null
  }

  const placeOf = (base: number) => base * BASE_SPACING + (BASE_SPACING >> 1)
  const headOf = (base: number) => (base % HEAD_SPACING === 0 ? base / HEAD_SPACING : null)

  /** The next in its circle; null outside every circle. */
  function nextInCircle(base: number): number | null {
    for (const [first, length] of [
      [THREE, 3],
      [TWO, 2],
    ] as const) {
      const start = base - (base % CIRCLE_SPACING) + first
      const members = Array.from({ length }, (_, at) => start + at)
      if (!members.includes(base) || members.some(member => headOf(member) !== null || member >= bases))
        continue
      return members[(base - start + 1) % length]!
    }
    return null
  }

  function levelOf(base: number): number {
    if (nextInCircle(base) !== null) return 0
    const head = headOf(base)
    if (head !== null && head < LEGACY.length) return 0
    return drawPart(head === null ? TAIL_LEVELS : HEAD_LEVELS, drawFraction(SEED, base, LEVEL))
  }

  /** A head, whose share falls with its rank, or any base. */
  function drawBase(place: number, stream: number): number {
    const chance = drawFraction(SEED, place, stream)
    if (chance >= HEAD_SHARE) return Math.floor(((chance - HEAD_SHARE) / (1 - HEAD_SHARE)) * bases)
    const rank = Math.floor(heads ** (chance / HEAD_SHARE))
    return ((rank * HEAD_STRIDE) % heads) * HEAD_SPACING
  }

  /** A base one level below, so that bases of bases end. */
  function drawBelow(base: number, stream: number): number | null {
    const level = levelOf(base) - 1
    for (let turn = 0; turn < MOST_TRIES; turn += 1) {
      // High levels are rare, and none among the heads.
      const found =
        level < HEAD_LEVELS.length
          ? drawBase(base, stream + turn)
          : Math.floor(drawFraction(SEED, base, stream + turn) * bases)
      if (found !== base && levelOf(found) === level) return found
    }
    return null
  }

  function repoIdOf(place: number): string {
    const base = baseOf(place)
    const head = base === null ? null : headOf(base)
    if (head !== null && head < LEGACY.length) return LEGACY[head]![1]
    if (head !== null) {
      const owner = ownerOfHead(head)
      return `${owner}/${OWN_STEMS.get(owner) ?? 'Model'}-${place}`
    }
    if (drawFraction(SEED, place, IS_REPACKED) < 0.03) {
      const owner = REPACKAGER_HANDLES[place % REPACKAGER_HANDLES.length]!
      return `${owner}/Qwen3-${place}-GGUF`
    }
    return `person-${Math.floor((drawFraction(SEED, place, OWNER) * models) / 6)}/Model-${place}-tuned`
  }

  function formerNameOf(place: number): string | null {
    const base = baseOf(place)
    return base !== null && base % FORMER_SPACING === 0 ? `before/${base}-${place}` : null
  }

  /** What stands in the file for a base that is named by its text alone. */
  function textFor(place: number, base: number, chance: number): string {
    const form =
      TEXT_FORMS[
        drawPart(
          TEXT_FORMS.map(([, share]) => share),
          chance,
        )
      ]![0]
    const name = repoIdOf(placeOf(base))
    if (form === 'letter-case') return name.toLowerCase()
    if (form === 'former-name') return formerNameOf(placeOf(base - (base % FORMER_SPACING)))!
    if (form === 'legacy-id') return LEGACY[place % LEGACY.length]![0]
    if (form === 'path') return `/home/person/models/${place % 20_000}`
    if (form === 'absent') return `nobody/model-${place % 60_000}`
    if (form === 'renamed-handle' && renamedHeads.length > 0) {
      const head = renamedHeads[place % renamedHeads.length]!
      return repoIdOf(placeOf(head * HEAD_SPACING)).replace(`${RENAMED.to}/`, `${RENAMED.from}/`)
    }
    return name
  }

  function relationOf(place: number, draw: number): DerivativeRelation {
    const shares = RELATIONS.map(([, share]) => share)
    return RELATIONS[drawPart(shares, drawFraction(SEED, place, draw * STREAMS_A_TELLING + RELATION))]![0]
  }

  function edgesOf(place: number, draw = 0): MadeEdge[] {
    if (place >= chainFrom && place < models) {
      if (place === chainFrom) return []
      return [{ declared: repoIdOf(place - 1), relation: 'finetune', base: place - 1 }]
    }
    const stream = (what: number) => draw * STREAMS_A_TELLING + what
    const fraction = (what: number) => drawFraction(SEED, place, stream(what))
    const own = baseOf(place)
    const next = own === null ? null : nextInCircle(own)
    if (next !== null) {
      return [{ declared: repoIdOf(placeOf(next)), relation: 'finetune', base: placeOf(next) }]
    }
    if (own === null ? fraction(IS_DERIVATIVE) >= DERIVATIVE_SHARE : levelOf(own) === 0) return []
    const isMerge = fraction(IS_MERGE) < MERGE_SHARE
    // Two bases are usual, eighteen rare.
    const count = isMerge ? 2 + Math.floor((MOST_BASES - 1) * fraction(MERGE_SIZE) ** 4) : 1
    const relation = isMerge ? 'merge' : relationOf(place, draw)
    const edges = new Map<string, MadeEdge>()
    for (let number = 0; number < count; number += 1) {
      const first = BASE + number * STREAMS_A_BASE
      const base = own === null ? drawBase(place, stream(first)) : drawBelow(own, stream(first))
      if (base === null) continue
      const chance = fraction(first + TEXT)
      const isText = own === null && chance < TEXT_SHARE
      const declared = isText ? textFor(place, base, chance / TEXT_SHARE) : repoIdOf(placeOf(base))
      edges.set(declared, { declared, relation, base: isText ? null : placeOf(base) })
    }
    return [...edges.values()]
  }

  const isOdd = (place: number) => {
    const base = baseOf(place)
    return (place >= chainFrom && place < models) || (base !== null && nextInCircle(base) !== null)
  }
  return {
    models,
    repoIdOf,
    formerNameOf,
    edgesOf,
    isBase: place => baseOf(place) !== null,
    isFixed: place => isOdd(place) || (baseOf(place) !== null && headOf(baseOf(place)!) !== null),
    isOdd,
  }
}

function ownerOfHead(head: number): string {
  return LAB_HANDLES[head % LAB_HANDLES.length]!
}

/** The place of the part that a chance falls into; the last one where the parts do not reach it. */
function drawPart(parts: readonly number[], chance: number): number {
  let left = chance
  for (let place = 0; place < parts.length - 1; place += 1) {
    left -= parts[place]!
    if (left < 0) return place
  }
  return parts.length - 1
}
