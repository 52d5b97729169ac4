import { countersAt, detailsAt, type ListedRows } from '../../src/domain/listed-rows.ts'
import type { RepoRow } from '../../src/domain/repo.ts'

/** The `_id`s of the rows, in their order. */
export function hubIdsOf({ rows }: { rows: ListedRows }): string[] {
  return rows.hubIds.match(/.{24}/g) ?? []
}

/** The rows as they were before they were laid out in columns. */
export function unpackRows(rows: ListedRows): RepoRow[] {
  return hubIdsOf({ rows }).map((hubId, index) => ({
    hubId,
    ...detailsAt(rows, index),
    ...countersAt(rows, index),
  }))
}
