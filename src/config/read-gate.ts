import type { CensusError } from '../domain/census-error.ts'
import {
  DEFAULT_GATE_LIMITS,
  GATE_LIMITS,
  type GateLimit,
  type GateLimits,
  gateLimitsText,
  LARGEST_LIMIT,
} from '../domain/day-gate.ts'
import { nearestName } from '../domain/nearest-name.ts'
import { visibleText } from '../domain/visible-text.ts'
import { usageError } from './usage-error.ts'

/** Written so: digits, and a decimal point with more of them. */
const SHARE = /^(?:\d+(?:\.\d+)?|\.\d+)$/

/**
 * Reads limits of the night's gate as typed, `repos=0.1,unchanged=off`; what is not named keeps its default. `source` is where
 * they were typed. Throws a CensusError (usage) that names the limit most likely meant.
 */
export function readGateLimits(source: string, text: string): GateLimits {
  const limits = new Map<GateLimit, number | null>()
  if (text.trim() === '') return DEFAULT_GATE_LIMITS
  for (const part of text.split(',')) {
    const [typed = '', value, ...more] = part.split('=').map(piece => piece.trim())
    const name = GATE_LIMITS.find(known => known === typed)
    if (name === undefined) throw unknownLimit(source, typed)
    if (value === undefined || more.length > 0) throw noLimit(source, name, part.trim())
    if (limits.has(name)) throw refusal(source, `sets ${name} twice`, `Set ${name} once.`)
    const number = value === 'off' ? null : SHARE.test(value) ? Number(value) : Number.NaN
    if (number !== null && !(number >= 0 && number <= LARGEST_LIMIT[name]))
      throw noLimit(source, name, part.trim())
    limits.set(name, number)
  }
  return { ...DEFAULT_GATE_LIMITS, ...Object.fromEntries(limits) }
}

function unknownLimit(source: string, typed: string): CensusError {
  const nearest = nearestName(typed, GATE_LIMITS)
  const meant = nearest === null ? `The limits are ${GATE_LIMITS.join(', ')}.` : `Did you mean ${nearest}?`
  return refusal(source, `names a limit ${JSON.stringify(visibleText(typed, 40))}, which is none`, meant)
}

function noLimit(source: string, name: GateLimit, part: string): CensusError {
  const most = LARGEST_LIMIT[name]
  return refusal(
    source,
    `says ${JSON.stringify(visibleText(part, 60))}`,
    `Set ${name} to a share from 0 to ${most}, such as ${name}=${DEFAULT_GATE_LIMITS[name] ?? 0.9}, or to off.`,
  )
}

function refusal(source: string, what: string, next: string): CensusError {
  return usageError(`${source} ${what}.`, `${next} The defaults are ${gateLimitsText(DEFAULT_GATE_LIMITS)}.`)
}
