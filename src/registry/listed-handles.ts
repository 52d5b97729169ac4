import { lookAlikeKey } from '../domain/look-alike.ts'
import type { Lab } from '../domain/registry.ts'
import { nearestName } from './nearest-name.ts'
import type { Report, YamlPath } from './yaml-file.ts'

/** The handles of `labs.yml`, as other files refer to them. */
export interface ListedHandles {
  /** The keys of the labs that have or had the handle. */
  labsOf(handle: string): ReadonlySet<string>
  /** The listed handle that a reader would take this one for; null where there is none, or this one is listed. */
  twinOf(handle: string): string | null
  /** Reports a handle that is not listed, with the listed one that was probably meant. */
  requireListed(path: YamlPath, handle: string, report: Report): void
}

const NO_LABS: ReadonlySet<string> = new Set()

export function listHandles(labs: Iterable<Lab>): ListedHandles {
  const owners = new Map<string, Set<string>>()
  const twins = new Map<string, string>()
  for (const lab of labs) {
    for (const { handle } of lab.handles) {
      owners.set(handle, (owners.get(handle) ?? new Set()).add(lab.key))
      twins.set(lookAlikeKey(handle), handle)
    }
  }
  const twinOf = (handle: string) => (owners.has(handle) ? null : (twins.get(lookAlikeKey(handle)) ?? null))
  return {
    labsOf: handle => owners.get(handle) ?? NO_LABS,
    twinOf,
    requireListed(path, handle, report) {
      if (owners.has(handle)) return
      const meant = twinOf(handle) ?? nearestName(handle, [...owners.keys()])
      const remedy = meant === null ? '' : `Write "${meant}", or enter`
      report(path, handle, 'is no handle of labs.yml', `${remedy || 'Enter'} the account in labs.yml first.`)
    },
  }
}
