import type { RegistryCheck } from '../domain/registry-check.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { readRegistry } from '../registry/read-registry.ts'
import { formatRegistryProblem } from '../registry/registry-problem.ts'

/** Everything a reviewer should know of the reviewed files in `folder`; the age of reviews is judged on `today`. */
export function checkRegistryFiles(folder: string, today: UtcDay): RegistryCheck {
  const { problems, registry } = readRegistry(folder, { pedantic: true, today })
  const labs = [...(registry?.labs.values() ?? [])]
  const seats = labs.flatMap(lab => lab.countries)
  return {
    folder,
    revision: registry?.revision ?? null,
    labs: labs.length,
    handles: new Set(labs.flatMap(lab => lab.handles.map(({ handle }) => handle))).size,
    seats: seats.length,
    unverifiedSeats: seats.filter(({ evidence }) => evidence === 'unverified').length,
    findings: problems.map(problem => ({
      severity: problem.severity,
      text: formatRegistryProblem(problem),
    })),
  }
}
