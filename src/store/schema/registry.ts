import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Which revision of the reviewed files the mirror tables hold: one row. */
export const registryMirror = sqliteTable('registry_mirror', {
  revision: text('revision').primaryKey(),
  mirroredAt: integer('mirrored_at').notNull(),
})

/** Mirror of the reviewed labs, so that SQL users can join. */
export const lab = sqliteTable('lab', {
  labKey: text('lab_key').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind').notNull(),
  secondCountry: text('second_country'),
  note: text('note'),
  checkedOn: text('checked_on').notNull(),
})

/** Mirror of a lab's dated seats. Open ends are null. */
export const labCountry = sqliteTable(
  'lab_country',
  {
    labKey: text('lab_key')
      .notNull()
      .references(() => lab.labKey),
    country: text('country').notNull(),
    validFrom: text('valid_from'),
    validUntil: text('valid_until'),
    evidence: text('evidence').notNull(),
  },
  table => [index('lab_country_lab').on(table.labKey)],
)

/** Mirror of a lab's dated handles. */
export const handle = sqliteTable(
  'handle',
  {
    handle: text('handle').notNull(),
    labKey: text('lab_key')
      .notNull()
      .references(() => lab.labKey),
    validFrom: text('valid_from'),
    validUntil: text('valid_until'),
    evidence: text('evidence'),
  },
  table => [index('handle_handle').on(table.handle)],
)

/** Mirror of the region each country belongs to. */
export const country = sqliteTable('country', {
  country: text('country').primaryKey(),
  regionKey: text('region_key').notNull(),
})
