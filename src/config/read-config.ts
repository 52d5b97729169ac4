import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { GateLimits } from '../domain/day-gate.ts'
import { readGateLimits } from './read-gate.ts'
import { usageError } from './usage-error.ts'

export { usageError } from './usage-error.ts'

/** What the command line may say; each wins over the environment. */
export interface ConfigFlags {
  db?: string | undefined
  endpoint?: string | undefined
  quotaShare?: string | undefined
  pageSize?: string | undefined
  clock?: string | undefined
  attempts?: string | undefined
  walkers?: string | undefined
  cardText?: boolean | undefined
  gate?: string | undefined
}

export interface Config {
  /** The census file. */
  file: string
  /** Where the Hub answers; no trailing slash. */
  endpoint: string
  /** Reads the token when the Hub is asked, null for none. Throws a CensusError (usage). */
  readToken(): string | null
  /** Share of the Hub's quota one sweep may use. */
  quotaShare: number
  /** Rows a page. */
  pageSize: number
  /** Attempts a request gets before it is given up. */
  attempts: number
  /** How many walkers share a sweep; more than one rests on cursors made by hand. */
  walkers: number
  /** Whether a sweep asks for the text of the cards. */
  readsCardText: boolean
  /** How far a night may be from the last good day before it is held. */
  gate: GateLimits
  /** `machine`, or `hub` to take the day from the Hub's own clock: for a Hub that replays recorded days. */
  clock: 'machine' | 'hub'
  migrationsFolder: string
  registryFolder: string
  catalogueFolder: string
  version: string
  userAgent: string
}

const DEFAULT_ENDPOINT = 'https://huggingface.co'

/**
 * Reads the environment the way the Hub's own tools do (`HF_ENDPOINT`; `HF_TOKEN`, else the file `HF_TOKEN_PATH`,
 * else `$HF_HOME/token`) and ours (`HUB_CENSUS_DB`, `HUB_CENSUS_QUOTA_SHARE`,
 * `HUB_CENSUS_WALKERS`, `HUB_CENSUS_CARD_TEXT`, `HUB_CENSUS_GATE`). Throws a CensusError on nonsense.
 */
export function readConfig(flags: ConfigFlags, env: NodeJS.ProcessEnv, packageRoot: string): Config {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string
  }
  const endpoint = readEndpoint(flags.endpoint ?? env.HF_ENDPOINT)
  return {
    file: flags.db ?? env.HUB_CENSUS_DB ?? 'hub-census.db',
    endpoint,
    readToken: () => readToken(env),
    quotaShare: readNumber('--quota-share', flags.quotaShare ?? env.HUB_CENSUS_QUOTA_SHARE ?? '0.5', 0.01, 1),
    pageSize: readInteger('--page-size', flags.pageSize ?? '1000', 1, 1000),
    attempts: readInteger('--attempts', flags.attempts ?? '8', 1, 20),
    walkers: readInteger('--walkers', flags.walkers ?? env.HUB_CENSUS_WALKERS ?? '1', 1, 8),
    readsCardText: flags.cardText ?? readSwitch('HUB_CENSUS_CARD_TEXT', env.HUB_CENSUS_CARD_TEXT ?? ''),
    gate:
      flags.gate === undefined
        ? readGateLimits('HUB_CENSUS_GATE', env.HUB_CENSUS_GATE ?? '')
        : readGateLimits('--gate', flags.gate),
    clock: readClock(flags.clock ?? 'machine'),
    migrationsFolder: join(packageRoot, 'migrations'),
    registryFolder: join(packageRoot, 'src', 'registry'),
    catalogueFolder: join(packageRoot, 'fixtures', 'catalogue'),
    version,
    userAgent: `hub-census/${version} (nightly census of public model metadata)`,
  }
}

/** Reads a whole number between two bounds. Throws a CensusError (usage). */
export function readInteger(name: string, text: string, least: number, most: number): number {
  const value = readNumber(name, text, least, most)
  if (!Number.isInteger(value))
    throw usageError(`${name} is ${JSON.stringify(text)}.`, `Give ${name} a whole number.`)
  return value
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least && value <= most)) {
    throw usageError(`${name} is ${JSON.stringify(text)}.`, `Give ${name} a number from ${least} to ${most}.`)
  }
  return value
}

function readSwitch(name: string, text: string): boolean {
  if (text === '1' || text === 'true') return true
  if (text === '' || text === '0' || text === 'false') return false
  throw usageError(`${name} is ${JSON.stringify(text)}.`, `Set ${name} to 1 or to 0.`)
}

function readClock(text: string): 'machine' | 'hub' {
  if (text === 'machine' || text === 'hub') return text
  throw usageError(`--clock is ${JSON.stringify(text)}.`, 'Type --clock machine or --clock hub.')
}

function readEndpoint(text: string | undefined): string {
  const endpoint = (text || DEFAULT_ENDPOINT).replace(/\/+$/, '')
  const next = 'Set HF_ENDPOINT (or --endpoint) to an address such as https://huggingface.co.'
  let url: URL
  try {
    url = new URL(endpoint)
  } catch {
    throw usageError(`The Hub's address is not an address (${endpoint.length} characters).`, next)
  }
  // First, so that no later message can repeat a password.
  if (url.username || url.password || url.search || url.hash) {
    throw usageError(`The Hub's address carries more than an origin and a path (${url.origin}).`, next)
  }
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw usageError(`The Hub's address ${endpoint} is not https, so a token would travel in the open.`, next)
  }
  return endpoint
}

/** What an HTTP header can carry. */
const TOKEN = /^[\x21-\x7e]+$/

/**
 * The token as the Hub's own tools find it, or null for none. Read only when the Hub is asked. Throws a CensusError
 * (usage) when its file cannot be read or holds no token; the message never repeats what it holds.
 */
function readToken(env: NodeJS.ProcessEnv): string | null {
  const direct = env.HF_TOKEN?.trim()
  if (direct) return checkedToken(direct, 'HF_TOKEN')
  if (env.HF_HUB_DISABLE_IMPLICIT_TOKEN) return null
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const path = env.HF_TOKEN_PATH || join(env.HF_HOME || join(cache, 'huggingface'), 'token')
  if (!existsSync(path)) return null
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw usageError(`The token file ${path} cannot be read: ${(error as Error).message}.`, TOKEN_REMEDY)
  }
  return text === '' ? null : checkedToken(text, path)
}

const TOKEN_REMEDY =
  'Mend HF_TOKEN or HF_TOKEN_PATH, or set HF_HUB_DISABLE_IMPLICIT_TOKEN=1 to read anonymously.'

function checkedToken(token: string, from: string): string {
  if (TOKEN.test(token)) return token
  throw usageError(`The token from ${from} holds white space or characters no token has.`, TOKEN_REMEDY)
}
