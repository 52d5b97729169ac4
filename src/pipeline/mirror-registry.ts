import { replaceRegistry } from '../store/replace-registry.ts'
import type { Effects } from './effects.ts'

/** Copies the reviewed files into their tables, so that SQL users can join. Says what the file now holds. */
export function mirrorRegistry({
  store,
  registry,
  clock,
  log,
}: Pick<Effects, 'store' | 'registry' | 'clock' | 'log'>): { revision: string; labs: number } {
  replaceRegistry(store, registry, clock.now())
  const labs = registry.labs.size
  log.info({ revision: registry.revision, labs }, 'registry mirrored')
  return { revision: registry.revision, labs }
}
