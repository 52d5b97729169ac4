import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { PACKAGE_ROOT } from './census.ts'

const DIST = join(PACKAGE_ROOT, 'dist')

export interface CliResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface CliOptions {
  env?: Record<string, string>
  /** Another built module than the command line, e.g. `jobs/write-report.js`. */
  module?: string
  /** Runs it as another user, from another folder. */
  process?: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd'>
}

export interface StartedCli {
  child: ChildProcess
  done: Promise<CliResult>
  /** What it has printed so far. */
  output(): string
}

/** Starts the built command line (`npm test` builds it first); it is killed when the test ends. */
export function startCli(args: readonly string[], options: CliOptions = {}): StartedCli {
  const started = launch(args, options)
  onTestFinished(() => {
    started.child.kill('SIGKILL')
  })
  return started
}

/** Runs the built command line to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return launch(args, options).done
}

function launch(args: readonly string[], options: CliOptions): StartedCli {
  const main = join(DIST, options.module ?? 'src/cli/main.js')
  if (!existsSync(main)) throw new Error(`${main} is missing: type "npm run build" first`)
  const child = spawn(process.execPath, [main, ...args], {
    ...options.process,
    env: cleanEnvironment(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const done = new Promise<CliResult>(resolve => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { child, done, output: () => stdout }
}

/** The environment of a user without any of our or the Hub's settings. */
function cleanEnvironment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !/^(HF_|HUB_CENSUS_|HUGGING)/.test(key))
  return { ...Object.fromEntries(kept), HF_HUB_DISABLE_IMPLICIT_TOKEN: '1', ...extra }
}

/** Resolves once the condition holds; looks every few milliseconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 5000; tries += 1) {
    if (condition()) return
    await new Promise(resolve => setTimeout(resolve, 4))
  }
  throw new Error(`never happened: ${what}`)
}
