import { CensusError, type Remedy } from '../domain/census-error.ts'
import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts'

/** The Hub refused, or answered what cannot be trusted, or did not answer. */
export class HubError extends CensusError {
  override name = 'HubError'
  readonly status: number | null

  constructor(remedy: Remedy, facts: { status?: number | null; exitCode?: ExitCode; cause?: unknown } = {}) {
    super(remedy, facts.exitCode ?? EXIT_CODES.refused, { cause: facts.cause })
    this.status = facts.status ?? null
  }
}

export const PAGES_KEPT = 'Every page committed before this one is in the file, with the cursor after it.'
