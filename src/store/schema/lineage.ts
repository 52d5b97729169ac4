import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { repo } from './repo.ts'

/**
 * Today's graph of bases: the declared bases that were found among the repositories, and copies by a reviewed rule.
 * Derived, as every table of this file: replaced when a day is published, by difference. Led by the base, so that its
 * derivatives are one range: 30 bytes a row, and 21 in the index for the way up. As a rowid table it would carry its key
 * twice. The tables with a row a link or a repository have no foreign keys: millions of look-ups would prove what the
 * program has just read.
 */
export const baseLink = sqliteTable(
  'base_link',
  {
    baseRepoKey: integer('base_repo_key').notNull(),
    repoKey: integer('repo_key').notNull(),
    relation: text('relation', {
      enum: ['finetune', 'adapter', 'merge', 'quantized', 'undeclared', 're-upload'],
    }).notNull(),
    rule: text('rule', {
      enum: ['hub-id', 'name', 'former-name', 'legacy-id', 'renamed-handle', 'letter-case', 're-upload'],
    }).notNull(),
  },
  table => [
    primaryKey({ columns: [table.baseRepoKey, table.repoKey, table.relation] }),
    // The way up. The walk down is the key itself.
    index('base_link_repo').on(table.repoKey),
  ],
)

/** A declared text that the Hub did not resolve and one of our rules did: which, and to what repository. */
export const foundText = sqliteTable(
  'found_text',
  {
    repoKey: integer('repo_key').notNull(),
    declared: text('declared').notNull(),
    relation: text('relation', {
      enum: ['finetune', 'adapter', 'merge', 'quantized', 'undeclared'],
    }).notNull(),
    baseRepoKey: integer('base_repo_key').notNull(),
    rule: text('rule', {
      enum: ['name', 'former-name', 'legacy-id', 'renamed-handle', 'letter-case'],
    }).notNull(),
  },
  table => [primaryKey({ columns: [table.repoKey, table.declared, table.relation] })],
)

/** A declared base that leads to no repository of the file, as declared, and why. */
export const looseBase = sqliteTable(
  'loose_base',
  {
    repoKey: integer('repo_key').notNull(),
    declared: text('declared').notNull(),
    relation: text('relation', {
      enum: ['finetune', 'adapter', 'merge', 'quantized', 'undeclared'],
    }).notNull(),
    cause: text('cause', {
      enum: ['self', 'absent', 'path', 'address', 'bare-name', 'malformed'],
    }).notNull(),
  },
  table => [primaryKey({ columns: [table.repoKey, table.declared, table.relation] })],
)

/**
 * Where the walk up the bases of a repository ends, root by root, 25 bytes each; a repository without rows is its own
 * root. The weights of a repository sum to 1. `root_declared` is what was declared for a root that is no repository of the file.
 */
export const lineageRoot = sqliteTable(
  'lineage_root',
  {
    repoKey: integer('repo_key').notNull(),
    /** Counts from 0 in an order that no rename changes. */
    ordinal: integer('ordinal').notNull(),
    rootRepoKey: integer('root_repo_key'),
    rootDeclared: text('root_declared'),
    weight: real('weight').notNull(),
    /** Steps of the longest way there. */
    depth: integer('depth').notNull(),
    end: text('end', { enum: ['root', 'cycle', 'absent', 'unresolved', 'many'] }).notNull(),
  },
  table => [primaryKey({ columns: [table.repoKey, table.ordinal] })],
)

/**
 * How many listed repositories stand on a base, directly and by any number of steps, and how many accounts published
 * them; `any` counts each once. 26 bytes a row.
 */
export const derivativeCount = sqliteTable(
  'derivative_count',
  {
    baseRepoKey: integer('base_repo_key')
      .notNull()
      .references(() => repo.repoKey),
    relation: text('relation', {
      enum: ['finetune', 'adapter', 'merge', 'quantized', 'undeclared', 'any'],
    }).notNull(),
    directRepos: integer('direct_repos').notNull(),
    directPublishers: integer('direct_publishers').notNull(),
    allRepos: integer('all_repos').notNull(),
    allPublishers: integer('all_publishers').notNull(),
  },
  table => [primaryKey({ columns: [table.baseRepoKey, table.relation] })],
)

/**
 * The counters of a repository on the first published day on which it was 30 to 33 days old: the same age for all, where
 * the counters of one day compare the old with the young. Derived from `observation`, and kept: no day of the past changes.
 */
export const ageCounter = sqliteTable('age_counter', {
  repoKey: integer('repo_key').primaryKey(),
  measuredOn: integer('measured_on').notNull(),
  downloads30d: integer('downloads_30d').notNull(),
  downloadsAllTime: integer('downloads_all_time'),
})

/**
 * Derivatives created in one month, of the newest published day only: some 5,000 rows, and 20 times as many in
 * `monthly_share_line`. `capped` is `counted` with every uploader capped at a hundredth of it.
 */
export const monthlyShare = sqliteTable(
  'monthly_share',
  {
    /** `YYYY-MM`, UTC. */
    month: text('month').notNull(),
    /** A key of RELATION_SETS. */
    relations: text('relations').notNull(),
    counter: text('counter', {
      enum: ['downloads_30d', 'downloads_all_time', 'downloads_30d_at_30_days'],
    }).notNull(),
    threshold: integer('threshold').notNull(),
    considered: integer('considered').notNull(),
    counterUnknown: integer('counter_unknown').notNull(),
    counted: integer('counted').notNull(),
    publishers: integer('publishers').notNull(),
    capped: real('capped').notNull(),
  },
  table => [primaryKey({ columns: [table.month, table.relations, table.counter, table.threshold] })],
)

/** The numerators of `monthly_share` by whose work it is: those of one attribution sum to `counted` and to `capped`. */
export const monthlyShareLine = sqliteTable(
  'monthly_share_line',
  {
    month: text('month').notNull(),
    relations: text('relations').notNull(),
    attribution: text('attribution', { enum: ['publisher', 'base', 'root'] }).notNull(),
    counter: text('counter', {
      enum: ['downloads_30d', 'downloads_all_time', 'downloads_30d_at_30_days'],
    }).notNull(),
    threshold: integer('threshold').notNull(),
    line: text('line').notNull(),
    repos: real('repos').notNull(),
    capped: real('capped').notNull(),
  },
  table => [
    primaryKey({
      columns: [table.month, table.relations, table.attribution, table.counter, table.threshold, table.line],
    }),
  ],
)
