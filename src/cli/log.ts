import pino from 'pino'
import type { Log } from '../domain/effects.ts'
import { visibleText } from '../domain/visible-text.ts'

/** Structured log for jobs: one JSON object a line on stderr, results stay alone on stdout. Tokens are cut out. */
export function createJsonLog(name: string): Log {
  const redact = { paths: ['token', 'authorization', '*.token', '*.authorization'], censor: '…' }
  return pino(
    { name, level: process.env.HUB_CENSUS_LOG_LEVEL ?? 'info', redact },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** Log for a person at a terminal: warnings and errors as one plain line each. */
export function createPlainLog(write: (line: string) => void): Log {
  const say = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const facts = Object.entries(fields).map(
      ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    write(visibleText(`${level}: ${message}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`, 600))
  }
  return { debug() {}, info() {}, warn: say('warning'), error: say('error') }
}
