import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'

/** A wrong option, with what to type instead. */
export function usageError(happened: string, next: string): CensusError {
  return new CensusError({ happened, kept: 'Nothing was started or changed.', next }, EXIT_CODES.usage)
}
