import { sql } from 'drizzle-orm'
import { blob, check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { EventKind } from '../../domain/counter-event.ts'

/** The part of a repo id before the slash, once. Letter case as the Hub writes it. */
export const publisher = sqliteTable('publisher', {
  publisherKey: integer('publisher_key').primaryKey(),
  handle: text('handle').notNull().unique(),
})

/** A task, library or licence word, once. */
export const term = sqliteTable(
  'term',
  {
    termKey: integer('term_key').primaryKey(),
    kind: text('kind', { enum: ['task', 'library', 'licence'] }).notNull(),
    word: text('word').notNull(),
  },
  table => [
    index('term_word').on(table.kind, table.word),
    check('term_kind', sql`${table.kind} in ('task', 'library', 'licence')`),
  ],
)

/**
 * A model repository, keyed by the Hub's `_id`, with its current description and latest counters. The name is
 * not unique: it can change, and a name that was freed can be taken by another repository. Its index is no migration's:
 * `indexNames` builds it once the first sweep is complete.
 */
export const repo = sqliteTable(
  'repo',
  {
    repoKey: integer('repo_key').primaryKey(),
    /** The 12 bytes of the Hub's ObjectId; ascending in creation time, so the nightly walk reads it as ranges. */
    hubId: blob('hub_id', { mode: 'buffer' }).notNull().unique(),
    repoId: text('repo_id').notNull(),
    publisherKey: integer('publisher_key')
      .notNull()
      .references(() => publisher.publisherKey),
    /** Seconds since the epoch. Never before 2022-03-02T23:29:04Z: a floor, not a birth date. */
    createdAt: integer('created_at').notNull(),
    lastModifiedAt: integer('last_modified_at'),
    /** Days since 1970-01-01. */
    firstSeenOn: integer('first_seen_on').notNull(),
    /** Day of the first complete sweep without it; null while it is listed. */
    goneOn: integer('gone_on'),
    taskKey: integer('task_key').references(() => term.termKey),
    libraryKey: integer('library_key').references(() => term.termKey),
    licenceKey: integer('licence_key').references(() => term.termKey),
    /** Total of the safetensors header; null when the Hub does not say. */
    parameters: integer('parameters'),
    gated: text('gated', { enum: ['no', 'auto', 'manual'] }).notNull(),
    isDisabled: integer('is_disabled', { mode: 'boolean' }).notNull(),
    /** The Hub's rolling 30-day counter, latest value. */
    downloads30d: integer('downloads_30d').notNull(),
    /** The Hub's lifetime counter, latest value; null means unknown, never zero. Exceeds 2^31. */
    downloadsAllTime: integer('downloads_all_time'),
    likes: integer('likes'),
    /** The latest lifetime counter that was known: a night on which the Hub leaves it out erases nothing. */
    lastKnownAllTime: integer('last_known_all_time'),
    /** Day of the latest row in `observation`. */
    observedOn: integer('observed_on').notNull(),
    /** 53-bit fingerprint of the description and the base edges: equal means nothing to rewrite. */
    detailHash: integer('detail_hash').notNull(),
  },
  table => [
    check('repo_hub_id_length', sql`length(${table.hubId}) = 12`),
    check('repo_gated', sql`${table.gated} in ('no', 'auto', 'manual')`),
  ],
)

/** A name the repository had and lost. The current name stands in `repo`; `v1_repo_name` shows both. */
export const repoName = sqliteTable(
  'repo_name',
  {
    repoKey: integer('repo_key')
      .notNull()
      .references(() => repo.repoKey),
    /** First and first-not-any-more day, as days since 1970-01-01. */
    fromOn: integer('from_on').notNull(),
    untilOn: integer('until_on').notNull(),
    repoId: text('repo_id').notNull(),
  },
  table => [primaryKey({ columns: [table.repoKey, table.untilOn] })],
)

/**
 * What a repository's counters were on a UTC day; a row only when a value differs from the row before it. That the
 * others were unchanged is provable from the day's `sweep` row.
 *
 * Why this layout (bench/, and the measurements it began from, at 30 % changed a night):
 * - Key (day, repo): a new day appends at about a million rows a second whatever the history; (repo, day) writes at
 *   random and takes seven times as long after 30 days. One repository's series is one key look-up a day (`v1_series`).
 * - 19 bytes a row with three counters, `WITHOUT ROWID`; a rowid table with its automatic index takes 35, one integer
 *   key `day << 32 | repo` saves one byte and cannot be read, every model every day takes three times the rows.
 * - Rows, and not only the packs of `observation_pack` (3.2 bytes): whoever has SQLite can ask them. The packs are what
 *   recomputing history reads.
 * Nothing is ever deleted, so nothing needs VACUUM.
 */
export const observation = sqliteTable(
  'observation',
  {
    day: integer('day').notNull(),
    repoKey: integer('repo_key').notNull(),
    downloads30d: integer('downloads_30d').notNull(),
    downloadsAllTime: integer('downloads_all_time'),
    likes: integer('likes'),
  },
  table => [primaryKey({ columns: [table.day, table.repoKey] })],
)

/**
 * A declared base of a repository. `base_hub_id` is the base's `_id` where the Hub resolved it, null where only the
 * text as declared is known. A declaration that ended and came back, or was resolved later, is a row of its own. `relation` is one of the Hub's four words, or `undeclared` for a bare tag.
 */
export const baseEdge = sqliteTable(
  'base_edge',
  {
    repoKey: integer('repo_key')
      .notNull()
      .references(() => repo.repoKey),
    declared: text('declared').notNull(),
    relation: text('relation', {
      enum: ['finetune', 'adapter', 'merge', 'quantized', 'undeclared'],
    }).notNull(),
    baseHubId: blob('base_hub_id', { mode: 'buffer' }),
    firstSeenOn: integer('first_seen_on').notNull(),
    /** Day of the first sweep that no longer showed it; null while declared. */
    endedOn: integer('ended_on'),
  },
  table => [
    primaryKey({ columns: [table.repoKey, table.declared, table.relation, table.firstSeenOn] }),
    check(
      'base_edge_relation',
      sql`${table.relation} in ('finetune', 'adapter', 'merge', 'quantized', 'undeclared')`,
    ),
  ],
)

/**
 * A counted incident. `detail` is JSON with the evidence. Detected kinds are derived and replaced by difference; what the sweep
 * noted and what people decided is kept for ever.
 */
export const event = sqliteTable(
  'event',
  {
    eventKey: integer('event_key').primaryKey(),
    kind: text('kind').$type<EventKind>().notNull(),
    day: integer('day').notNull(),
    repoKey: integer('repo_key').references(() => repo.repoKey),
    detail: text('detail').notNull(),
    /** Its last day; null for one without a length and while it lasts. */
    untilOn: integer('until_on'),
    /** Whose counters it is about where that is a publisher. */
    publisherKey: integer('publisher_key').references(() => publisher.publisherKey),
  },
  table => [
    index('event_day').on(table.day, table.kind),
    // The incidents of one repository, and who went and came back among a stretch of them.
    index('event_repo').on(table.repoKey, table.day),
    check('event_detail_json', sql`json_valid(${table.detail})`),
  ],
)
