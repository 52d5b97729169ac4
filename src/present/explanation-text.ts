import type { Explanation, Judged } from '../domain/explanation.ts'
import { visibleText } from '../domain/visible-text.ts'
import { noticeBanner } from './crossover-text.ts'
import { formatCount, formatShare } from './format.ts'

const VERDICTS = new Map([
  ['in', 'in'],
  ['task', 'out: its task is not one of the scope'],
  ['created', 'out: created too early'],
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
  lines.push('', `Publisher on ${answer.asOf}`, ...judgedLines(answer.publisher))
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
