import type { UtcDay } from '../domain/utc-day.ts'
import { readRegistry } from './read-registry.ts'
import type { RegistryProblem } from './registry-problem.ts'

/**
 * Everything a reviewer should know about the files in `folder`, in order of file and line: errors, breaches of the
 * written form, and, when `today` is given, reviews older than a year.
 */
export function checkRegistry(folder: string, today: UtcDay | null = null): RegistryProblem[] {
  return readRegistry(folder, { pedantic: true, today }).problems
}
