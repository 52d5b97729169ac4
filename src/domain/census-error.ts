import type { ExitCode } from './exit-code.ts'

/** The three sentences every failure owes its reader. */
export interface Remedy {
  /** What happened: where, what was met, what was wanted. */
  happened: string
  /** What was kept, so that nobody fears a loss. */
  kept: string
  /** What to type or change next. */
  next: string
}

/** An error somebody can act on. Subclasses exist where the caller acts differently, not for taxonomy. */
export class CensusError extends Error {
  override name = 'CensusError'
  readonly remedy: Remedy
  readonly exitCode: ExitCode

  constructor(remedy: Remedy, exitCode: ExitCode, options?: { cause?: unknown }) {
    super(remedy.happened, options)
    this.remedy = remedy
    this.exitCode = exitCode
  }
}
