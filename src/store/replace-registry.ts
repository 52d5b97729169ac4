import type { Registry } from '../domain/registry.ts'
import type { Store } from './open-store.ts'
import { country, handle, lab, labCountry, registryMirror } from './schema/registry.ts'

/** Mirrors the reviewed files into their tables, replacing all rows, in one transaction. Countries map by region. */
export function replaceRegistry(store: Store, registry: Registry, mirroredAt: number): void {
  store.sqlite.transaction(() => {
    for (const table of [handle, labCountry, lab, country, registryMirror]) store.db.delete(table).run()
    store.db.insert(registryMirror).values({ revision: registry.revision, mirroredAt }).run()
    for (const region of registry.regions) {
      for (const code of region.countries)
        store.db.insert(country).values({ country: code, regionKey: region.key }).run()
    }
    for (const entry of registry.labs.values()) {
      const { key, name, kind, secondCountry, note } = entry
      store.db
        .insert(lab)
        .values({ labKey: key, name, kind, secondCountry, note, checkedOn: entry.checked })
        .run()
      for (const seat of entry.countries) {
        store.db
          .insert(labCountry)
          .values({
            labKey: key,
            country: seat.country,
            validFrom: seat.from,
            validUntil: seat.until,
            evidence: seat.evidence,
          })
          .run()
      }
      for (const owned of entry.handles) {
        store.db
          .insert(handle)
          .values({
            handle: owned.handle,
            labKey: key,
            validFrom: owned.from,
            validUntil: owned.until,
            evidence: owned.evidence,
          })
          .run()
      }
    }
  })()
}

/** The registry revision the mirror tables hold, or null before the first mirror. */
export function findMirroredRevision(store: Store): string | null {
  return store.db.select().from(registryMirror).get()?.revision ?? null
}
