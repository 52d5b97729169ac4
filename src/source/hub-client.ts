import pRetry, { AbortError } from 'p-retry'
import { Agent, request } from 'undici'
import type { Clock, Log } from '../domain/effects.ts'
import { visibleText } from '../domain/visible-text.ts'
import { AttemptError, explainFailure, explainPause } from './explain-failure.ts'
import { jsonStart } from './json-start.ts'
import { createPacer, LongPauseError } from './pace.ts'
import { parseRateLimit, retryAfterSeconds } from './rate-limit.ts'
import { BodyTooLargeError, type HubBody, receiveBody, unpackBody } from './read-body.ts'
import { parseJson, parseJsonBody, UnreadableBodyError } from './read-json.ts'
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
  /** Milliseconds from a request to the last byte of its answer; two minutes by default. */
  longestExchangeMs?: number
  random?: () => number
  /** Told the Hub's own time (milliseconds since the epoch) with every answer. */
  onHubTime?(hubTime: number): void
}

/** What an answer's headers say. */
export interface HubHead {
  /** The `Link` header as sent, or null. */
  link: string | null
  /** What the source says of its own data (`X-Data-Notice`), or null. */
  notice: string | null
  /** The Hub's own clock (`Date` header), milliseconds since the epoch, or null. */
  hubTime: number | null
}

/** What was asked for, read. */
export interface HubReply<T> extends HubHead {
  content: T
}

export interface HubAnswer extends HubHead {
  json: unknown
}

export interface ReadOptions<T> {
  /**
   * Unpacks and reads the body of a 200, which is its own to keep. Throws UnreadableBodyError to have the request made again:
   * an altered page must never count as a page.
   */
  read(body: HubBody): T | Promise<T>
  /** Told the headers of a 200 as soon as they are there, before its body can be trusted; again with every attempt. */
  onHead?(head: HubHead): void
  signal?: AbortSignal | undefined
}

/** Talks to one Hub within its quota. Requests may overlap; all keep one pace. */
export interface HubClient {
  readonly endpoint: string
  /** Whether no token is sent: the Hub then answers 401 for what is not there. */
  readonly isAnonymous: boolean
  /** GETs JSON of the expected kind below the endpoint. Throws a HubError when the Hub refuses or keeps failing. */
  get(path: string, expect: 'list' | 'object', signal?: AbortSignal): Promise<HubAnswer>
  /** GETs below the endpoint and reads the body as the caller wants. Throws a HubError as `get` does. */
  read<T>(path: string, options: ReadOptions<T>): Promise<HubReply<T>>
  close(): Promise<void>
}

/** Room for every walker and its look-ahead. */
const MOST_CONNECTIONS = 64
/** From the request to the last byte of the answer. */
const LONGEST_EXCHANGE_MS = 120_000
/** Forty-five minutes of full windows: past that the quota is somebody else's. */
const MOST_WINDOWS_WAITED = 9
/** No refusal of the Hub needs more words. */
const ERROR_BYTES = 1024 * 1024
const LONGEST_WAIT_MS = 15 * 60_000

export function createHubClient(options: HubClientOptions): HubClient {
  const { endpoint, token, clock, log } = options
  const agent = new Agent({
    headersTimeout: 30_000,
    bodyTimeout: 60_000,
    connectTimeout: 10_000,
    connections: MOST_CONNECTIONS,
  })
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': options.userAgent,
  }
  if (token !== null) headers.authorization = `Bearer ${token}`
  const pacer = createPacer(clock, options.quotaShare, LONGEST_WAIT_MS)

  async function attempt<T>(url: string, { read, onHead, signal }: ReadOptions<T>): Promise<HubReply<T>> {
    await pacer.takeTurn(signal).catch(error => {
      throw error instanceof LongPauseError ? explainPause(url, error.waitMs, clock.now(), null) : error
    })
    // undici bounds the pauses between two chunks; a server that trickles would hold a page for days.
    const patience = AbortSignal.timeout(options.longestExchangeMs ?? LONGEST_EXCHANGE_MS)
    const either = signal ? AbortSignal.any([signal, patience]) : patience
    // undici's request never follows a redirect: the token stays with this origin.
    const response = await request(url, { dispatcher: agent, headers, signal: either }).catch(error => {
      if (signal?.aborted) throw new AbortError(signal.reason as Error)
      throw new AttemptError(
        { kind: 'transport', message: String(error) },
        `no answer: ${visibleText(String(error), 200)}`,
        {
          cause: error,
        },
      )
    })
    const header = (name: string) => response.headers[name]?.toString()
    const limit = parseRateLimit(header('ratelimit'), header('ratelimit-policy'))
    if (limit) pacer.learn(limit)
    const date = Date.parse(header('date') ?? '')
    const head: HubHead = {
      link: header('link') ?? null,
      notice: noticeOf(header('x-data-notice')),
      hubTime: Number.isNaN(date) ? null : date,
    }
    if (response.statusCode === 200) onHead?.(head)
    const body = await receiveBody(response.body, header('content-encoding')).catch(error => {
      if (signal?.aborted) throw new AbortError(signal.reason as Error)
      // A server too slow to finish is one that stays away, not one that alters its answers.
      if (patience.aborted) {
        const met = 'the answer was not finished in time'
        throw new AttemptError({ kind: 'transport', message: met }, met, { cause: error })
      }
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
      const met = `status ${response.statusCode}${target}: ${visibleText(errorText(body), 4000)}`
      throw new AttemptError(failure, met)
    }
    // The Hub's time is heard before the page is read: what a page holds is judged by it.
    if (head.hubTime !== null) options.onHubTime?.(head.hubTime)
    try {
      return { ...head, content: await read(body) }
    } catch (error) {
      if (!(error instanceof UnreadableBodyError)) throw error
      const met = `status 200, ${header('content-type') ?? 'no content type'}, ${error.message}`
      throw new AttemptError({ kind: 'body', message: met }, met, { cause: error })
    }
  }

  async function read<T>(path: string, asked: ReadOptions<T>): Promise<HubReply<T>> {
    const { signal } = asked
    const url = endpoint + path
    const attempts = options.attempts ?? 8
    let windowsWaited = 0
    let attemptsSpent = 0
    try {
      return await pRetry(() => attempt(url, asked), {
        // Counted here: p-retry gives up at its last retry even where the failure is free.
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 0,
        maxTimeout: 0,
        shouldRetry: ({ error }) =>
          error instanceof AttemptError && mayRetry(error.failure) && attemptsSpent < attempts,
        onFailedAttempt: async ({ error }) => {
          if (!(error instanceof AttemptError) || !mayRetry(error.failure)) return
          // Waiting for a window to turn is the Hub's rule, not a failure: it costs no attempt, up to a limit.
          if (isWindow(error) && windowsWaited < MOST_WINDOWS_WAITED) windowsWaited += 1
          else attemptsSpent += 1
          if (attemptsSpent >= attempts) return
          const waitMs = retryWaitMs(
            error.failure,
            Math.max(1, attemptsSpent),
            (options.random ?? Math.random)(),
          )
          if (waitMs > LONGEST_WAIT_MS) throw explainPause(url, waitMs, clock.now(), error.failure)
          const until = new Date(clock.now() + waitMs).toISOString()
          log.warn(
            { url, attempt: attemptsSpent, waitMs, until, problem: error.message },
            'hub request failed, waiting',
          )
          // What the Hub asks of one request it asks of the caller: every other one waits too.
          if (isAskedFor(error.failure)) pacer.pause(waitMs)
          await clock.sleep(waitMs, signal)
        },
      })
    } catch (error) {
      if (!(error instanceof AttemptError)) throw error
      throw explainFailure(error, url, attempts, token !== null)
    }
  }

  async function get(path: string, expect: 'list' | 'object', signal?: AbortSignal): Promise<HubAnswer> {
    const { content: json, ...head } = await read(path, { read: body => parseJsonBody(body, expect), signal })
    return { ...head, json }
  }

  return { endpoint, isAnonymous: token === null, get, read, close: () => agent.close() }
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

/** Whether the wait is the Hub's own word and not our guess. */
function isAskedFor(failure: Failure): boolean {
  return failure.kind === 'status' && (failure.retryAfter !== null || failure.status === 429)
}

function errorText(body: HubBody): string {
  const text = refusalText(body)
  const parsed = parseJson(text)
  if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) {
    return typeof parsed.error === 'string' ? parsed.error : jsonStart(parsed.error, 4000)
  }
  // Not JSON: a gateway's page. Its first characters say as much as anything.
  return text.slice(0, 200)
}

function refusalText(body: HubBody): string {
  try {
    return Buffer.from(unpackBody(body, ERROR_BYTES)).toString('utf8')
  } catch (error) {
    return `(its text cannot be read: ${String(error)})`
  }
}
