import { type BaseLink, LINK_RULES, type LinkRelation, type LinkRule } from '../domain/lineage.ts'
import { EDGE_RELATIONS } from '../domain/relation.ts'
import { lengthened } from './running-counters.ts'

/** The links of a graph in columns, nine bytes each, to be read by base. */
export interface FoundLinks {
  /** Repositories have to come in ascending order. */
  add(link: BaseLink): void
  /** Each once, ascending by base, repository and relation. */
  sorted(): Generator<BaseLink>
}

const RELATIONS: readonly LinkRelation[] = [...EDGE_RELATIONS, 're-upload']
const RULES: readonly (LinkRule | 're-upload')[] = [...LINK_RULES, 're-upload']
const MOST_LINKS = 2 ** 26

export function createFoundLinks(): FoundLinks {
  let count = 0
  let bases = new Int32Array(1024)
  let repos = new Int32Array(1024)
  let codes = new Uint8Array(1024)

  function linkAt(at: number): BaseLink {
    const relation = RELATIONS[codes[at]! % RELATIONS.length]!
    const rule = RULES[Math.floor(codes[at]! / RELATIONS.length)]!
    return { baseRepoKey: bases[at]!, repoKey: repos[at]!, relation, rule }
  }

  return {
    add({ baseRepoKey, repoKey, relation, rule }) {
      if (count === bases.length) {
        const longer = Math.ceil(count * 1.5)
        bases = lengthened(bases, new Int32Array(longer))
        repos = lengthened(repos, new Int32Array(longer))
        codes = lengthened(codes, new Uint8Array(longer))
      }
      bases[count] = baseRepoKey
      repos[count] = repoKey
      codes[count] = RULES.indexOf(rule) * RELATIONS.length + RELATIONS.indexOf(relation)
      count += 1
    },
    *sorted() {
      // Base and place in one number: sorted without a function, and places of a base ascend by repository.
      const order = new Float64Array(count)
      for (let at = 0; at < count; at += 1) order[at] = bases[at]! * MOST_LINKS + at
      order.sort()
      let pair: BaseLink[] = []
      for (const number of order) {
        const link = linkAt(number % MOST_LINKS)
        const [before] = pair
        if (before && (before.baseRepoKey !== link.baseRepoKey || before.repoKey !== link.repoKey)) {
          yield* byRelation(pair)
          pair = []
        }
        pair.push(link)
      }
      yield* byRelation(pair)
    },
  }
}

/** The links of a pair of repositories: by relation, and of one relation the one whose rule comes first. */
function byRelation(pair: readonly BaseLink[]): readonly BaseLink[] {
  if (pair.length < 2) return pair
  const sorted = [...pair].sort(
    (a, b) =>
      (a.relation < b.relation ? -1 : a.relation > b.relation ? 1 : 0) ||
      RULES.indexOf(a.rule) - RULES.indexOf(b.rule),
  )
  return sorted.filter((link, at) => link.relation !== sorted[at - 1]?.relation)
}
