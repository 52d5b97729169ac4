import { createAliasFinder, createReuploadFinder } from '../derive/base-names.ts'
import { capUploaders } from '../derive/cap-uploaders.ts'
import { DEFINITION_VERSION } from '../derive/headline-metrics.ts'
import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { AnswerBasis } from '../domain/headline.ts'
import type {
  AskedBy,
  DescendantSums,
  LineageSubject,
  LineageTrace,
  TracedRoot,
} from '../domain/lineage-tree.ts'
import { isRepoId } from '../domain/repo.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { findReposByName } from '../store/find-repo.ts'
import {
  type BaseName,
  isAbsentBase,
  readDescendants,
  type StoredSums,
  type Uploader,
} from '../store/read-descendants.ts'
import { type AnswerEffects, answerBasis } from './answer-basis.ts'
import { openTraceTools, type TraceTools } from './lineage-tools.ts'
import { traceAncestors } from './trace-ancestors.ts'
import { traceDescendants } from './trace-descendants.ts'
import { unknownRepo } from './unknown-repo.ts'

export interface LineageQuery {
  /** A current or former id, or the text of a base that no repository has. */
  name: string
  /** Steps of the tree of descendants, and children shown of each. */
  depth: number
  children: number
}

const MONTHS_SHOWN = 12

/**
 * What a repository stands on and what stands on it, by the lineage of the newest published day, with the latest counters.
 * Throws a CensusError (usage) when nothing is published by these definitions, and for a name that nobody has or declares.
 */
export function traceLineage(query: LineageQuery, effects: AnswerEffects): LineageTrace {
  // One state of the file: another process may publish between two of the questions.
  return effects.store.sqlite.transaction(() => readTrace(query, effects))()
}

function readTrace({ name, depth, children }: LineageQuery, effects: AnswerEffects): LineageTrace {
  const { store, registry } = effects
  const basis = lineageBasis(effects)
  const tools = openTraceTools(effects, basis.asOf)
  const found = findSubject(name, effects)
  const base: BaseName = 'repoKey' in found ? { repoKey: found.repoKey } : { declared: name }
  const up =
    'repoKey' in found
      ? traceAncestors(found.repoKey, tools, createReuploadFinder(registry))
      : { ancestors: [], hasMore: false, isInCircle: false }
  const subject: LineageSubject =
    'repoKey' in found
      ? {
          kind: 'repository',
          ...tools.traced(tools.reader.repo(found.repoKey)),
          asked: found.by === null ? null : { text: name, by: found.by },
          isInCircle: up.isInCircle,
        }
      : { kind: 'absent', declared: name, standing: tools.standingOf(isRepoId(name) ? name : null) }
  const months = lastMonths(basis.asOf)
  const down = readDescendants(store, base, months[0]!)
  return {
    basis,
    subject,
    ancestors: up.ancestors,
    hasMoreAncestors: up.hasMore,
    roots: 'repoKey' in found ? rootsOf(found.repoKey, tools) : [],
    counts: down.counts,
    direct: withUploaders(down.direct, down.directUploaders),
    all: withUploaders(down.all, down.allUploaders),
    copies: down.copies,
    months: months.map(
      month => down.months.find(counted => counted.month === month) ?? { month, direct: 0, all: 0 },
    ),
    tree: traceDescendants(base, { depth, children }, store, tools),
  }
}

/** Throws a CensusError (usage) unless the lineage in the file was published by this program's definitions. */
function lineageBasis(effects: AnswerEffects): AnswerBasis {
  const { basis } = answerBasis(undefined, effects)
  if (basis.definitionVersion === DEFINITION_VERSION) return basis
  throw new CensusError(
    {
      happened: `${effects.store.file} was published by definitions ${basis.definitionVersion}, which knew no lineage; these are definitions ${DEFINITION_VERSION}.`,
      kept: 'Nothing was changed.',
      next: 'Type "hub-census metrics" to publish it, then the same command again.',
    },
    EXIT_CODES.usage,
  )
}

type Found = { repoKey: number; by: AskedBy | null } | { absent: true }

function findSubject(name: string, { store, registry }: AnswerEffects): Found {
  const [known] = findReposByName(store, name)
  if (known !== undefined) return { repoKey: known.repoKey, by: known.formerName ? 'former-name' : null }
  if (isAbsentBase(store, name)) return { absent: true }
  const alias = createAliasFinder(registry)(name)
  const copied = createReuploadFinder(registry)(name)
  const [target] = (alias ?? copied) ? findReposByName(store, (alias ?? copied)!.repoId) : []
  if (target === undefined) throw unknownRepo(store, name)
  return { repoKey: target.repoKey, by: alias?.rule ?? 're-upload' }
}

function rootsOf(repoKey: number, { reader, standingOf }: TraceTools): TracedRoot[] {
  const roots = reader.rootsOf(repoKey)
  const { repoId } = reader.repo(repoKey)
  if (roots.length === 0)
    return [{ repoId, declared: null, weight: 1, depth: 0, end: 'root', standing: standingOf(repoId) }]
  return roots.map(root => ({
    ...root,
    standing: standingOf(root.repoId ?? (root.end === 'absent' ? root.declared : null)),
  }))
}

function withUploaders(sums: StoredSums, uploaders: readonly Uploader[]): DescendantSums {
  const { repos, cap, capped } = capUploaders(uploaders.map(uploader => uploader.repos))
  const [top] = uploaders
  return {
    repos,
    uploaders: uploaders.length,
    cappedRepos: capped,
    cap,
    topUploader:
      top === undefined
        ? null
        : {
            ...top,
            share: top.repos / repos,
            cappedShare: Math.min(top.repos, cap) / capped,
            ties: uploaders.filter(uploader => uploader.repos === top.repos).length - 1,
          },
    ...sums,
    downloadsAllTime: repos === 0 ? 0 : sums.downloadsAllTime,
    goneDownloadsAllTime: sums.goneRepos === 0 ? 0 : sums.goneDownloadsAllTime,
  }
}

/** The month of a day and the eleven before it, ascending. */
function lastMonths(day: UtcDay): string[] {
  const running = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
  return Array.from({ length: MONTHS_SHOWN }, (_, at) => {
    const month = running - MONTHS_SHOWN + 1 + at
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
  })
}
