/** What the process tells its caller. The README prints the same table; a test holds the two together. */
export const EXIT_CODES = {
  complete: 0,
  unexpected: 1,
  usage: 2,
  partial: 3,
  lease: 4,
  refused: 5,
  held: 6,
  storage: 7,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

export const EXIT_CODE_MEANINGS: ReadonlyMap<ExitCode, string> = new Map<ExitCode, string>([
  [EXIT_CODES.complete, 'complete'],
  [EXIT_CODES.unexpected, 'an error nobody foresaw'],
  [EXIT_CODES.usage, 'wrong command, option, configuration or reviewed file'],
  [EXIT_CODES.partial, 'stopped before the end; the same command resumes'],
  [EXIT_CODES.lease, 'another run holds the sweep or the file'],
  [EXIT_CODES.refused, 'the Hub refused, or answered what cannot be trusted'],
  [EXIT_CODES.held, 'the day was stored but held back from the headline'],
  [EXIT_CODES.storage, 'the file is full, corrupt, read-only, foreign or newer than this program'],
  [EXIT_CODES.interrupted, 'stopped by SIGINT after the current page'],
  [EXIT_CODES.terminated, 'stopped by SIGTERM after the current page'],
])
