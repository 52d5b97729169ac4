import type { Store } from './open-store.ts'
import { detectionBasis } from './schema/clean.ts'

/** By what the stored events, spans and qualities were made. */
export interface DetectionBasis {
  detectorVersion: number
  /** The newest complete sweep the detectors have read. */
  sweepKey: number
}

/** The basis of what was detected, or null before the first detection. */
export function findDetectionBasis(store: Store): DetectionBasis | null {
  return store.db.select().from(detectionBasis).get() ?? null
}

/** Writes the basis in the caller's transaction: with what it is the basis of. */
export function writeDetectionBasis(store: Store, basis: DetectionBasis): void {
  store.db.delete(detectionBasis).run()
  store.db.insert(detectionBasis).values(basis).run()
}

/** Forgets the basis, in the caller's transaction: everything is then detected anew. */
export function clearDetectionBasis(store: Store): void {
  store.db.delete(detectionBasis).run()
}
