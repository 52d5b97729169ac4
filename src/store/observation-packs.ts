import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Store } from './open-store.ts'

/**
 * Repository keys a pack covers. Measured at 30 % changed a night, before packs were deflated: 2,048 leave much of every
 * page of SQLite empty (7.4 bytes an observation in the file for 3.8 in the packs); 65,536 fill theirs (3.4 for 3.3 today) and
 * still bound the memory.
 */
export const KEYS_A_PACK = 65_536
/** A LEB128 number of up to 53 bits takes up to 8 bytes. */
const LONGEST_NUMBER = 8
const COLUMNS = 3

/** Told every observation of a day, ascending by key; `downloadsAllTime` is NaN where the Hub did not say. */
export type HearObservation = (repoKey: number, downloads30d: number, downloadsAllTime: number) => void

/** One look per day: the days of a key that begins with the day are never read row by row. */
const OBSERVED = `WITH RECURSIVE observed (day) AS (
    SELECT min(day) FROM observation
    UNION ALL SELECT (SELECT min(day) FROM observation WHERE day > observed.day) FROM observed WHERE day IS NOT NULL
  )`

/** Days that have observations, up to `until` (days since 1970-01-01), ascending. */
export function listObservedDays(store: Store, until: number): number[] {
  return store.sqlite
    .prepare<[number], number>(`${OBSERVED} SELECT day FROM observed WHERE day <= ? ORDER BY day`)
    .pluck()
    .all(until)
}

/** Days that have observations and no packs, up to `until` (days since 1970-01-01), ascending. */
export function listUnpackedDays(store: Store, until: number): number[] {
  return store.sqlite
    .prepare<[number], number>(
      `${OBSERVED} SELECT day FROM observed
       WHERE day <= ? AND NOT EXISTS (SELECT 1 FROM observation_pack WHERE observation_pack.day = observed.day)
       ORDER BY day`,
    )
    .pluck()
    .all(until)
}

/** Packs a day's observations, in one transaction; replaces packs it had. */
export function packObservations(store: Store, day: number): void {
  store.sqlite.transaction(() => pack(store, day)).immediate()
}

interface ObservationColumns {
  repoKeys: number[]
  downloads30d: number[]
  downloadsAllTime: (number | null)[]
}

/** Reads the rows that a pack of a day holds or would hold. Three JSON texts instead of thousands of rows: a third of the time. */
function openObservationRows({ sqlite }: Store): (day: number, pack: number) => ObservationColumns {
  const read = sqlite
    .prepare<[number, number, number], [string, string, string]>(
      `SELECT json_group_array(repo_key), json_group_array(downloads_30d), json_group_array(downloads_all_time)
       FROM (SELECT repo_key, downloads_30d, downloads_all_time FROM observation
             WHERE day = ? AND repo_key >= ? AND repo_key < ? ORDER BY repo_key)`,
    )
    .raw()
  return (day, pack) => {
    const from = pack * KEYS_A_PACK
    const [keys, windows, lifetimes] = read.get(day, from, from + KEYS_A_PACK)!
    return {
      repoKeys: JSON.parse(keys),
      downloads30d: JSON.parse(windows),
      downloadsAllTime: JSON.parse(lifetimes),
    }
  }
}

function pack(store: Store, day: number): void {
  const { sqlite } = store
  const read = openObservationRows(store)
  const highest = sqlite
    .prepare<[number], number | null>('SELECT max(repo_key) FROM observation WHERE day = ?')
    .pluck()
  const write = sqlite.prepare(
    'INSERT INTO observation_pack (day, pack, row_count, content) VALUES (?, ?, ?, ?)',
  )
  const encode = openEncoder()
  sqlite.prepare('DELETE FROM observation_pack WHERE day = ?').run(day)
  const last = highest.get(day) ?? -1
  for (let from = 0; from <= last; from += KEYS_A_PACK) {
    const { repoKeys, downloads30d, downloadsAllTime } = read(day, from / KEYS_A_PACK)
    if (repoKeys.length === 0) continue
    const gaps = repoKeys.map((key, at) => key - (at === 0 ? from : repoKeys[at - 1]! + 1))
    const known = downloadsAllTime.map(value => (value === null ? 0 : value + 1))
    write.run(day, from / KEYS_A_PACK, repoKeys.length, encode([gaps, downloads30d, known]))
  }
}

/** Forgets the packs of a day whose observations are about to change. */
export function dropObservationPacks(store: Store, day: number): void {
  store.sqlite.prepare('DELETE FROM observation_pack WHERE day = ?').run(day)
}

/** Tells every observation of the days after `after` and up to `until` (days since 1970-01-01), day by day, from the packs. */
export function openPackedObservations(
  store: Store,
): (after: number, until: number, hear: HearObservation) => void {
  const days = store.sqlite
    .prepare<[number, number], number>(
      'SELECT DISTINCT day FROM observation_pack WHERE day > ? AND day <= ? ORDER BY day',
    )
    .pluck()
  const packs = store.sqlite
    .prepare<[number], [number, number, Buffer]>(
      'SELECT pack, row_count, content FROM observation_pack WHERE day = ? ORDER BY pack',
    )
    .raw()
  return (after, until, hear) => {
    for (const day of days.all(after, until)) {
      for (const [pack, rowCount, content] of packs.all(day)) tellPack(pack, rowCount, content, hear)
    }
  }
}

/**
 * Tells what was observed on one day of the repositories of one pack (keys from `pack * KEYS_A_PACK` on), ascending by key:
 * from the pack, or, for a day without packs, from the rows.
 */
export function openDayObservations(
  store: Store,
): (day: number, pack: number, hear: HearObservation) => void {
  const find = store.sqlite
    .prepare<[number, number], [number, Buffer]>(
      'SELECT row_count, content FROM observation_pack WHERE day = ? AND pack = ?',
    )
    .raw()
  const isPacked = store.sqlite.prepare<[number]>('SELECT 1 FROM observation_pack WHERE day = ? LIMIT 1')
  const read = openObservationRows(store)
  return (day, pack, hear) => {
    const found = find.get(day, pack)
    if (found !== undefined) {
      tellPack(pack, ...found, hear)
      return
    }
    if (isPacked.get(day) !== undefined) return
    const { repoKeys, downloads30d, downloadsAllTime } = read(day, pack)
    for (let row = 0; row < repoKeys.length; row += 1) {
      hear(repoKeys[row]!, downloads30d[row]!, downloadsAllTime[row] ?? Number.NaN)
    }
  }
}

/** Three columns one after another: gaps between keys, 30-day counters, lifetime counters plus one (0 for unknown). */
function tellPack(pack: number, rowCount: number, content: Buffer, hear: HearObservation): void {
  const bytes = inflateRawSync(content, { maxOutputLength: KEYS_A_PACK * COLUMNS * LONGEST_NUMBER })
  let at = 0
  const next = (): number => {
    let byte = bytes[at]!
    at += 1
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    // Not by shifts: they end at 32 bits, and counters do not.
    for (let weight = 0x80; at < bytes.length; weight *= 0x80) {
      byte = bytes[at]!
      at += 1
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value
    }
    throw new RangeError(`pack ${pack} of observation_pack ends in the middle of a number`)
  }
  const column = () => {
    const numbers = new Float64Array(rowCount)
    for (let row = 0; row < rowCount; row += 1) numbers[row] = next()
    return numbers
  }
  const gaps = column()
  const downloads30d = column()
  const known = column()
  let repoKey = pack * KEYS_A_PACK - 1
  for (let row = 0; row < rowCount; row += 1) {
    repoKey += gaps[row]! + 1
    hear(repoKey, downloads30d[row]!, known[row] === 0 ? Number.NaN : known[row]! - 1)
  }
}

/** Writes columns of whole numbers of up to 53 bits as LEB128, deflated: alike beside alike takes a fifth less than row by row. */
function openEncoder(): (columns: readonly (readonly number[])[]) => Buffer {
  const buffer = Buffer.alloc(KEYS_A_PACK * COLUMNS * LONGEST_NUMBER)
  return columns => {
    let length = 0
    for (const column of columns) for (const value of column) length = putNumber(buffer, length, value)
    return deflateRawSync(buffer.subarray(0, length), { level: 1 })
  }
}

/** Writes a whole number of up to 53 bits as LEB128 and gives the place after it. */
function putNumber(buffer: Buffer, at: number, value: number): number {
  let rest = value
  let place = at
  while (rest >= 0x80) {
    buffer[place] = (rest % 0x80) | 0x80
    place += 1
    rest = Math.floor(rest / 0x80)
  }
  buffer[place] = rest
  return place + 1
}
