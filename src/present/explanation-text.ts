import type { Explanation, Judged } from '../domain/explanation.ts'
import { visibleText } from '../domain/visible-text.ts'
import { noticeBanner } from './crossover-text.ts'
import { formatCount, formatShare } from './format.ts'
import { evidenceWords, seatLines, spanWords } from './tenure-words.ts'

/** What became of a repository in a scope, in words. */
export const VERDICTS: ReadonlyMap<string, string> = new Map([
  ['in', 'in'],
  ['not-listed', 'out: its current name is not on the published list'],
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
  if (answer.goneOn !== null) lines.push(`  gone since ${answer.goneOn}`)
  lines.push('', `Publisher on ${answer.asOf}`, ...judgedLines(answer.publisher), ...recordLines(answer))
  if (answer.bases.length === 0) lines.push('', 'Base: none declared; by base it counts for its publisher')
  for (const base of answer.bases) {
    const how = base.isResolved ? 'resolved by the Hub' : 'as declared, not resolved by the Hub'
    lines.push(
      '',
      `Base ${visibleText(base.repoId ?? base.declared)}: ${base.relation}, ${how}, weight ${formatShare(base.weight)}`,
      ...judgedLines(base),
    )
  }
  lines.push('', 'Scopes')
  for (const { scope, version, verdict } of answer.scopes) {
    lines.push(`  ${scope} v${version}: ${VERDICTS.get(verdict) ?? verdict}`)
  }
  lines.push('', `registry ${answer.registryRevision}`)
  return `${lines.join('\n')}\n`
}

/** What the registry holds behind the publisher: days and evidence of every seat and of the handle, and the family. */
function recordLines({ repoId, publisher, record, family }: Explanation): string[] {
  if (publisher.attribution.decidedBy === 'nothing') return []
  const lines = ['  every seat', ...seatLines(record.seats, '    ')]
  for (const tenure of record.handles) {
    lines.push(
      `  handle ${visibleText(tenure.handle)}: ${spanWords(tenure)}; evidence ${evidenceWords(tenure.evidence)}`,
    )
  }
  if (record.exception !== null) {
    const { reason, evidence } = record.exception
    lines.push(
      `  exception for ${visibleText(repoId)}: ${visibleText(reason)}; evidence ${evidenceWords(evidence)}`,
    )
  }
  lines.push(`  family: ${family === null ? 'none of the registry' : visibleText(family.name)}`)
  return lines
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
