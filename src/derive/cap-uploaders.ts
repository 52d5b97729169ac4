import { uploaderCap } from '../domain/derivative.ts'

/** Repositories counted with every uploader capped. */
export interface CappedUploaders {
  repos: number
  uploaders: number
  /** What one uploader counts for at most: a hundredth of the repositories, and no less than one. */
  cap: number
  capped: number
}

/** Caps uploaders as the monthly shares do: of N repositories, one with n of them counts min(n, max(1, N/100)). */
export function capUploaders(reposOf: Iterable<number>): CappedUploaders {
  const counts = [...reposOf]
  const repos = counts.reduce((sum, count) => sum + count, 0)
  const cap = uploaderCap(repos)
  return {
    repos,
    uploaders: counts.length,
    cap,
    capped: counts.reduce((sum, count) => sum + Math.min(count, cap), 0),
  }
}
