import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { repoIdOn } from '../fixtures/generated-catalogue/name.ts'
import { planCatalogue } from '../fixtures/generated-catalogue/plan.ts'
import { findPackageRoot } from '../src/config/package-root.ts'
import { createAttributor } from '../src/derive/attribute.ts'
import { handleOf } from '../src/domain/repo.ts'
import { parseUtcDay } from '../src/domain/utc-day.ts'
import { loadRegistry } from '../src/registry/load-registry.ts'
import { type Measured, runMeasured } from './measured-process.ts'

const DAY = parseUtcDay('2026-10-01')

export interface AttributedRound {
  /** Every id asked for its line, the registry's tables built anew. */
  seconds: number
  /** The same ids, the handle of each looked up in one Map. */
  floor: number
}

export interface Attributed {
  rounds: AttributedRound[]
  /** How many ids a reviewed entry answers: a round that found nothing would measure nothing. */
  reviewed: number
}

/** Attributes a generated catalogue's ids on one day, several times. A step for `runMeasured`. */
export function attributeIds({ models, rounds }: { models: number; rounds: number }): Attributed {
  const registry = loadRegistry(join(findPackageRoot(import.meta.dirname), 'src', 'registry'))
  const plan = planCatalogue({ models, firstDay: DAY, days: 1 })
  // Names made by joining are ropes until somebody reads them; rows of the store are flat.
  const ids = Array.from({ length: models }, (_, index) => flat(repoIdOn(plan, index, 0)))
  const keyOf = new Map(
    [...registry.labs.values()].flatMap(lab => lab.handles.map(({ handle }) => [handle, lab.key] as const)),
  )
  let reviewed = 0
  const measured = Array.from({ length: rounds }, (): AttributedRound => {
    let known = 0
    const floor = secondsOf(() => {
      for (const id of ids) if (keyOf.get(handleOf(id)) !== undefined) known += 1
    })
    reviewed = 0
    const seconds = secondsOf(() => {
      const attributor = createAttributor(registry)
      for (const id of ids) if (attributor.attribute(id, DAY).line !== 'unreviewed') reviewed += 1
    })
    if (known > reviewed) throw new Error(`${known} ids have a listed handle, ${reviewed} an answer`)
    return { seconds, floor }
  })
  return { rounds: measured, reviewed }
}

function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function secondsOf(work: () => void): number {
  const since = performance.now()
  work()
  return (performance.now() - since) / 1000
}

export function measureAttribution(input: { models: number; rounds: number }): Promise<Measured<Attributed>> {
  return runMeasured({ module: import.meta.url, step: 'attributeIds' }, input)
}
