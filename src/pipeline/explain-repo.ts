import { createAttributor } from '../derive/attribute.ts'
import { UNRESOLVED } from '../derive/attribute-base.ts'
import { createFamilyFinder } from '../derive/family.ts'
import { judgeScope, scopeBasis } from '../derive/in-scope.ts'
import { lineName } from '../derive/lines.ts'
import type { Attribution } from '../domain/attribution.ts'
import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { Explanation, Judged, PublisherRecord } from '../domain/explanation.ts'
import type { Registry } from '../domain/registry.ts'
import { handleOf } from '../domain/repo.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { visibleText } from '../domain/visible-text.ts'
import { findReposByName, listSimilarNames } from '../store/find-repo.ts'
import { readRepo } from '../store/read-repo.ts'
import { findCompleteSweep, listNotices } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'

/**
 * Why this lab, this country, this base: the chain of decisions for a repository, named by its current or a former id.
 * Throws a CensusError (usage) when no repository has or had that name.
 */
export function explainRepo(
  repoId: string,
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
): Explanation {
  const found = findReposByName(store, repoId)[0]
  if (!found) {
    const similar = listSimilarNames(store, repoId, 3).map(name => visibleText(name))
    throw new CensusError(
      {
        happened: `No repository has or had the name ${JSON.stringify(visibleText(repoId))} in ${store.file}.`,
        kept: 'Nothing was changed.',
        next:
          similar.length > 0
            ? `Did you mean ${similar.join(', ')}? Names match exactly.`
            : 'Give the full owner/name.',
      },
      EXIT_CODES.usage,
    )
  }
  const known = readRepo(store, found.repoKey)
  const asOf = findCompleteSweep(store)?.day ?? found.observedOn
  const attributor = createAttributor(registry)
  const publisher = attributor.attribute(found.repoId, asOf)
  const basis = scopeBasis(registry, asOf)
  const family = createFamilyFinder(registry).familyOf(found.repoId, asOf)?.family
  const named = known.repo.bases.map(base => base.repoId ?? base.declared)
  const distinct = new Set(named).size
  return {
    hubId: found.hubId,
    repoId: found.repoId,
    askedAs: found.formerName ? repoId : null,
    formerNames: known.formerNames.map(name => ({
      repoId: name.repoId,
      from: dayFromNumber(name.fromOn),
      until: dayFromNumber(name.untilOn),
    })),
    firstSeenOn: found.firstSeenOn,
    goneOn: found.goneOn,
    createdOn: known.repo.createdOn,
    task: known.repo.task,
    counters: known.counters,
    observedOn: found.observedOn,
    asOf,
    publisher: judged(registry, found.repoId, publisher),
    record: publisherRecord(registry, found.repoId, publisher),
    family: family ? { key: family.key, name: family.name } : null,
    bases: known.repo.bases.map(base => ({
      ...judged(
        registry,
        base.repoId,
        base.repoId === null ? UNRESOLVED : attributor.attribute(base.repoId, asOf),
      ),
      declared: base.declared,
      relation: base.relation,
      isResolved: known.resolved.has(base.declared),
      // One base under two relations is one base: its rows share its weight.
      weight: 1 / distinct / named.filter(name => name === (base.repoId ?? base.declared)).length,
    })),
    scopes: [...registry.scopes.values()].map(scope => ({
      scope: scope.key,
      version: scope.version,
      verdict: judgeScope(scope, known.repo, publisher, basis),
    })),
    registryRevision: registry.revision,
    notice: listNotices(store)[0] ?? null,
  }
}

function judged(registry: Registry, repoId: string | null, attribution: Attribution): Judged {
  const lab = attribution.labKey === null ? undefined : registry.labs.get(attribution.labKey)
  return {
    repoId,
    attribution,
    lineName: lineName(registry, attribution.line),
    labName: lab?.name ?? null,
    labKind: lab?.kind ?? null,
    labNote: lab?.note ?? null,
  }
}

function publisherRecord(registry: Registry, repoId: string, attribution: Attribution): PublisherRecord {
  const lab = attribution.labKey === null ? undefined : registry.labs.get(attribution.labKey)
  const isException = attribution.decidedBy === 'exception'
  const handle = handleOf(repoId)
  return {
    seats: lab?.countries ?? [],
    handles: isException ? [] : (lab?.handles.filter(tenure => tenure.handle === handle) ?? []),
    exception: (isException && lab?.exceptions.find(exception => exception.repoId === repoId)) || null,
  }
}
