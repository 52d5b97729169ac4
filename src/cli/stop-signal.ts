import { EXIT_CODES, type ExitCode } from '../domain/exit-code.ts'

export interface StopSignal {
  signal: AbortSignal
  /** 130 or 143 once a signal has come, else null. */
  exitCode(): ExitCode | null
  /** For a process whose ordinary end is a signal: `exitCode` answers null from now on. */
  forgive(): void
  release(): void
}

/**
 * The first SIGINT or SIGTERM asks for a stop after the current page; a second one ends the process at once. Both are
 * safe: page and cursor commit together.
 */
export function stopSignal(): StopSignal {
  const controller = new AbortController()
  let exitCode: ExitCode | null = null
  const onSignal = (name: NodeJS.Signals) => {
    const code = name === 'SIGINT' ? EXIT_CODES.interrupted : EXIT_CODES.terminated
    if (exitCode !== null) process.exit(code)
    exitCode = code
    const reason = new Error(`stopped by ${name}`)
    reason.name = 'AbortError'
    controller.abort(reason)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    forgive() {
      exitCode = null
    },
    release() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
