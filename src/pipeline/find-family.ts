import { familyName } from '../derive/family-adoption.ts'
import { CensusError } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'
import type { FamilyName } from '../domain/family-answer.ts'
import type { Registry } from '../domain/registry.ts'
import { nearestName } from '../registry/nearest-name.ts'

/**
 * The family by `lab/family`, or by its own key where one lab alone has it. Throws a CensusError (usage) for any other
 * text, with what was most likely meant.
 */
export function findFamily({ labs }: Pick<Registry, 'labs'>, typed: string): FamilyName {
  const names = [...labs.values()].flatMap(lab => lab.families.map(family => familyName(lab, family)))
  const exact = names.find(({ key }) => key === typed)
  if (exact !== undefined) return exact
  const [found, ...others] = names.filter(({ familyKey }) => familyKey === typed)
  if (found === undefined) throw unknownFamily(typed, names)
  if (others.length === 0) return found
  throw usage(
    `Several labs have a family ${JSON.stringify(typed)}.`,
    `Type --family ${[found, ...others].map(({ key }) => key).join(' or --family ')}.`,
  )
}

/** Most families are known by their own name alone, so that is what is suggested and listed. */
function unknownFamily(typed: string, names: readonly FamilyName[]): CensusError {
  const known = names.map(({ key, familyKey }) => (typed.includes('/') ? key : familyKey))
  const nearest = nearestName(typed, [...known, ...names.map(({ familyKey }) => familyKey)])
  const hint = nearest === null ? '' : `Type --family ${nearest}? `
  return usage(
    `--family: the registry has no family ${JSON.stringify(typed)}.`,
    `${hint}"hub-census families --limit 1000" lists those that have anything.`,
  )
}

function usage(happened: string, next: string): CensusError {
  return new CensusError({ happened, kept: 'Nothing was changed.', next }, EXIT_CODES.usage)
}
