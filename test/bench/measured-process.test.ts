import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { runMeasured as RunMeasured } from '../../bench/measured-process.ts'
import { PACKAGE_ROOT, temporaryFolder } from '../support/census.ts'

/** From the build: a child of Node runs no TypeScript. */
async function built(): Promise<typeof RunMeasured> {
  const file = join(PACKAGE_ROOT, 'dist', 'bench', 'measured-process.js')
  if (!existsSync(file)) throw new Error(`${file} is missing: type "npm run build" first`)
  return ((await import(pathToFileURL(file).href)) as { runMeasured: typeof RunMeasured }).runMeasured
}

function stepIn(text: string): string {
  const file = join(temporaryFolder(), 'step.mjs')
  writeFileSync(file, text)
  return pathToFileURL(file).href
}

test('a step in a process of its own gives its result and the most memory each phase took', async () => {
  const runMeasured = await built()
  const module = stepIn(`export async function fill({ megabytes }, probe) {
    let held = Buffer.alloc(megabytes * 1e6, 1)
    probe.mark('full')
    held = null
    globalThis.gc()
    probe.mark('dropped')
    probe.mark('idle')
    return probe.ask({ question: 'how much?' })
  }`)
  const measured = await runMeasured<{ megabytes: number }, string>(
    { module, step: 'fill' },
    { megabytes: 100 },
    { execArgv: ['--expose-gc'], answer: asked => `${JSON.stringify(asked)}!` },
  )
  expect(measured.result).toBe('{"question":"how much?"}!')
  const { samples, startMB, peakMB } = measured
  expect(samples.map(({ label }) => label)).toEqual(['full', 'dropped', 'idle', 'end'])
  expect(peakMB - startMB).toBeGreaterThan(90)
  expect(samples[0]!.peakMB - startMB).toBeGreaterThan(90)
  expect(samples[2]!.rssMB).toBeLessThan(samples[0]!.rssMB - 90)
})

test('a step that throws, or ends its process, is a rejection that says so', async () => {
  const runMeasured = await built()
  const module = stepIn(`
    export function fail() { throw new Error('no pages here') }
    export function vanish() { process.exit(7) }
    export function ask(_, probe) { return probe.ask('anything') }`)
  await expect(runMeasured({ module, step: 'fail' }, null)).rejects.toThrow(
    'fail failed: Error: no pages here',
  )
  await expect(runMeasured({ module, step: 'vanish' }, null)).rejects.toThrow(
    'vanish ended without a result: exit 7',
  )
  await expect(runMeasured({ module, step: 'ask' }, null)).rejects.toThrow('nobody answers "anything"')
  await expect(runMeasured({ module, step: 'gone' }, null)).rejects.toThrow('exports no function gone')
})
