import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PACKAGE_ROOT } from './census.ts'

/** The file of a built module, e.g. `src/source/page-reader.js`; `npm test` builds it first. */
export function builtFile(module: string): string {
  const file = join(PACKAGE_ROOT, 'dist', module)
  if (!existsSync(file)) throw new Error(`${file} is missing: type "npm run build" first`)
  return file
}

/** A built module, for what exists only beside compiled output. */
export async function importBuilt<Module>(module: string): Promise<Module> {
  return (await import(pathToFileURL(builtFile(module)).href)) as Module
}
