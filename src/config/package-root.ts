import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The folder of this package, found upwards from a module's folder: the same from sources and from `dist`.
 * Throws when the package is broken.
 */
export function findPackageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (
      existsSync(file) &&
      (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'hub-census'
    )
      return folder
    if (dirname(folder) === folder) throw new Error(`no hub-census package above ${from}`)
  }
}
