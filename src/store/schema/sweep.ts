import { sql } from 'drizzle-orm'
import { blob, check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { repo } from './repo.ts'

/**
 * One capture of the Hub's catalogue. `day` is the UTC day the sweep started, as days since 1970-01-01; a day
 * without a complete sweep is a gap. Rows in = stored + unchanged + quarantined: the table refuses anything else.
 * `private_count` and `later_count` are rows outside "rows in": a caller's own private repositories, and
 * repositories born while the walk was under way, which the next sweep takes.
 */
export const sweep = sqliteTable(
  'sweep',
  {
    sweepKey: integer('sweep_key').primaryKey(),
    /** Origin (and path prefix) of the endpoint that was read. */
    source: text('source').notNull(),
    /** What the source says of its own data, e.g. "modelled demonstration data"; null for the real Hub. */
    notice: text('notice'),
    day: integer('day').notNull(),
    state: text('state', { enum: ['running', 'complete', 'partial', 'held', 'rejected'] }).notNull(),
    /** Milliseconds since the epoch. */
    startedAt: integer('started_at').notNull(),
    finishedAt: integer('finished_at'),
    pageCount: integer('page_count').notNull().default(0),
    rowCount: integer('row_count').notNull().default(0),
    storedCount: integer('stored_count').notNull().default(0),
    unchangedCount: integer('unchanged_count').notNull().default(0),
    quarantinedCount: integer('quarantined_count').notNull().default(0),
    duplicateCount: integer('duplicate_count').notNull().default(0),
    privateCount: integer('private_count').notNull().default(0),
    laterCount: integer('later_count').notNull().default(0),
    absentCount: integer('absent_count').notNull().default(0),
    /** Sums over the rows understood, duplicates once. `all_time_known_count` rows carried an all-time counter. */
    downloads30dTotal: integer('downloads_30d_total').notNull().default(0),
    downloadsAllTimeTotal: integer('downloads_all_time_total').notNull().default(0),
    allTimeKnownCount: integer('all_time_known_count').notNull().default(0),
    /** `expand` fields the Hub refused during this sweep, comma separated; null when none. */
    refusedFields: text('refused_fields'),
    /** The day of the refresh whose 30-day counters it saw, and how that is known; null before it ended. */
    effectiveDay: integer('effective_day'),
    effectiveBy: text('effective_by', { enum: ['clock', 'found', 'across'] }),
  },
  table => [
    index('sweep_day').on(table.day),
    check(
      'sweep_rows_balance',
      sql`${table.rowCount} = ${table.storedCount} + ${table.unchangedCount} + ${table.quarantinedCount}`,
    ),
    check('sweep_state', sql`${table.state} in ('running', 'complete', 'partial', 'held', 'rejected')`),
  ],
)

/**
 * A stretch of the creation order that one walker of a sweep takes; a sweep by one walker has one. The walk is
 * ascending, so everything known between `after_hub_id` and `last_hub_id` was either seen or is absent.
 */
export const sweepRange = sqliteTable(
  'sweep_range',
  {
    sweepKey: integer('sweep_key')
      .notNull()
      .references(() => sweep.sweepKey),
    /** Counts from 0 in creation order. */
    range: integer('range').notNull(),
    /** The range begins after this `_id`; null for the first one. */
    afterHubId: blob('after_hub_id', { mode: 'buffer' }),
    /** The last `_id` that belongs to the range; null for the last one, which is open. */
    untilHubId: blob('until_hub_id', { mode: 'buffer' }),
    /** Opaque cursor of the next page; null before the first page of the range and after its last. */
    cursor: text('cursor'),
    /** Highest `_id` committed. */
    lastHubId: blob('last_hub_id', { mode: 'buffer' }),
    pageCount: integer('page_count').notNull().default(0),
    isDone: integer('is_done', { mode: 'boolean' }).notNull().default(false),
    /** The last page held a row without a readable `_id`: it could be any that the next page seems to lack. */
    isUnsure: integer('is_unsure', { mode: 'boolean' }).notNull().default(false),
  },
  table => [primaryKey({ columns: [table.sweepKey, table.range] })],
)

/** One page of a sweep: when it was observed and how far it reached. A sweep is not a point in time; a page nearly is. */
export const sweepPage = sqliteTable(
  'sweep_page',
  {
    sweepKey: integer('sweep_key')
      .notNull()
      .references(() => sweep.sweepKey),
    page: integer('page').notNull(),
    observedAt: integer('observed_at').notNull(),
    rowCount: integer('row_count').notNull(),
    lastHubId: blob('last_hub_id', { mode: 'buffer' }),
    /** Repositories known before whose 30-day counter differs on this page: by it the Hub's daily refresh is found. Null before. */
    movedCount: integer('moved_count'),
  },
  table => [primaryKey({ columns: [table.sweepKey, table.page] })],
)

/** A repository known before and not listed by this sweep. Only a complete sweep that did not shrink makes it gone. */
export const sweepAbsence = sqliteTable(
  'sweep_absence',
  {
    sweepKey: integer('sweep_key')
      .notNull()
      .references(() => sweep.sweepKey),
    repoKey: integer('repo_key')
      .notNull()
      .references(() => repo.repoKey),
  },
  table => [primaryKey({ columns: [table.sweepKey, table.repoKey] })],
)

/** A row that could not be understood, kept raw (first 4,096 characters) with its reason. */
export const quarantine = sqliteTable(
  'quarantine',
  {
    quarantineKey: integer('quarantine_key').primaryKey(),
    sweepKey: integer('sweep_key')
      .notNull()
      .references(() => sweep.sweepKey),
    page: integer('page').notNull(),
    /** Position on the page, from 0. */
    position: integer('position').notNull(),
    /** The row's `_id` where it could be read, so that a bad row is not taken for a missing repository. */
    hubId: blob('hub_id', { mode: 'buffer' }),
    reason: text('reason').notNull(),
    rawJson: text('raw_json').notNull(),
  },
  table => [index('quarantine_sweep').on(table.sweepKey)],
)
