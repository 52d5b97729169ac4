import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import { visibleText } from '../domain/visible-text.ts'
import { listSimilarNames } from '../store/find-repo.ts'
import type { Store } from '../store/open-store.ts'

const MOST_SUGGESTIONS = 3

/** The error for a name that no repository has or had, with similar ones. */
export function unknownRepo(store: Store, repoId: string): CensusError {
  const similar = listSimilarNames(store, repoId, MOST_SUGGESTIONS).map(name => visibleText(name))
  return new CensusError(
    {
      happened: `No repository has or had the name "${visibleText(repoId)}" in ${store.file}.`,
      kept: 'Nothing was changed.',
      next:
        similar.length > 0
          ? `Did you mean ${similar.join(', ')}? Names match exactly.`
          : 'Give the full owner/name.',
    },
    EXIT_CODES.usage,
  )
}
