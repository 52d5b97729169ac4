import { fileURLToPath } from 'node:url'
import { loadRegistry } from '../../src/registry/load-registry.ts'

/** The reviewed files of this repository. */
export const BUNDLED = fileURLToPath(new URL('../../src/registry', import.meta.url))

export const bundled = loadRegistry(BUNDLED)

/** Recorded published data beside the repository; tests that need it skip where it is absent. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url))
}
