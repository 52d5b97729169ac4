import pRetry, { AbortError } from 'p-retry'
import { Agent, request } from 'undici'
import type { Clock, Log } from '../domain/effects.ts'
import { visibleText } from '../domain/visible-text.ts'
import { AttemptError, explainFailure, explainPause } from './explain-failure.ts'
import { jsonStart } from './json-start.ts'
import { paceMs, parseRateLimit, retryAfterSeconds } from './rate-limit.ts'
import { BodyTooLargeError, readBody } from './read-body.ts'
import { type Failure, mayRetry, retryWaitMs } from './retry-wait.ts'

export interface HubClientOptions {
  /** Origin with optional path prefix, e.g. `https://huggingface.co`; no trailing slash. */
  endpoint: string
  /** Sent to that origin only. */
  token: string | null
  userAgent: string
  /** Share of the Hub's quota this client may use, above 0 and up to 1. */
  quotaShare: number
  clock: Clock
  log: Log
  /** Attempts a request gets before it is given up. */
  attempts?: number
  random?: () => number
  /** Told the Hub's own time (milliseconds since the epoch) with every answer. */
  onHubTime?(hubTime: number): void
}

export interface HubAnswer {
  json: unknown
  /** The `Link` header as sent, or null. */
  link: string | null
  /** What the source says of its own data (`X-Data-Notice`), or null. */
  notice: string | null
  /** The Hub's own clock (`Date` header), milliseconds since the epoch, or null. */
  hubTime: number | null
  url: string
}

/** Talks to one Hub, one request at a time, within its quota. */
export interface HubClient {
  readonly endpoint: string
  /** Whether no token is sent: the Hub then answers 401 for what is not there. */
  readonly isAnonymous: boolean
  /** GETs JSON of the expected kind below the endpoint. Throws a HubError when the Hub refuses or keeps failing. */
  get(path: string, expect: 'list' | 'object', signal?: AbortSignal): Promise<HubAnswer>
  close(): Promise<void>
}

/** Forty-five minutes of full windows: past that the quota is somebody else's. */
const MOST_WINDOWS_WAITED = 9
const LONGEST_WAIT_MS = 15 * 60_000

export function createHubClient(options: HubClientOptions): HubClient {
  const { endpoint, token, clock, log } = options
  const agent = new Agent({
    headersTimeout: 30_000,
    bodyTimeout: 60_000,
    connectTimeout: 10_000,
    connections: 4,
  })
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': options.userAgent,
  }
  if (token !== null) headers.authorization = `Bearer ${token}`
  let earliestNext = 0

  async function attempt(
    url: string,
    expect: 'list' | 'object',
    signal: AbortSignal | undefined,
  ): Promise<HubAnswer> {
    const wait = earliestNext - clock.now()
    if (wait > LONGEST_WAIT_MS) throw explainPause(url, wait, clock.now(), null)
    if (wait > 0) await clock.sleep(wait, signal)
    // undici's request never follows a redirect: the token stays with this origin.
    const response = await request(url, { dispatcher: agent, headers, signal: signal ?? null }).catch(
      error => {
        if (signal?.aborted) throw new AbortError(signal.reason as Error)
        throw new AttemptError(
          { kind: 'transport', message: String(error) },
          `no answer: ${visibleText(String(error), 200)}`,
          {
            cause: error,
          },
        )
      },
    )
    const header = (name: string) => response.headers[name]?.toString()
    const limit = parseRateLimit(header('ratelimit'), header('ratelimit-policy'))
    if (limit) earliestNext = clock.now() + paceMs(limit, options.quotaShare)
    const text = await readBody(response.body, header('content-encoding')).catch(error => {
      if (signal?.aborted) throw new AbortError(signal.reason as Error)
      const reason =
        error instanceof BodyTooLargeError ? error.message : `body was cut or unreadable: ${String(error)}`
      throw new AttemptError({ kind: 'body', message: reason }, visibleText(reason, 200), { cause: error })
    })
    if (response.statusCode !== 200) {
      const failure: Failure = {
        kind: 'status',
        status: response.statusCode,
        resetSeconds: limit?.resetSeconds ?? null,
        quotaLeft: limit === null || limit.remaining > 0,
        retryAfter: retryAfterSeconds(header('retry-after'), clock.now()),
      }
      const location = header('location')
      const target = location === undefined ? '' : ` to "${visibleText(location, 200)}"`
      const met = `status ${response.statusCode}${target}: ${visibleText(errorText(text), 4000)}`
      throw new AttemptError(failure, met)
    }
    const json = parseJson(text)
    // A page cut cleanly, a gateway's HTML, an error object under 200: all look like data and are transport faults.
    if (kindOf(json) !== expect) {
      const wanted = json === undefined ? 'JSON' : expect === 'list' ? 'a list' : 'an object'
      const met = `status 200, ${header('content-type') ?? 'no content type'}, not ${wanted}: "${visibleText(text, 80)}"`
      throw new AttemptError({ kind: 'body', message: met }, met)
    }
    const date = Date.parse(header('date') ?? '')
    const hubTime = Number.isNaN(date) ? null : date
    if (hubTime !== null) options.onHubTime?.(hubTime)
    return {
      json,
      link: header('link') ?? null,
      notice: noticeOf(header('x-data-notice')),
      hubTime,
      url,
    }
  }

  async function get(path: string, expect: 'list' | 'object', signal?: AbortSignal): Promise<HubAnswer> {
    const url = endpoint + path
    const attempts = options.attempts ?? 8
    let windowsWaited = 0
    try {
      return await pRetry(() => attempt(url, expect, signal), {
        retries: attempts - 1,
        minTimeout: 0,
        maxTimeout: 0,
        shouldRetry: ({ error }) => error instanceof AttemptError && mayRetry(error.failure),
        // Waiting for a window to turn is the Hub's rule, not a failure: it costs no attempt, up to a limit.
        shouldConsumeRetry: ({ error }) => !(isWindow(error) && windowsWaited <= MOST_WINDOWS_WAITED),
        onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
          if (!(error instanceof AttemptError) || !mayRetry(error.failure)) return
          if (isWindow(error)) windowsWaited += 1
          const isFree = isWindow(error) && windowsWaited <= MOST_WINDOWS_WAITED
          if (retriesLeft === 0 && !isFree) return
          const waitMs = retryWaitMs(error.failure, attemptNumber, (options.random ?? Math.random)())
          if (waitMs > LONGEST_WAIT_MS) throw explainPause(url, waitMs, clock.now(), error.failure)
          log.warn(
            { url, attempt: attemptNumber, waitMs, problem: error.message },
            'hub request failed, waiting',
          )
          await clock.sleep(waitMs, signal)
        },
      })
    } catch (error) {
      if (!(error instanceof AttemptError)) throw error
      throw explainFailure(error, url, attempts, token !== null)
    }
  }

  return { endpoint, isAnonymous: token === null, get, close: () => agent.close() }
}

/** A source's word on its own data is text from outside, and stands on every output. */
function noticeOf(header: string | undefined): string | null {
  return header === undefined ? null : visibleText(header)
}

/** Whether the Hub said that this window's requests are used up. */
function isWindow(error: unknown): boolean {
  if (!(error instanceof AttemptError) || error.failure.kind !== 'status') return false
  return error.failure.status === 429 && !error.failure.quotaLeft && error.failure.resetSeconds !== null
}

/** The parsed value, or undefined (which JSON cannot express) when the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function kindOf(json: unknown): 'list' | 'object' | 'other' {
  if (Array.isArray(json)) return 'list'
  return typeof json === 'object' && json !== null ? 'object' : 'other'
}

function errorText(body: string): string {
  const parsed = parseJson(body)
  if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) {
    return typeof parsed.error === 'string' ? parsed.error : jsonStart(parsed.error, 4000)
  }
  // Not JSON: a gateway's page. Its first characters say as much as anything.
  return body.slice(0, 200)
}
