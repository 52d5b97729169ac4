import type { MetricDefinition } from '../domain/metric.ts'
import type { Store } from './open-store.ts'
import { metricDoc } from './schema/derived.ts'

/** Replaces the documentation of the metrics inside the file. */
export function replaceMetricDocs(store: Store, docs: readonly MetricDefinition[]): void {
  store.sqlite.transaction(() => {
    store.db.delete(metricDoc).run()
    for (const doc of docs)
      store.db
        .insert(metricDoc)
        .values({ ...doc, metric: doc.key })
        .run()
  })()
}
