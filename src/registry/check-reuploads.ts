import type { ReuploadRule } from '../domain/registry.ts'
import { handleOf, nameOf } from '../domain/repo.ts'
import { checkGroups, checkTarget, type ReuploadsContext } from './check-reupload-target.ts'
import { patternFault } from './pattern-fault.ts'
import { readPatternShape } from './pattern-shape.ts'
import { type ReuploadEntry, reuploadEntry } from './registry-schema.ts'
import {
  checkQuoted,
  checkRepoIds,
  checkSorted,
  checkText,
  checkWordList,
  REPO_ID,
  readChecked,
  readEvidence,
} from './shared-checks.ts'
import { type Placed, type Report, readEntries, type YamlFile, type YamlPath } from './yaml-file.ts'

const SUFFIX = /^[-._][A-Za-z0-9._-]*$/

/** Reads `re-uploads.yml`. Every way ends after one step: a target that is a copy itself is refused. */
export function checkReuploads(file: YamlFile, context: ReuploadsContext, report: Report): ReuploadRule[] {
  const entries = readEntries(file, reuploadEntry, report)
  checkHandles(file, entries, context, report)
  const copiers = new Map(entries.map(({ entry }) => [entry.handle.toLowerCase(), entry.handle]))
  return entries.flatMap(placed => {
    const { entry, path } = placed
    const { handle, checked } = entry
    readChecked(file, path, { name: handle, checked }, context.today, report)
    const rules = [...readRepos(file, placed, report), ...readRules(placed, report)]
    if ((entry.rules ?? []).length + (entry.repos ?? []).length === 0) {
      report(path, handle, 'has no rule', 'Add rules or repos, or remove the entry.')
    }
    for (const [field, items] of [
      ['rules', entry.rules ?? []],
      ['repos', entry.repos ?? []],
    ] as const) {
      for (const [index, { to }] of items.entries()) {
        checkTarget([...path, field, index, 'to'], to, copiers, context, report)
      }
    }
    return rules
  })
}

function checkHandles(
  file: YamlFile,
  entries: readonly Placed<ReuploadEntry>[],
  { listed, aliases }: ReuploadsContext,
  report: Report,
): void {
  const seen = new Map<string, YamlPath>()
  for (const { entry, path } of entries) {
    const here = [...path, 'handle']
    checkQuoted(file, here, entry.handle, report)
    listed?.requireListed(here, entry.handle, report)
    const renamed = aliases?.handles.get(entry.handle)
    if (renamed !== undefined) {
      report(
        here,
        entry.handle,
        `was renamed ${renamed.to} (aliases.yml)`,
        `Write the rules under "${renamed.to}".`,
      )
    }
    const earlier = seen.get(entry.handle.toLowerCase())
    if (earlier !== undefined) {
      report(here, entry.handle, `is on line ${file.lineAt(earlier)} already`, 'Merge the two entries.')
    }
    seen.set(entry.handle.toLowerCase(), earlier ?? here)
    checkSuffixes(file, entry.suffixes, [...path, 'suffixes'], report)
  }
  const byHandle = entries.map(({ entry, path }) => {
    return { shown: entry.handle, by: entry.handle.toLowerCase(), path }
  })
  checkSorted(file, byHandle, report)
}

function checkSuffixes(
  file: YamlFile,
  suffixes: readonly string[] | undefined,
  path: YamlPath,
  report: Report,
): void {
  if (suffixes === undefined) return
  if (suffixes.length === 0) report(path, '', 'has no suffix', 'Add one, or remove the field.')
  checkWordList(file, path, suffixes, report, 'error')
  for (const [index, suffix] of suffixes.entries()) {
    if (SUFFIX.test(suffix)) continue
    report([...path, index], suffix, 'is not the end of a name', 'Begin it with "-", "." or "_".')
  }
}

function readRepos(file: YamlFile, { entry, path }: Placed<ReuploadEntry>, report: Report): ReuploadRule[] {
  const items = (entry.repos ?? []).map((item, index) => ({ item, at: [...path, 'repos', index] }))
  checkRepoIds(
    file,
    items.map(({ item, at }) => ({ repoId: item.repo, path: [...at, 'repo'] })),
    report,
  )
  return items.flatMap(({ item, at }) => {
    if (REPO_ID.test(item.repo) && handleOf(item.repo) !== entry.handle) {
      report(
        [...at, 'repo'],
        item.repo,
        `is not under ${entry.handle}`,
        'Move it to the entry of its handle.',
      )
    }
    if (!REPO_ID.test(item.to)) checkGroups([...at, 'to'], item.to, '^$', report)
    return {
      handle: entry.handle,
      pattern: new RegExp(`^${escaped(nameOf(item.repo))}$`),
      repoId: item.repo,
      ...readClaim(item, at, report),
    }
  })
}

function readRules({ entry, path }: Placed<ReuploadEntry>, report: Report): ReuploadRule[] {
  const written = (entry.rules ?? []).map(({ pattern }) => pattern)
  const endings = (entry.suffixes ?? []).map(escaped).join('|')
  return (entry.rules ?? []).flatMap((rule, index): ReuploadRule[] => {
    const at = [...path, 'rules', index]
    const here = [...at, 'pattern']
    const claim = readClaim(rule, at, report)
    if (written.indexOf(rule.pattern) < index) {
      report(here, rule.pattern, `is written twice for ${entry.handle}`, 'Keep the one that is right.')
    }
    const whole = endings === '' ? rule.pattern : `${rule.pattern.slice(0, -1)}(?:${endings})?$`
    const isEnclosed = /^\^(?:[^\\]|\\.)*\$$/s.test(rule.pattern)
    const fault = isEnclosed ? patternFault(whole) : null
    if (fault !== null) {
      report(here, rule.pattern, fault, 'Write a pattern without it; two simple ones do.')
      return []
    }
    // A name that merely contains the copied one is another model's.
    if (!isEnclosed || readPatternShape(rule.pattern).branches.length > 1) {
      report(
        here,
        rule.pattern,
        'is not anchored',
        'Begin it with "^" and end it with "$", alternatives in a group.',
      )
      return []
    }
    checkGroups([...at, 'to'], rule.to, rule.pattern, report)
    return [{ handle: entry.handle, pattern: new RegExp(whole, 'i'), repoId: null, ...claim }]
  })
}

function readClaim(
  item: { to: string; reason: string; evidence: string },
  at: YamlPath,
  report: Report,
): Pick<ReuploadRule, 'to' | 'reason' | 'evidence'> {
  checkText([...at, 'reason'], item.reason, report)
  const evidence = readEvidence([...at, 'evidence'], item.evidence, report)
  return { to: item.to, reason: item.reason, evidence }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
