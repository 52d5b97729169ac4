import { createHash } from 'node:crypto'
import type { RepoRow } from '../domain/repo.ts'

/**
 * 48 bits of SHA-1 over everything the census keeps of a repository but its counters, base edges included.
 * Equal hashes let the nightly merge skip the description; 48 bits make a missed change a one-in-10^14 event.
 */
export function detailHash(row: RepoRow): number {
  const text = JSON.stringify([
    row.repoId,
    row.createdAt,
    row.lastModifiedAt,
    row.task,
    row.library,
    row.licence,
    row.parameters,
    row.gated,
    row.isDisabled,
    row.bases,
  ])
  return createHash('sha1').update(text).digest().readUIntBE(0, 6)
}
