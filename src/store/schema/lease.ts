import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * Who may do what only one process at a time may do, one row a name. The row stays when the lease is free, so that
 * `fence` never goes back; it then tells of the last holder.
 */
export const lease = sqliteTable('lease', {
  name: text('name').primaryKey(),
  /** One more each time the lease changes hands. */
  fence: integer('fence').notNull(),
  /** Random, new with every taking; null while the lease is free. */
  token: text('token'),
  pid: integer('pid').notNull(),
  /** When the process began, in clock ticks since boot: tells it from a later process of the same pid. Null off Linux. */
  processStart: integer('process_start'),
  /** For people; null off Linux. */
  host: text('host'),
  /** The boot id and the pid namespace between which a pid means one process; null where neither can be read. */
  pidSpace: text('pid_space'),
  /** Milliseconds since the epoch, by the holder's wall clock. A beat always changes `beat_at`. */
  takenAt: integer('taken_at').notNull(),
  beatAt: integer('beat_at').notNull(),
})
