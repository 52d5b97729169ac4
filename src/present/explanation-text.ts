import type {
  Explanation,
  Judged,
  PublisherRecord,
  ReleaseRecord,
  SizeRecord,
} from '../domain/explanation.ts'
import { visibleText } from '../domain/visible-text.ts'
import { noticeBanner } from './crossover-text.ts'
import { formatCount, formatShare } from './format.ts'
import { END_WORDS, FOUND_WORDS } from './lineage-words.ts'
import { evidenceWords, seatLines, spanWords } from './tenure-words.ts'

/** What became of a repository in a scope, in words. */
export const VERDICTS: ReadonlyMap<string, string> = new Map([
  ['in', 'in'],
  ['not-listed', 'out: neither its name nor a former one is on the published list'],
  ['task', 'out: its task is not one of the scope'],
  ['aged', 'out: created a year or more before the day'],
  ['created', 'out: released too early'],
  ['name', 'out: its name matches a rejected pattern'],
  ['not-first-party', 'out: its publisher is not a reviewed lab'],
  ['derived-form', 'out: a quantized or adapted form without an official precision suffix'],
])

/** The chain of decisions for one repository, for the terminal. */
export function explanationText(answer: Explanation): string {
  const { counters } = answer
  const lines = [`${visibleText(answer.repoId)}  (hub id ${answer.hubId})`]
  const banner = noticeBanner(answer.notice)
  if (banner !== null) lines.unshift(banner)
  if (answer.askedAs !== null) lines.push(`  asked for as ${visibleText(answer.askedAs)}, a former name`)
  for (const name of answer.formerNames) {
    lines.push(`  named ${visibleText(name.repoId)} from ${name.from} until ${name.until}`)
  }
  lines.push(
    `  created ${answer.createdOn}, first seen ${answer.firstSeenOn}, task ${visibleText(answer.task ?? 'not declared')}`,
    `  ${formatCount(counters.downloads30d)} downloads in 30 days, ${formatCount(counters.downloadsAllTime)} all-time, ${formatCount(counters.likes)} likes (last change ${answer.observedOn})`,
  )
  lines.push(`  ${releaseWords(answer.release)}`, `  size: ${sizeWords(answer.size)}`)
  if (answer.goneOn !== null) lines.push(`  gone since ${answer.goneOn}`)
  lines.push('', `Publisher on ${answer.asOf}`, ...judgedLines(answer.publisher), ...recordLines(answer))
  if (answer.bases.length === 0) lines.push('', 'Base: none declared; by base it counts for its publisher')
  for (const base of answer.bases) {
    const how = base.found === null ? 'as declared, not looked up yet' : FOUND_WORDS[base.found]
    lines.push(
      '',
      `Base ${visibleText(base.repoId ?? base.declared)}: ${base.relation}, ${how}, weight ${formatShare(base.weight)}`,
      ...judgedLines(base),
      ...ownerLines(base.record),
    )
  }
  lines.push(...copyLines(answer), '', ...rootLines(answer), '', 'Scopes')
  for (const { scope, version, verdict, pattern } of answer.scopes) {
    const which = pattern === null ? '' : `: ${visibleText(pattern)}`
    lines.push(`  ${scope} v${version}: ${VERDICTS.get(verdict) ?? verdict}${which}`)
  }
  lines.push('', `registry ${answer.registryRevision}`)
  return `${lines.join('\n')}\n`
}

function copyLines({ copy }: Explanation): string[] {
  if (copy === null) return []
  return [
    `  a copy of ${visibleText(copy.repoId)} by a reviewed rule. ${visibleText(copy.reason)} Evidence ${evidenceWords(copy.evidence)}`,
  ]
}

function rootLines({ repoId, roots }: Explanation): string[] {
  if (roots === null) return ['Roots: not published yet; "hub-census metrics" works them out']
  if (roots.length === 0) return [`Root: itself, ${visibleText(repoId)}`]
  return roots.flatMap(root => [
    `Root ${visibleText(root.repoId ?? root.declared ?? 'of too many to tell apart')}: weight ${formatShare(root.weight)}, ${root.depth} ${root.depth === 1 ? 'step' : 'steps'} up, ${END_WORDS[root.end]}`,
    ...judgedLines(root),
  ])
}

/** What the registry holds behind the publisher: days and evidence of every seat and of the handle, and the family. */
function recordLines({ publisher, record, family }: Explanation): string[] {
  if (publisher.attribution.decidedBy === 'nothing') return []
  return [
    '  every seat',
    ...seatLines(record.seats, '    '),
    ...ownerLines(record),
    `  family: ${family === null ? 'none of the registry' : visibleText(family.name)}`,
  ]
}

/** What makes a repository a lab's: the tenures of its handle, or the exception. */
function ownerLines({ handles, exception }: PublisherRecord): string[] {
  const lines = handles.map(
    tenure =>
      `  handle ${visibleText(tenure.handle)}: ${spanWords(tenure)}; evidence ${evidenceWords(tenure.evidence)}`,
  )
  if (exception !== null) {
    const { repoId, reason, evidence } = exception
    lines.push(
      `  exception for ${visibleText(repoId)}: ${visibleText(reason)}; evidence ${evidenceWords(evidence)}`,
    )
  }
  return lines
}

function releaseWords({ day, note }: ReleaseRecord): string {
  return note === null
    ? `counts as released on ${day}, the day it was created`
    : `counts as released on ${day}, a reviewed correction: ${visibleText(note)}`
}

const SIZE_SOURCES = {
  curated: 'looked up by a person',
  safetensors: 'by its safetensors header',
  name: 'by its name',
} as const satisfies Record<SizeRecord['from'], string>

function sizeWords(size: SizeRecord | null): string {
  if (size === null)
    return 'unknown: neither a reviewed entry nor its safetensors header nor its name says it'
  const { totalB, activeB, from, bucket, isLegacy, note } = size
  const active = activeB === null ? 'active unknown' : `${billions(activeB)} active`
  const legacy = isLegacy ? ', not reviewed recently' : ''
  const words = `${billions(totalB)} parameters, ${active}, bucket ${bucket}; ${SIZE_SOURCES[from]}${legacy}`
  return note === null ? words : `${words}: ${visibleText(note)}`
}

function billions(count: number): string {
  return `${count.toLocaleString('en-US', { maximumSignificantDigits: 4 })} billion`
}

function judgedLines(judged: Judged): string[] {
  const { attribution } = judged
  if (attribution.decidedBy === 'nothing') {
    const why =
      attribution.line === 'unresolved'
        ? 'the declared text names no repository'
        : 'no entry of the registry owns this handle on that day'
    return [`  ${judged.lineName}: ${why}`]
  }
  const rule =
    attribution.decidedBy === 'exception' ? 'an exception for this repository' : 'the owner of its handle'
  const lines = [
    `  ${judged.lineName}: ${judged.labName} (${judged.labKind}), seat ${attribution.country}, decided by ${rule}`,
    `  evidence for the seat: ${visibleText(attribution.evidence ?? 'none')}`,
  ]
  if (judged.labNote !== null) lines.push(`  note: ${visibleText(judged.labNote, 400)}`)
  return lines
}
