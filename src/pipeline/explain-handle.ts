import { createAttributor } from '../derive/attribute.ts'
import { createFamilyFinder } from '../derive/family.ts'
import { lineName } from '../derive/lines.ts'
import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { HandleExplanation, Holdings, LabRecord, LookAlike } from '../domain/explanation.ts'
import { lookAlikeKey } from '../domain/look-alike.ts'
import type { Lab, Registry } from '../domain/registry.ts'
import { handleOf } from '../domain/repo.ts'
import { dayOf, type UtcDay } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'
import { writtenPattern } from '../domain/written-pattern.ts'
import { nearestName } from '../registry/nearest-name.ts'
import { hasPublisher, listSimilarHandles, listTopRepos, sumListedRepos } from '../store/find-publisher.ts'
import { findCompleteSweep, listNotices } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'

type HandleEffects = Pick<Effects, 'store' | 'registry' | 'clock'>

const TOP_REPOS = 5
const MOST_SUGGESTIONS = 5

/**
 * Whose a handle is on the newest complete day (on today's, before the first), with the entry of the registry behind the
 * answer, and what the file holds under the handle. Throws a CensusError (usage) for a handle that neither the registry
 * nor the file knows.
 */
export function explainHandle(handle: string, effects: HandleEffects): HandleExplanation {
  // One state of the file: a sweep may commit between two of the questions.
  return effects.store.sqlite.transaction(() => readHandle(handle, effects))()
}

function readHandle(handle: string, { store, registry, clock }: HandleEffects): HandleExplanation {
  const tenures = [...registry.labs.values()].flatMap(lab =>
    lab.handles.filter(tenure => tenure.handle === handle).map(tenure => ({ lab, tenure })),
  )
  const isInFile = hasPublisher(store, handle)
  if (tenures.length === 0 && !isInFile) throw unknownHandle(handle, { store, registry })
  const asOf = findCompleteSweep(store)?.day ?? dayOf(clock.now())
  const attribution = createAttributor(registry).attribute(handle, asOf)
  const owner = attribution.labKey === null ? undefined : registry.labs.get(attribution.labKey)
  return {
    handle,
    asOf,
    attribution,
    lineName: lineName(registry, attribution.line),
    lab: owner ? labRecord(owner, handle) : null,
    otherOwners: tenures
      .filter(({ lab }) => lab !== owner)
      .map(({ lab, tenure }) => ({ ...tenure, labKey: lab.key, labName: lab.name })),
    givenAway: [...registry.labs.values()]
      .filter(lab => lab !== owner)
      .flatMap(lab =>
        lab.exceptions
          .filter(({ repoId }) => handleOf(repoId) === handle)
          .map(exception => ({ ...exception, labKey: lab.key, labName: lab.name })),
      ),
    lookAlikes: listLookAlikes(registry, handle).filter(({ labKey }) => labKey !== owner?.key),
    holdings: readHoldings(handle, { store, registry }, { isInFile, asOf }),
    registryRevision: registry.revision,
    notice: listNotices(store)[0] ?? null,
  }
}

function labRecord(lab: Lab, asked: string): LabRecord {
  return {
    key: lab.key,
    name: lab.name,
    kind: lab.kind,
    seats: lab.countries,
    secondCountry: lab.secondCountry,
    handles: lab.handles.map(tenure => ({ ...tenure, isAsked: tenure.handle === asked })),
    exceptions: lab.exceptions,
    families: lab.families.map(({ key, name, patterns }) => ({
      key,
      name,
      patterns: patterns.map(writtenPattern),
    })),
    note: lab.note,
    checked: lab.checked,
  }
}

function readHoldings(
  handle: string,
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
  { isInFile, asOf }: { isInFile: boolean; asOf: UtcDay },
): Holdings {
  const finder = createFamilyFinder(registry)
  return {
    isInFile,
    ...sumListedRepos(store, handle),
    top: listTopRepos(store, handle, TOP_REPOS).map(repo => {
      const family = finder.familyOf(repo.repoId, asOf)?.family
      return { ...repo, family: family ? { key: family.key, name: family.name } : null }
    }),
  }
}

/** Other handles of the registry that a reader could take for this one. Accounts that look alike are nobody's proof. */
function listLookAlikes(registry: Registry, handle: string): LookAlike[] {
  const key = lookAlikeKey(handle)
  const folded = handle.toLowerCase()
  return [...registry.labs.values()].flatMap(lab =>
    lab.handles
      .filter(other => other.handle !== handle && lookAlikeKey(other.handle) === key)
      .map(other => ({
        handle: other.handle,
        labKey: lab.key,
        labName: lab.name,
        differsBy: other.handle.toLowerCase() === folded ? 'letter-case' : 'look',
      })),
  )
}

/** The error for a handle that neither the registry nor the file knows, with similar ones. */
export function unknownHandle(
  handle: string,
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
): CensusError {
  const reviewed = [...registry.labs.values()].flatMap(lab => lab.handles.map(tenure => tenure.handle))
  const nearest = nearestName(handle, reviewed)
  const similar = new Set([
    ...listLookAlikes(registry, handle).map(found => found.handle),
    ...(nearest === null ? [] : [nearest]),
    ...listSimilarHandles(store, handle, MOST_SUGGESTIONS),
  ])
  const names = [...similar].slice(0, MOST_SUGGESTIONS).map(name => visibleText(name))
  return new CensusError(
    {
      happened: `Neither the registry nor ${store.file} knows the handle "${visibleText(handle)}".`,
      kept: 'Nothing was changed.',
      next:
        names.length > 0
          ? `Did you mean ${names.join(', ')}? Handles match exactly.`
          : 'Give a handle as the Hub spells it, or owner/name for a repository.',
    },
    EXIT_CODES.usage,
  )
}
