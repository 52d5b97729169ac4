import { lookAlikeKey } from '../domain/look-alike.ts'
import type { Lab } from '../domain/registry.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { Placed, Report, YamlFile, YamlPath } from './yaml-file.ts'

/** A first and a last day, both included. Open ends are null. */
export interface Span {
  from: UtcDay | null
  until: UtcDay | null
}

/** The last day of one span and the first of the next may touch only by following each other. */
export function overlaps(a: Span, b: Span): boolean {
  return (
    (a.until === null || b.from === null || b.from <= a.until) &&
    (b.until === null || a.from === null || a.from <= b.until)
  )
}

interface Owner extends Span {
  lab: Lab
  handle: string
  path: YamlPath
}

/** Reports a handle with two owners on one day. Letter case does not make two: the Hub keeps them apart only in spelling. */
export function checkOwnership(file: YamlFile, labs: readonly Placed<Lab>[], report: Report): void {
  for (const owners of ownersBy(labs, handle => handle.toLowerCase())) {
    for (const [at, owner] of owners.entries()) {
      for (const other of owners.slice(0, at)) reportSharedHandle(file, other, owner, report)
    }
  }
}

function* ownersBy(labs: readonly Placed<Lab>[], keyOf: (handle: string) => string): Iterable<Owner[]> {
  const owners = new Map<string, Owner[]>()
  for (const { entry: lab, path } of labs) {
    for (const [index, { handle, from, until }] of lab.handles.entries()) {
      const key = keyOf(handle)
      const owner = { lab, handle, path: [...path, 'handles', index], from, until }
      owners.set(key, [...(owners.get(key) ?? []), owner])
    }
  }
  yield* owners.values()
}

function reportSharedHandle(file: YamlFile, first: Owner, second: Owner, report: Report): void {
  const lineOf = (owner: Owner) => file.lineAt(owner.path)
  if (first.lab !== second.lab && (first.lab.kind === 'excluded') !== (second.lab.kind === 'excluded')) {
    const [excluded, owning] = first.lab.kind === 'excluded' ? [first, second] : [second, first]
    report(
      second.path,
      second.handle,
      `is owned by ${owning.lab.key} (line ${lineOf(owning)}) and excluded by ${excluded.lab.key} (line ${lineOf(excluded)})`,
      'Remove it from one of the two.',
    )
  } else if (overlaps(first, second)) {
    const whose =
      first.lab === second.lab
        ? 'is listed twice by'
        : `is owned by ${first.lab.key} (line ${lineOf(first)}) and by`
    const remedy = 'Remove one, or end the older with an until day.'
    report(second.path, second.handle, `${whose} ${second.lab.key} on the same days`, remedy)
  }
}

/**
 * Reports handles of different labs that a reader cannot tell apart, such as `c00here` beside `cohere`: one of them is
 * misspelled, or belongs to somebody who hopes to be taken for the other. A note that names the other handle says that
 * a person has looked.
 */
export function checkLookAlikes(file: YamlFile, labs: readonly Placed<Lab>[], report: Report): void {
  for (const owners of ownersBy(labs, lookAlikeKey)) {
    for (const [at, owner] of owners.entries()) {
      const other = owners.slice(0, at).find(earlier => isMistakable(earlier, owner))
      if (other === undefined) continue
      report(
        owner.path,
        owner.handle,
        `looks like ${other.handle} of ${other.lab.key} (line ${file.lineAt(other.path)})`,
        `Correct the misspelled one, or name ${other.handle} in the note of ${owner.lab.key} if both exist.`,
      )
    }
  }
}

function isMistakable(a: Owner, b: Owner): boolean {
  if (a.lab === b.lab || a.handle.toLowerCase() === b.handle.toLowerCase()) return false
  return !a.lab.note?.includes(b.handle) && !b.lab.note?.includes(a.handle)
}
