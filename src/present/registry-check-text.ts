import type { RegistryCheck } from '../domain/registry-check.ts'
import { visibleText } from '../domain/visible-text.ts'
import { formatCount } from './format.ts'

/** A value as written may be long, and stands beside what to do about it. */
const LONGEST_FINDING = 2000

/** Every finding on a line of its own, warnings marked, then one line of sums. */
export function registryCheckText(check: RegistryCheck): string {
  const lines = check.findings.map(({ severity, text }) => {
    return `${severity === 'warning' ? 'warning: ' : ''}${visibleText(text, LONGEST_FINDING)}`
  })
  const warnings = check.findings.filter(({ severity }) => severity === 'warning').length
  const problems = check.findings.length - warnings
  lines.push(
    [
      counted(check.labs, 'lab'),
      counted(check.communityEntries, 'community entry', 'community entries'),
      counted(check.excludedEntries, 'excluded entry', 'excluded entries'),
      `${counted(check.handles, 'handle')} (${formatCount(check.unverifiedHandles)} unverified)`,
      `${counted(check.seats, 'seat')} (${formatCount(check.unverifiedSeats)} unverified)`,
      counted(problems, 'problem'),
      counted(warnings, 'warning'),
      `registry ${check.revision ?? 'unreadable'}`,
    ].join(' · '),
  )
  return `${lines.join('\n')}\n`
}

function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${formatCount(count)} ${count === 1 ? thing : things}`
}
