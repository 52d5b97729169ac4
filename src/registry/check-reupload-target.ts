import type { Aliases } from '../domain/registry.ts'
import { handleOf, nameOf } from '../domain/repo.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import type { ListedHandles } from './listed-handles.ts'
import type { Report, YamlPath } from './yaml-file.ts'

/** The owner is written out, so that whose model it is can be checked. */
const TARGET = /^[A-Za-z0-9][A-Za-z0-9._-]*\/(?:[A-Za-z0-9._-]|\$[1-9])+$/

/** What the other files say; null where one of them cannot be read. */
export interface ReuploadsContext {
  listed: ListedHandles | null
  aliases: Aliases | null
  today: UtcDay | null
}

/**
 * Reports a target that is not the end of the way: the id of a model under a listed handle, itself neither a copy nor
 * moved. `copiers` are the handles with rules, by their name in small letters.
 */
export function checkTarget(
  path: YamlPath,
  to: string,
  copiers: ReadonlyMap<string, string>,
  { listed, aliases }: ReuploadsContext,
  report: Report,
): void {
  if (!TARGET.test(to)) {
    report(
      path,
      to,
      'is not a repository',
      'Write "owner/name", with $1 to $9 for the groups of the pattern.',
    )
    return
  }
  const [handle, name] = [handleOf(to), nameOf(to)]
  const copier = copiers.get(handle.toLowerCase())
  const renamed = aliases?.handles.get(handle)
  const moved = aliases?.ids.get(to)
  if (copier !== undefined) {
    report(
      path,
      to,
      `is under ${copier}, whose copies are mapped themselves`,
      'Write the model at the end of the way.',
    )
  } else if (renamed !== undefined) {
    report(path, to, `is under ${handle}, which was renamed (aliases.yml)`, `Write "${renamed.to}/${name}".`)
  } else if (moved !== undefined) {
    report(path, to, 'moved (aliases.yml)', `Write "${moved.to}".`)
  } else {
    listed?.requireListed(path, handle, report)
  }
}

/** Reports a `$n` that no group of the pattern stands for. */
export function checkGroups(path: YamlPath, to: string, pattern: string, report: Report): void {
  const groups = new RegExp(`${pattern}|`).exec('')!.length - 1
  const beyond = [...to.matchAll(/\$([1-9])/g)].find(([, number]) => Number(number) > groups)
  if (beyond === undefined) return
  const held = groups === 0 ? 'no group' : groups === 1 ? 'one group' : `${groups} groups`
  report(path, to, `asks for ${beyond[0]} of a pattern with ${held}`, 'Add the group, or correct the number.')
}
