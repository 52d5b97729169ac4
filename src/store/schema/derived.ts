import { blob, index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { repo } from './repo.ts'

/**
 * Totals of one UTC day. Derived: can be dropped and rebuilt from facts and registry. `key` is a region line, a
 * lab key or `lab/family`, by `axis`; axis `left-out` counts what a first-party scope leaves out only for its publisher. 30-day sums are over repositories listed that day; all-time sums include the last known value
 * of repositories that are gone, and leave out those whose counter is unknown (counted in `all_time_unknown_repos`).
 */
export const dailyTotal = sqliteTable(
  'daily_total',
  {
    day: integer('day').notNull(),
    scope: text('scope').notNull(),
    attribution: text('attribution', { enum: ['publisher', 'base', 'root'] }).notNull(),
    axis: text('axis', { enum: ['region', 'lab', 'family', 'descendants', 'left-out'] }).notNull(),
    key: text('key').notNull(),
    repos: integer('repos').notNull(),
    downloads30d: integer('downloads_30d').notNull(),
    downloadsAllTime: integer('downloads_all_time').notNull(),
    allTimeUnknownRepos: integer('all_time_unknown_repos').notNull(),
    goneRepos: integer('gone_repos').notNull(),
    goneDownloadsAllTime: integer('gone_downloads_all_time').notNull(),
  },
  table => [
    primaryKey({ columns: [table.day, table.scope, table.attribution, table.axis, table.key] }),
    // One key over time, as every crossover and chart asks: without it a year of days is read whole.
    index('daily_total_series').on(table.scope, table.attribution, table.axis, table.key, table.day),
  ],
)

/**
 * Derivatives of one UTC day above a threshold: the denominators of shares by region line. `born` says which derivatives were
 * considered: `ever`, or those created within a year of the day (`year`). Line by line in `daily_share_line`.
 */
export const dailyShare = sqliteTable(
  'daily_share',
  {
    day: integer('day').notNull(),
    counter: text('counter', { enum: ['downloads_30d', 'downloads_all_time'] }).notNull(),
    born: text('born', { enum: ['ever', 'year'] }).notNull(),
    threshold: integer('threshold').notNull(),
    considered: integer('considered').notNull(),
    counterUnknown: integer('counter_unknown').notNull(),
    counted: integer('counted').notNull(),
    publishers: integer('publishers').notNull(),
  },
  table => [primaryKey({ columns: [table.day, table.counter, table.born] })],
)

/** The numerators of `daily_share` by whose work it is: by base, a derivative of n bases gives each base's line 1/n. */
export const dailyShareLine = sqliteTable(
  'daily_share_line',
  {
    day: integer('day').notNull(),
    counter: text('counter', { enum: ['downloads_30d', 'downloads_all_time'] }).notNull(),
    born: text('born', { enum: ['ever', 'year'] }).notNull(),
    attribution: text('attribution', { enum: ['publisher', 'base', 'root'] }).notNull(),
    line: text('line').notNull(),
    repos: real('repos').notNull(),
  },
  table => [primaryKey({ columns: [table.day, table.counter, table.born, table.attribution, table.line] })],
)

/**
 * The day's rows of `observation` once more, 65,536 repository keys to a packed row: what recomputing history reads.
 * SQLite streams about a million observation rows a second to the program, this form fifty times as many. Derived:
 * written when a day is published, rebuilt from `observation` where it is missing. `content` is deflated (RFC 1951) and
 * holds three columns of LEB128 numbers one after another, ascending by key: the gaps to the key before, `downloads_30d`,
 * and `downloads_all_time` plus one (0 for unknown).
 */
export const observationPack = sqliteTable(
  'observation_pack',
  {
    day: integer('day').notNull(),
    /** `repo_key` divided by 65,536. */
    pack: integer('pack').notNull(),
    /** Observations in it. */
    rowCount: integer('row_count').notNull(),
    content: blob('content', { mode: 'buffer' }).notNull(),
  },
  table => [primaryKey({ columns: [table.day, table.pack] })],
)

/** By which revision and definitions `daily_total` was computed: one row. */
export const dailyTotalBasis = sqliteTable('daily_total_basis', {
  registryRevision: text('registry_revision').primaryKey(),
  definitionVersion: integer('definition_version').notNull(),
  /** The newest complete sweep the totals know: a later one, also of the same day, makes them stale. */
  sweepKey: integer('sweep_key').notNull(),
  publishedAt: integer('published_at').notNull(),
})

/** Our count beside the Hub's own `childrenModelCount`, for the most used bases. */
export const derivativeCheck = sqliteTable(
  'derivative_check',
  {
    day: integer('day').notNull(),
    repoKey: integer('repo_key')
      .notNull()
      .references(() => repo.repoKey),
    relation: text('relation').notNull(),
    ours: integer('ours').notNull(),
    hub: integer('hub').notNull(),
  },
  table => [primaryKey({ columns: [table.day, table.repoKey, table.relation] })],
)

/** One execution of a job. */
export const jobRun = sqliteTable('job_run', {
  jobRunKey: integer('job_run_key').primaryKey(),
  job: text('job').notNull(),
  startedAt: integer('started_at').notNull(),
  finishedAt: integer('finished_at'),
  exitCode: integer('exit_code'),
  summary: text('summary'),
})

/** What a table or view holds, for people who open the file. */
export const tableDoc = sqliteTable('table_doc', {
  name: text('name').primaryKey(),
  about: text('about').notNull(),
})

/** What a metric is: filled from the catalogue in the code whenever totals are published. */
export const metricDoc = sqliteTable('metric_doc', {
  metric: text('metric').primaryKey(),
  version: integer('version').notNull(),
  question: text('question').notNull(),
  formula: text('formula').notNull(),
  unit: text('unit').notNull(),
  caveat: text('caveat').notNull(),
  source: text('source').notNull(),
})
