import { createHash } from 'node:crypto'
import { readNormalised } from './yaml-file.ts'

/** The files whose words decide an answer, in the order they are hashed. Retired keys decide none. */
export const REVISED_FILES = [
  'labs.yml',
  'regions.yml',
  'countries.yml',
  'scopes.yml',
  'release-dates.yml',
  'sizes.yml',
  'atom-models.yml',
  're-uploads.yml',
  'aliases.yml',
] as const

/** Content hash of the reviewed files: 12 hexadecimal digits, the same on every machine whatever its line ends. */
export function registryRevision(folder: string): string {
  return revisionOf(REVISED_FILES.map(name => readNormalised(folder, name)))
}

/** The same over texts already read, in the order of `REVISED_FILES`. */
export function revisionOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const [index, text] of texts.entries()) hash.update(`${REVISED_FILES[index]}\0${text}\0`)
  return hash.digest('hex').slice(0, 12)
}
