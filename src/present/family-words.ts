import type { FamilyAnswer, FamilyAttribution, FamilyName, FamilySums } from '../domain/family-answer.ts'
import { coverageWords } from './crossover-text.ts'
import { formatCount, formatShare } from './format.ts'
import { ATTRIBUTION_WORDS } from './share-title.ts'

/** A family with its lab: several labs can name a family alike. */
export function familyTitle({ familyName, labName }: Pick<FamilyName, 'familyName' | 'labName'>): string {
  return familyName === labName ? familyName : `${familyName} (${labName})`
}

/** How families are sorted, in the table and in the chart. */
export const FAMILY_ORDER = 'most 30-day downloads first, own and descending together'

/** What the two sides of the comparison are. */
export function familyDefinition(attribution: FamilyAttribution): string {
  const descending = {
    base: 'every other repository that declares one of these as a base, one step back; several bases share its downloads equally, and among repositories it counts once, under its last base',
    root: 'every other repository that stands on one of these at the end of the walk up declared bases and reviewed re-uploads; several bases share its downloads equally at every step, and among repositories it counts once, under its last root',
  }[attribution]
  return `Own: what the family's lab publishes under the names of the family. Descending: ${descending}. Quantized re-uploads are among the descendants, and GGUF files count one by one. What a family publishes on another's work is the one's own and descends from the other, so that families do not add up.`
}

/** How much of the scope the families are, and how much of it has an answer. */
export function familyCoverage({ together, whole, attribution, coverage }: FamilyAnswer): string {
  const part = ({ downloads30d }: FamilySums) =>
    formatShare(whole.downloads30d === 0 ? null : downloads30d / whole.downloads30d)
  return `all families publish ${part(together.own)} of the ${formatCount(whole.downloads30d)} 30-day downloads of the scope, ${part(together.counted)} count for them by ${ATTRIBUTION_WORDS[attribution]}; ${coverageWords(coverage)}`
}

/** Families that are not in the table; null for none. */
export function familiesLeftOut({ more, empty }: FamilyAnswer): string | null {
  const parts: string[] = []
  if (more > 0) {
    const families = more === 1 ? 'family has' : 'families have'
    parts.push(`${formatCount(more)} more ${families} something in this scope`)
  }
  if (empty > 0) {
    const families = empty === 1 ? 'family of the registry has' : 'families of the registry have'
    parts.push(`${formatCount(empty)} ${families} nothing in it`)
  }
  return parts.length === 0 ? null : parts.join('; ')
}

/** What the families shown publish on others' work: it also descends from those others. Null for nothing. */
export function ownElsewhereWords({ families }: Pick<FamilyAnswer, 'families'>): string | null {
  const parts = families
    .filter(({ ownElsewhere }) => ownElsewhere.downloads30d > 0)
    .map(
      line =>
        `${familyTitle(line)} ${formatCount(line.ownElsewhere.downloads30d)} in ${repoWords(line.ownElsewhere.repos)}`,
    )
  return parts.length === 0 ? null : `own 30-day downloads that stand on others' work: ${parts.join(' · ')}`
}

/** `1 repository`, `1,234 repositories`. */
export function repoWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'repository' : 'repositories'}`
}
