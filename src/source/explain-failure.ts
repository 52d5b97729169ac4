import { EXIT_CODES } from '../domain/exit-code.ts'
import { HubError, PAGES_KEPT } from './hub-error.ts'
import { type Failure, mayRetry } from './retry-wait.ts'

/** The latest moment a message names: a header can ask for a pause that no calendar holds. */
const LATEST_NAMED_MS = Date.UTC(9999, 11, 31)

/** One failed attempt, thrown inside the retry loop and never out of it. */
export class AttemptError extends Error {
  override name = 'AttemptError'
  readonly failure: Failure

  constructor(failure: Failure, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.failure = failure
  }
}

/** Whether a request was given up because its answer could not be read, and not for want of one. */
export function isUnreadable(error: unknown): boolean {
  return (
    error instanceof HubError && error.cause instanceof AttemptError && error.cause.failure.kind === 'body'
  )
}

/** The Hub wants a longer pause than a run may take: when to come back. */
export function explainPause(url: string, waitMs: number, now: number, failure: Failure | null): HubError {
  const until = new Date(Math.min(now + waitMs, LATEST_NAMED_MS)).toISOString()
  return new HubError(
    {
      happened: `The Hub asks for a pause until ${until}: ${url}.`,
      kept: PAGES_KEPT,
      next: `Run the same command after ${until}: it resumes.`,
    },
    { exitCode: EXIT_CODES.partial, status: failure?.kind === 'status' ? failure.status : null },
  )
}

/** What a request that was given up means for its reader: what to mend, and whether coming back helps. */
export function explainFailure(
  error: AttemptError,
  url: string,
  attempts: number,
  hasToken: boolean,
): HubError {
  const { failure } = error
  const happened = `${url}: ${error.message}`
  const gaveUp = `${happened} (${attempts} attempt${attempts === 1 ? '' : 's'})`
  if (failure.kind === 'status') {
    const { status } = failure
    if (status === 401 || status === 403) {
      const next = hasToken
        ? 'The token was refused: check HF_TOKEN (or the file HF_TOKEN_PATH names), or unset it to read anonymously.'
        : 'The Hub wants a token for this: set HF_TOKEN.'
      return new HubError({ happened, kept: PAGES_KEPT, next }, { status, cause: error })
    }
    if (status >= 300 && status < 400) {
      const next = 'Redirects are not followed. Set HF_ENDPOINT to the address the Hub really answers at.'
      return new HubError({ happened, kept: PAGES_KEPT, next }, { status, cause: error })
    }
    if (!mayRetry(failure)) {
      const next = 'Read the answer above; if HF_ENDPOINT is set, check it.'
      return new HubError({ happened, kept: PAGES_KEPT, next }, { status, cause: error })
    }
    return new HubError(
      { happened: gaveUp, kept: PAGES_KEPT, next: 'Run the same command later: it resumes at this page.' },
      { status, exitCode: EXIT_CODES.partial, cause: error },
    )
  }
  if (failure.kind === 'transport') {
    return new HubError(
      {
        happened: gaveUp,
        kept: PAGES_KEPT,
        next: 'Check the network and HF_ENDPOINT, then run the same command: it resumes.',
      },
      { exitCode: EXIT_CODES.partial, cause: error },
    )
  }
  return new HubError(
    {
      happened: gaveUp,
      kept: PAGES_KEPT,
      next: 'Something between here and the Hub alters its answers. When that is mended, run the same command: it resumes.',
    },
    { cause: error },
  )
}
