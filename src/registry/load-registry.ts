import type { Registry } from '../domain/registry.ts'
import { readRegistry } from './read-registry.ts'
import { RegistryError } from './registry-problem.ts'

/**
 * Reads the reviewed files in `folder`. Throws a `RegistryError` when any of them would give a wrong answer; breaches of
 * form alone (order, quotes) are for `checkRegistry` and do not stop a nightly run.
 */
export function loadRegistry(folder: string): Registry {
  const { problems, registry } = readRegistry(folder, { pedantic: false, today: null })
  const [first, ...rest] = problems.filter(problem => problem.severity === 'error')
  if (first !== undefined) throw new RegistryError([first, ...rest])
  if (registry === null) throw new Error(`no problem reported and no registry read in ${folder}`)
  return registry
}
