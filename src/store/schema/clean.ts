import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * What a cleaning rule adds to a raw counter of a repository on the days `from_on` to `until_on` (both included, null for no
 * end): raw_factor * raw + constant + per_day * (day - from_on), rounded. Derived, as every table of this file: replaced by
 * difference. Raw observations are never written over.
 */
export const cleanSpan = sqliteTable(
  'clean_span',
  {
    repoKey: integer('repo_key').notNull(),
    counter: text('counter', { enum: ['downloads_30d', 'downloads_all_time'] }).notNull(),
    rule: text('rule', { enum: ['transient-drop', 'restatement', 'spike'] }).notNull(),
    fromOn: integer('from_on').notNull(),
    untilOn: integer('until_on'),
    rawFactor: real('raw_factor').notNull(),
    constant: real('constant').notNull(),
    perDay: real('per_day').notNull(),
  },
  table => [primaryKey({ columns: [table.repoKey, table.counter, table.rule, table.fromOn] })],
)

/**
 * What a cleaning rule adds to a row of `daily_total`: clean is raw plus the corrections of the rules that are on. `repos`
 * counts the repositories corrected; a Hub-wide day is corrected for the group as a whole and counts none.
 */
export const dailyCorrection = sqliteTable(
  'daily_correction',
  {
    day: integer('day').notNull(),
    scope: text('scope').notNull(),
    attribution: text('attribution', { enum: ['publisher', 'base', 'root'] }).notNull(),
    axis: text('axis', { enum: ['region', 'lab', 'family', 'descendants', 'left-out'] }).notNull(),
    key: text('key').notNull(),
    rule: text('rule', {
      enum: ['hub-incident', 'frozen-day', 'transient-drop', 'restatement', 'spike'],
    }).notNull(),
    repos: integer('repos').notNull(),
    downloads30d: integer('downloads_30d').notNull(),
    downloadsAllTime: integer('downloads_all_time').notNull(),
  },
  table => [
    primaryKey({ columns: [table.scope, table.attribution, table.axis, table.key, table.day, table.rule] }),
    // A day published anew loses its rows first, and a table of one day reads them.
    index('daily_correction_day').on(table.day),
  ],
)

/** How far the counters of a complete day can be trusted: compared with the complete day before and with 30 days before. */
export const dayQuality = sqliteTable('day_quality', {
  day: integer('day').primaryKey(),
  daysSince: integer('days_since'),
  compared: integer('compared').notNull(),
  unchanged: integer('unchanged').notNull(),
  fell: integer('fell').notNull(),
  fellDownloads: integer('fell_downloads').notNull(),
  panel: integer('panel').notNull(),
  panelRatio: real('panel_ratio'),
  panelUnchanged: real('panel_unchanged'),
  reconciled: integer('reconciled').notNull(),
  within2Percent: integer('within_2_percent').notNull(),
  medianRatio: real('median_ratio'),
  grownDownloads: integer('grown_downloads').notNull(),
  windowDownloads: integer('window_downloads').notNull(),
})

/** By which version of the detectors, and up to which complete sweep, events, spans and qualities were made: one row. */
export const detectionBasis = sqliteTable('detection_basis', {
  detectorVersion: integer('detector_version').primaryKey(),
  sweepKey: integer('sweep_key').notNull(),
})
