import type { Evidence, LabKind } from '../domain/registry.ts'
import type { RegistryCheck } from '../domain/registry-check.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { readRegistry } from '../registry/read-registry.ts'
import { formatRegistryProblem } from '../registry/registry-problem.ts'

/** Everything a reviewer should know of the reviewed files in `folder`; the age of reviews is judged on `today`. */
export function checkRegistryFiles(folder: string, today: UtcDay): RegistryCheck {
  const { problems, registry } = readRegistry(folder, { pedantic: true, today })
  const entries = [...(registry?.labs.values() ?? [])]
  const ofKind = (kind: LabKind) => entries.filter(entry => entry.kind === kind).length
  const [communityEntries, excludedEntries] = [ofKind('community'), ofKind('excluded')]
  const seats = entries.flatMap(entry => entry.countries)
  const tenures = entries.flatMap(entry => entry.handles)
  const isUnverified = ({ evidence }: { evidence: Evidence | null }) =>
    evidence === null || evidence === 'unverified'
  const handlesOf = (found: typeof tenures) => new Set(found.map(({ handle }) => handle)).size
  return {
    folder,
    revision: registry?.revision ?? null,
    labs: entries.length - communityEntries - excludedEntries,
    communityEntries,
    excludedEntries,
    handles: handlesOf(tenures),
    unverifiedHandles: handlesOf(tenures.filter(isUnverified)),
    seats: seats.length,
    unverifiedSeats: seats.filter(isUnverified).length,
    findings: problems.map(problem => ({
      severity: problem.severity,
      text: formatRegistryProblem(problem),
    })),
  }
}
