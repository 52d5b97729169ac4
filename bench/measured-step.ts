import { performance } from 'node:perf_hooks'
import type { MemorySample, Message, Probe, Step } from './measured-process.ts'
import { readMemory, resetPeak } from './memory.ts'

/** The child of `runMeasured`: waits for a step, runs it, sends what it gave and what it took. Not for the terminal. */
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
let asked = 0

function send(message: Message): Promise<void> {
  return new Promise(resolve => process.send!(message, () => resolve()))
}

async function run(module: string, name: string, input: unknown): Promise<void> {
  const exported = (await import(module)) as Record<string, unknown>
  const step = exported[name] as Step<unknown, unknown> | undefined
  if (typeof step !== 'function') throw new Error(`the module exports no function ${name}`)
  const samples: MemorySample[] = []
  resetPeak()
  const startMB = readMemory().rssMB
  const since = performance.now()
  const mark = (label: string) => {
    samples.push({ label, ...readMemory(), at: (performance.now() - since) / 1000 })
    resetPeak()
  }
  const probe: Probe = {
    mark,
    ask(question) {
      const number = asked++
      const answer = new Promise((resolve, reject) => waiting.set(number, { resolve, reject }))
      void send({ kind: 'asked', number, question })
      return answer
    },
  }
  const result = await step(input, probe)
  const seconds = (performance.now() - since) / 1000
  mark('end')
  const peakMB = Math.max(...samples.map(sample => sample.peakMB))
  await send({ kind: 'done', measured: { result, startMB, peakMB, seconds, samples } })
}

process.on('message', (message: Message) => {
  if (message.kind === 'answered') {
    const asker = waiting.get(message.number)
    waiting.delete(message.number)
    if (message.problem === undefined) asker?.resolve(message.value)
    else asker?.reject(new Error(message.problem))
  }
  if (message.kind === 'run') {
    run(message.module, message.step, message.input)
      .catch(error => send({ kind: 'failed', problem: (error as Error)?.stack ?? String(error) }))
      .finally(() => process.connected && process.disconnect())
  }
})
process.on('disconnect', () => process.exit())
