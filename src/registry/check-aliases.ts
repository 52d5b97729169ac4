import type { Alias, Aliases } from '../domain/registry.ts'
import { handleOf, nameOf } from '../domain/repo.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { ListedHandles } from './listed-handles.ts'
import { nearestName } from './nearest-name.ts'
import { movedIdEntry, renamedHandleEntry } from './registry-schema.ts'
import { checkQuoted, checkSorted, HANDLE, REPO_ID, readChecked, readEvidence } from './shared-checks.ts'
import { type Placed, type Report, readListAt, type YamlFile, type YamlPath } from './yaml-file.ts'

/** An id as it was before owners: the name alone. */
const OWNERLESS = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const LISTS = ['ids', 'handles'] as const

/** One item of either list: what it was, what it is. */
interface Move {
  from: string
  to: string
  evidence: string
  checked: string
}

/** Reads `aliases.yml`. Every way ends after one step: chains and circles are refused. `listed` null: labs.yml cannot be read. */
export function checkAliases(
  file: YamlFile,
  { listed, today }: { listed: ListedHandles | null; today: UtcDay | null },
  report: Report,
): Aliases {
  const lists = readLists(file, report)
  const ids = lists.ids.map(({ entry: { id, ...rest }, path }) => ({ entry: { from: id, ...rest }, path }))
  const handles = lists.handles.map(({ entry: { handle, ...rest }, path }) => {
    return { entry: { from: handle, ...rest }, path }
  })
  const aliases = {
    ids: readMoves(file, ids, 'id', today, report),
    handles: readMoves(file, handles, 'handle', today, report),
  }
  for (const { entry, path } of ids) checkMovedId(entry, path, { listed, aliases }, report)
  for (const { entry, path } of handles) checkRenamedHandle(entry, path, { listed, aliases }, report)
  return aliases
}

function readLists(file: YamlFile, report: Report) {
  const { value } = file
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report([], '', 'is not two lists', 'Write "ids:" and "handles:", each with a list below it.')
    return { ids: [], handles: [] }
  }
  for (const { field } of file.fieldsOf([])) {
    if ((LISTS as readonly string[]).includes(field)) continue
    const meant = nearestName(field, LISTS)
    const remedy = meant === null ? `Remove it; the lists are ${LISTS.join(', ')}.` : `Write ${meant}.`
    report(file.lineOfField([], field), field, 'is not a known list', remedy)
  }
  const listAt = (name: (typeof LISTS)[number]) =>
    Object.hasOwn(value, name) ? Reflect.get(value, name) : null
  return {
    ids: readListAt(file, ['ids'], listAt('ids'), movedIdEntry, report),
    handles: readListAt(file, ['handles'], listAt('handles'), renamedHandleEntry, report),
  }
}

function readMoves(
  file: YamlFile,
  moves: readonly Placed<Move>[],
  field: 'id' | 'handle',
  today: UtcDay | null,
  report: Report,
): Map<string, Alias> {
  const seen = new Map<string, YamlPath>()
  const read = new Map<string, Alias>()
  for (const { entry, path } of moves) {
    const here = [...path, field]
    checkQuoted(file, here, entry.from, report)
    checkQuoted(file, [...path, 'to'], entry.to, report)
    const earlier = seen.get(entry.from.toLowerCase())
    if (earlier !== undefined) {
      report(here, entry.from, `is on line ${file.lineAt(earlier)} already`, 'Keep one of the two.')
    }
    seen.set(entry.from.toLowerCase(), earlier ?? here)
    read.set(entry.from, {
      to: entry.to,
      evidence: readEvidence([...path, 'evidence'], entry.evidence, report),
      checked: readChecked(file, path, { name: entry.from, checked: entry.checked }, today, report),
    })
  }
  checkSorted(
    file,
    moves.map(({ entry, path }) => ({
      shown: entry.from,
      by: entry.from.toLowerCase(),
      path: [...path, field],
    })),
    report,
  )
  return read
}

interface MoveContext {
  listed: ListedHandles | null
  aliases: Aliases
}

function checkMovedId(
  { from, to }: Move,
  path: YamlPath,
  { listed, aliases }: MoveContext,
  report: Report,
): void {
  const [old, now] = [
    [...path, 'id'],
    [...path, 'to'],
  ]
  if (!OWNERLESS.test(from) && !REPO_ID.test(from)) {
    report(old, from, 'is not an id', 'Write the old id: "owner/name", or a name without an owner.')
  }
  if (!REPO_ID.test(to)) {
    report(now, to, 'is not a repository', 'Write "owner/name", as in the address.')
    return
  }
  if (reportChain(from, to, now, aliases.ids, report)) return
  const renamed = aliases.handles.get(handleOf(to))
  if (renamed !== undefined) {
    report(now, to, `is under ${handleOf(to)}, which was renamed`, `Write "${renamed.to}/${nameOf(to)}".`)
  }
  const twin = listed?.twinOf(handleOf(to)) ?? null
  if (twin !== null) {
    report(now, to, `is under a handle that looks like ${twin} of labs.yml`, `Write "${twin}/${nameOf(to)}".`)
  }
}

function checkRenamedHandle(
  { from, to }: Move,
  path: YamlPath,
  { listed, aliases }: MoveContext,
  report: Report,
): void {
  const places: [YamlPath, string][] = [
    [[...path, 'handle'], from],
    [[...path, 'to'], to],
  ]
  const strange = places.filter(([, handle]) => !HANDLE.test(handle))
  for (const [at, handle] of strange) {
    report(at, handle, 'is not a Hub handle', 'Letters, digits, "-", "_" and ".", as in the address.')
  }
  if (strange.length > 0 || reportChain(from, to, [...path, 'to'], aliases.handles, report)) return
  if (listed === null) return
  for (const [at, handle] of places) listed.requireListed(at, handle, report)
  const owners = listed.labsOf(from)
  const heirs = listed.labsOf(to)
  if (owners.size === 0 || heirs.size === 0 || [...owners].some(key => heirs.has(key))) return
  report(
    [...path, 'to'],
    to,
    `belongs to ${[...heirs].join(', ')}, and ${from} to ${[...owners].join(', ')}`,
    'A renamed account stays with its lab: correct labs.yml, or remove this.',
  )
}

/** Reports an alias that leads to itself or to another alias; whether it did. */
function reportChain(
  from: string,
  to: string,
  path: YamlPath,
  moves: ReadonlyMap<string, Alias>,
  report: Report,
): boolean {
  const passed = new Set([from])
  let end = to
  while (moves.has(end) && !passed.has(end)) {
    passed.add(end)
    end = moves.get(end)!.to
  }
  if (to === from) report(path, to, 'leads to itself', 'Write what it became, or remove it.')
  else if (passed.has(end))
    report(path, to, `leads back to ${end}`, 'Keep the way that is right, and remove the other.')
  else if (end !== to) report(path, to, 'moved on', `Write "${end}".`)
  else return false
  return true
}
