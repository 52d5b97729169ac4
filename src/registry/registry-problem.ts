import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'

/**
 * `error`: an answer would be wrong, so the registry does not load. `style`: the answer is right, the file is not as
 * its head promises; the tests refuse it. `warning`: a task for somebody, never a refusal.
 */
export type RegistrySeverity = 'error' | 'style' | 'warning'

/** One thing to change in a reviewed file, with enough to find it and enough to mend it. */
export interface RegistryProblem {
  file: string
  /** Counted from 1. */
  line: number
  /** The value as written, or empty where there is none. */
  value: string
  problem: string
  remedy: string
  severity: RegistrySeverity
}

/** `labs.yml:41 "foo": stands below "goo". Move it above line 35.` */
export function formatRegistryProblem(problem: RegistryProblem): string {
  return `${whereAndWhat(problem)} ${problem.remedy}`
}

function whereAndWhat({ file, line, value, problem }: RegistryProblem): string {
  const quoted = value === '' ? '' : ` ${JSON.stringify(value)}`
  return `${file}:${line}${quoted}: ${problem}.`
}

/** The reviewed files cannot be used. `problems` holds everything found, the message the first of them. */
export class RegistryError extends CensusError {
  override name = 'RegistryError'
  readonly problems: readonly RegistryProblem[]

  constructor(problems: readonly [RegistryProblem, ...RegistryProblem[]]) {
    const [first, ...rest] = problems
    const more =
      rest.length === 0 ? '' : ` (${rest.length} more ${rest.length === 1 ? 'problem' : 'problems'})`
    super(
      {
        happened: `${whereAndWhat(first)}${more}`,
        kept: 'Nothing was read from the registry and nothing was changed.',
        next: first.remedy,
      },
      EXIT_CODES.usage,
    )
    this.problems = problems
  }
}
