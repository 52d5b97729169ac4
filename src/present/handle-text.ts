import type { HandleExplanation, Holdings, LabRecord, LookAlike } from '../domain/explanation.ts'
import { visibleText } from '../domain/visible-text.ts'
import { noticeBanner } from './crossover-text.ts'
import { formatCount } from './format.ts'
import { evidenceWords, seatLines, spanWords } from './tenure-words.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapText } from './wrap-text.ts'

/** Whose a handle is, with the whole chain and what the file holds under it, for the terminal. */
export function handleText(answer: HandleExplanation): string {
  const handle = visibleText(answer.handle)
  const lines = [`${handle}  (handle)`]
  const banner = noticeBanner(answer.notice)
  if (banner !== null) lines.unshift(banner)
  lines.push('', `Owner on ${answer.asOf}`, ...ownerLines(answer))
  for (const tenure of answer.otherOwners) {
    lines.push(
      `  on other days: ${visibleText(tenure.labName)} (${tenure.labKey}), ${spanWords(tenure)}; evidence ${evidenceWords(tenure.evidence)}`,
    )
  }
  for (const { repoId, labKey, labName, reason, evidence } of answer.givenAway) {
    lines.push(
      `  but not ${visibleText(repoId)}: an exception gives it to ${visibleText(labName)} (${labKey}): ${visibleText(reason)}; evidence ${evidenceWords(evidence)}`,
    )
  }
  lines.push(...lookAlikeLines(answer.lookAlikes))
  if (answer.lab !== null) lines.push(...recordLines(answer.lab))
  lines.push('', `In the census file on ${answer.asOf}`, ...holdingLines(answer.holdings))
  lines.push('', `registry ${answer.registryRevision}`)
  return `${lines.join('\n')}\n`
}

function ownerLines({ attribution, lab, lineName }: HandleExplanation): string[] {
  if (lab === null) {
    return [
      `  ${lineName}: no entry of the registry owns this handle on that day`,
      '  to add it, see "To correct a row" in src/registry/README.md',
    ]
  }
  return [
    `  ${lineName}: ${visibleText(lab.name)} (${lab.key}, ${lab.kind}), seat ${attribution.country}, decided by the owner of the handle`,
    `  evidence for the seat: ${evidenceWords(attribution.evidence)}`,
  ]
}

function lookAlikeLines(lookAlikes: readonly LookAlike[]): string[] {
  return lookAlikes.map(found => {
    const how = found.differsBy === 'letter-case' ? 'differs only in letter case from' : 'looks like'
    return `  ${how} ${visibleText(found.handle)} of ${visibleText(found.labName)} (${found.labKey}), and is not taken for it`
  })
}

function recordLines(lab: LabRecord): string[] {
  const lines = ['', `The entry ${lab.key}, checked ${lab.checked}`, '  every seat']
  lines.push(...seatLines(lab.seats, '    '))
  lines.push(`  second seat: ${lab.secondCountry ?? 'none'}`, '  every handle')
  for (const tenure of lab.handles) {
    const mark = tenure.isAsked ? '→' : ' '
    lines.push(
      `  ${mark} ${visibleText(tenure.handle)}: ${spanWords(tenure)}; evidence ${evidenceWords(tenure.evidence)}`,
    )
  }
  lines.push(`  exceptions: ${lab.exceptions.length === 0 ? 'none' : ''}`.trimEnd())
  for (const { repoId, reason, evidence } of lab.exceptions) {
    lines.push(`    ${visibleText(repoId)}: ${visibleText(reason)}; evidence ${evidenceWords(evidence)}`)
  }
  lines.push(`  families: ${lab.families.length === 0 ? 'none' : ''}`.trimEnd())
  for (const { key, name, patterns } of lab.families) {
    lines.push(
      `    ${visibleText(name)} (${key}): ${patterns.map(pattern => visibleText(pattern)).join('  or  ')}`,
    )
  }
  if (lab.note !== null) lines.push('  note', wrapText(visibleText(lab.note, 2000), '    '))
  return lines
}

function holdingLines(holdings: Holdings): string[] {
  const { repos, downloads30d, downloadsAllTime, allTimeUnknownRepos, isInFile } = holdings
  if (!isInFile) return ['  no repository of this handle has been seen']
  if (repos === 0) return ['  no listed repository: those that were seen are gone or renamed']
  const allTime = downloadsAllTime === null ? 'all-time unknown' : `${formatCount(downloadsAllTime)} all-time`
  const unknown =
    downloadsAllTime !== null && allTimeUnknownRepos > 0
      ? ` (unknown for ${formatCount(allTimeUnknownRepos)} of them)`
      : ''
  const rows = holdings.top.map(repo => [
    repo.repoId,
    formatCount(repo.downloads30d),
    repo.downloadsAllTime === null ? 'unknown' : formatCount(repo.downloadsAllTime),
    repo.family?.name ?? '–',
  ])
  const table = terminalTable(['most downloaded', '30 days', 'all-time', 'family'], rows)
  return [
    `  ${formatCount(repos)} listed ${repos === 1 ? 'repository' : 'repositories'}: ${formatCount(downloads30d)} downloads in 30 days, ${allTime}${unknown}`,
    ...table.split('\n').map(line => `  ${line}`),
  ]
}
