import { checkRepoIds } from './shared-checks.ts'
import type { Report, YamlFile } from './yaml-file.ts'

/** Reads a published list of repositories: one id a line. */
export function checkModelList(file: YamlFile, report: Report): Set<string> {
  const { value } = file
  if (!Array.isArray(value)) {
    report([], '', 'is not a list of repositories', 'Write one "- owner/name" a line.')
    return new Set()
  }
  const listed = value.flatMap((repoId: unknown, index) => {
    if (typeof repoId === 'string') return [{ repoId, path: [index] }]
    const shown = typeof repoId === 'object' ? JSON.stringify(repoId) : String(repoId)
    report([index], shown, 'is not a repository', 'Write "owner/name", as in the address.')
    return []
  })
  if (value.length === 0) {
    report([], '', 'is empty', 'List its repositories, or remove the scope that is restricted to them.')
  }
  checkRepoIds(file, listed, report)
  return new Set(listed.map(({ repoId }) => repoId))
}
