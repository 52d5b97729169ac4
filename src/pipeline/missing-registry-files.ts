import { readRegistry } from '../registry/read-registry.ts'

/** The reviewed files that an answer needs and `folder` does not have, in the order in which problems are listed. */
export function listMissingRegistryFiles(folder: string): string[] {
  const { problems } = readRegistry(folder, { pedantic: false, today: null })
  return problems
    .filter(({ problem }) => /^cannot be read .*\(ENOENT\)$/s.test(problem))
    .map(({ file }) => file)
}
