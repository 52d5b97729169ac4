import { hash } from 'node:crypto'
import { foldDetails, type ListedRows } from '../domain/listed-rows.ts'
import type { RepoRow } from '../domain/repo.ts'

/** Hexadecimal digits of SHA-1 that are kept: 48 bits make a missed change a one-in-10^14 event. */
const HASH_DIGITS = 12

/** Lays rows out in columns, each description folded and hashed, base edges included. */
export function packRows(rows: readonly RepoRow[]): ListedRows {
  const count = rows.length
  const columns = {
    downloads30d: new Float64Array(count),
    downloadsAllTime: new Float64Array(count),
    likes: new Float64Array(count),
    detailHashes: new Float64Array(count),
    detailEnds: new Uint32Array(count),
  }
  let hubIds = ''
  let details = ''
  for (let index = 0; index < count; index += 1) {
    const row = rows[index]!
    const text = foldDetails(row)
    hubIds += row.hubId
    details += text
    columns.detailEnds[index] = details.length
    columns.detailHashes[index] = Number.parseInt(hash('sha1', text).slice(0, HASH_DIGITS), 16)
    columns.downloads30d[index] = row.downloads30d
    columns.downloadsAllTime[index] = row.downloadsAllTime ?? Number.NaN
    columns.likes[index] = row.likes ?? Number.NaN
  }
  return { count, hubIds, details, ...columns }
}
