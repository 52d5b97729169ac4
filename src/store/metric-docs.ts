import type { MetricDefinition } from '../domain/metric.ts'
import type { Store } from './open-store.ts'
import { metricDoc } from './schema/derived.ts'

/** Brings the documentation of the metrics inside the file up to date; writes nothing when it is. */
export function replaceMetricDocs(store: Store, docs: readonly MetricDefinition[]): void {
  const rows = docs.map(({ key, ...doc }) => ({ metric: key, ...doc }))
  const stored = store.db.select().from(metricDoc).all()
  const text = (row: (typeof rows)[number]) => JSON.stringify(Object.entries(row).sort())
  if (stored.map(text).sort().join('\n') === rows.map(text).sort().join('\n')) return
  store.sqlite.transaction(() => {
    store.db.delete(metricDoc).run()
    for (const row of rows) store.db.insert(metricDoc).values(row).run()
  })()
}
