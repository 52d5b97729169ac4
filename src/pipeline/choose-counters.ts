import { CensusError } from '../domain/census-error.ts'
import { CLEAN_RULES, type CounterChoice, RAW_COUNTERS } from '../domain/clean.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import { unknownName } from './answer-basis.ts'

/**
 * The cleaning rules that are on. `without` names rules to leave out, separated by commas. Throws a CensusError (usage) for
 * counters that are neither raw nor clean, for a rule nobody defined, and for raw counters without a rule: they have none.
 */
export function chooseCounters(counters: string, without: string | undefined): CounterChoice {
  if (counters !== 'clean' && counters !== 'raw')
    throw unknownName('kind of counters', counters, ['clean', 'raw'])
  if (counters === 'raw') {
    if (without === undefined) return RAW_COUNTERS
    throw new CensusError(
      {
        happened: 'Raw counters have no rule that could be switched off.',
        kept: 'Nothing was changed.',
        next: 'Leave out --without, or --counters raw.',
      },
      EXIT_CODES.usage,
    )
  }
  const names = without === undefined ? [] : without.split(',').map(name => name.trim())
  const known: ReadonlySet<string> = new Set(CLEAN_RULES)
  const stranger = names.find(name => !known.has(name))
  if (stranger !== undefined) throw unknownName('cleaning rule', stranger, CLEAN_RULES)
  return CLEAN_RULES.filter(rule => !names.includes(rule))
}
