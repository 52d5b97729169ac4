import { createAttributor } from '../derive/attribute.ts'
import { UNRESOLVED } from '../derive/attribute-base.ts'
import { createFamilyFinder } from '../derive/family.ts'
import { judgeScope, rejectedBy, releasedOn, scopeBasis } from '../derive/in-scope.ts'
import { lineName } from '../derive/lines.ts'
import { sizeBucket, sizeOf } from '../derive/size.ts'
import type { Attribution, NamedBase } from '../domain/attribution.ts'
import type { Explanation, Judged, PublisherRecord, SizeRecord } from '../domain/explanation.ts'
import type { Registry, Scope } from '../domain/registry.ts'
import { handleOf } from '../domain/repo.ts'
import { dayFromNumber } from '../domain/utc-day.ts'
import { writtenPattern } from '../domain/written-pattern.ts'
import { findReposByName } from '../store/find-repo.ts'
import { type RepoDetail, readRepo } from '../store/read-repo.ts'
import { findCompleteSweep, listNotices } from '../store/sweep-ledger.ts'
import type { Effects } from './effects.ts'
import { explainLineage } from './explain-lineage.ts'
import { unknownRepo } from './unknown-repo.ts'

/**
 * Why this lab, this country, this base: the chain of decisions for a repository, named by its current or a former id.
 * Throws a CensusError (usage) when no repository has or had that name.
 */
export function explainRepo(
  repoId: string,
  { store, registry }: Pick<Effects, 'store' | 'registry'>,
): Explanation {
  const found = findReposByName(store, repoId)[0]
  if (!found) throw unknownRepo(store, repoId)
  const known = readRepo(store, found.repoKey)
  const asOf = findCompleteSweep(store)?.day ?? found.observedOn
  const attributor = createAttributor(registry)
  const publisher = attributor.attribute(found.repoId, asOf)
  const basis = scopeBasis(registry, asOf)
  const family = createFamilyFinder(registry).familyOf(found.repoId, asOf)?.family
  const lineage = explainLineage(found, { store, registry })
  const bases = lineage?.bases ?? known.repo.bases.map(base => ({ ...base, found: ruleOf(known, base) }))
  const named = bases.map(base => base.repoId ?? base.declared)
  const distinct = new Set(named).size
  const answerFor = (id: string | null) => (id === null ? UNRESOLVED : attributor.attribute(id, asOf))
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
    release: {
      day: releasedOn(known.repo, registry),
      note: registry.releaseDates.get(found.repoId)?.note ?? null,
    },
    size: sizeRecord(registry, found.repoId, known.parameters),
    task: known.repo.task,
    counters: known.counters,
    observedOn: found.observedOn,
    asOf,
    publisher: judged(registry, found.repoId, publisher),
    record: publisherRecord(registry, found.repoId, publisher),
    family: family ? { key: family.key, name: family.name } : null,
    bases: bases.map(({ repoId, ...base }) => {
      const attribution = answerFor(repoId)
      return {
        ...judged(registry, repoId, attribution),
        ...base,
        record: publisherRecord(registry, repoId, attribution),
        // One base under two relations is one base: its rows share its weight.
        weight: 1 / distinct / named.filter(name => name === (repoId ?? base.declared)).length,
      }
    }),
    copy: lineage?.copy ?? null,
    roots:
      lineage?.roots.map(({ repoId, ...root }) => ({
        ...judged(registry, repoId, answerFor(repoId)),
        ...root,
      })) ?? null,
    scopes: [...registry.scopes.values()].map(scope => {
      const verdict = judgeScope(scope, known.repo, publisher, basis)
      const pattern = verdict === 'name' ? rejectedPattern(scope, found.repoId) : null
      return { scope: scope.key, version: scope.version, verdict, pattern }
    }),
    registryRevision: registry.revision,
    notice: listNotices(store)[0] ?? null,
  }
}

/** What is known of a base before the first publication looks up texts. */
function ruleOf({ resolved }: RepoDetail, { declared }: NamedBase): 'hub-id' | null {
  return resolved.has(declared) ? 'hub-id' : null
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

function sizeRecord(registry: Registry, repoId: string, parameters: number | null): SizeRecord | null {
  const size = sizeOf(repoId, parameters, registry)
  if (size === null) return null
  const curated = registry.sizes.get(repoId)
  return {
    ...size,
    bucket: sizeBucket(size.totalB),
    isLegacy: curated?.isLegacy ?? false,
    note: curated?.note ?? null,
  }
}

function rejectedPattern(scope: Scope, repoId: string): string | null {
  const pattern = rejectedBy(scope, repoId)
  return pattern === undefined ? null : writtenPattern(pattern)
}

function publisherRecord(
  registry: Registry,
  repoId: string | null,
  attribution: Attribution,
): PublisherRecord {
  const lab = attribution.labKey === null ? undefined : registry.labs.get(attribution.labKey)
  const isException = attribution.decidedBy === 'exception'
  const handle = repoId === null ? null : handleOf(repoId)
  return {
    seats: lab?.countries ?? [],
    handles: isException ? [] : (lab?.handles.filter(tenure => tenure.handle === handle) ?? []),
    exception: (isException && lab?.exceptions.find(exception => exception.repoId === repoId)) || null,
  }
}
