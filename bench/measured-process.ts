import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Memory } from './memory.ts'

/** A measuring point of a child: its memory at that moment, and the most it had since the point before. */
export interface MemorySample extends Memory {
  label: string
  /** Seconds since the step began. */
  at: number
}

/** What a step gives back, with the memory its process took. */
export interface Measured<T> {
  result: T
  /** Memory before the step: Node and the step's modules. */
  startMB: number
  /** The most at any moment of the step. */
  peakMB: number
  seconds: number
  /** One for every `mark`, and `end`. */
  samples: MemorySample[]
}

/** What a step can tell and ask while it runs. */
export interface Probe {
  /** Samples memory and begins a new phase. */
  mark(label: string): void
  /** Asks the parent, e.g. for another served day. Rejects with what the parent's `answer` throws. */
  ask(question: unknown): Promise<unknown>
}

/** An exported function that can run in a process of its own. Input and result travel by structured clone. */
export type Step<I, R> = (input: I, probe: Probe) => R | Promise<R>

export interface MeasureOptions {
  /** Answers a step's `ask`. */
  answer?(question: unknown): unknown
  /** Flags for the child's Node. */
  execArgv?: readonly string[]
}

/** What passes between the two processes. */
export type Message =
  | { kind: 'run'; module: string; step: string; input: unknown }
  | { kind: 'answered'; number: number; value?: unknown; problem?: string }
  | { kind: 'asked'; number: number; question: unknown }
  | { kind: 'done'; measured: Measured<unknown> }
  | { kind: 'failed'; problem: string }

/**
 * Runs one exported step of a compiled module in a process of its own, so that its memory is its own: no miniature Hub, no
 * catalogue. `module` is the step's `import.meta.url`. Rejects when the step throws or its process ends early.
 */
export function runMeasured<I, R>(
  { module, step }: { module: string; step: string },
  input: I,
  options: MeasureOptions = {},
): Promise<Measured<R>> {
  const entry = fileURLToPath(new URL('./measured-step.js', import.meta.url))
  const child = fork(entry, [], {
    serialization: 'advanced',
    execArgv: [...(options.execArgv ?? [])],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const send = (message: Message) => child.send(message)
  return new Promise((resolve, reject) => {
    let measured: Measured<unknown> | null = null
    child.on('error', reject)
    // Not before it is gone: what is measured next has the machine to itself.
    child.on('exit', (code, signal) => {
      if (measured !== null) resolve(measured as Measured<R>)
      else reject(new Error(`${step} ended without a result: ${signal ?? `exit ${code}`}`))
    })
    child.on('message', (message: Message) => {
      if (message.kind === 'done') measured = message.measured
      if (message.kind === 'failed') reject(new Error(`${step} failed: ${message.problem}`))
      if (message.kind === 'asked') {
        const { number, question } = message
        Promise.resolve(question)
          .then(options.answer ?? refuse)
          .then(value => send({ kind: 'answered', number, value }))
          .catch(error => send({ kind: 'answered', number, problem: String(error) }))
      }
    })
    send({ kind: 'run', module, step, input })
  })
}

function refuse(question: unknown): never {
  throw new Error(`nobody answers ${JSON.stringify(question)}`)
}
