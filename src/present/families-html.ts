import type { ChartAnnotation } from '../domain/chart.ts'
import type { FamilyAnswer, FamilyRoot, FamilyTree } from '../domain/family-answer.ts'
import type { DescendantNode, DescendantTree, MoreChildren } from '../domain/lineage-tree.ts'
import { annotationSentence } from './annotation-words.ts'
import { basisLine } from './crossover-text.ts'
import {
  FAMILY_ORDER,
  familiesLeftOut,
  familyCoverage,
  familyDefinition,
  familyTitle,
  ownElsewhereWords,
} from './family-words.ts'
import { formatCount, formatRatio, formatUnknown } from './format.ts'
import { type Html, html, trustedMarkup } from './html.ts'
import { derivativeWords, moreWords, standingWords } from './lineage-words.ts'
import { ATTRIBUTION_WORDS } from './share-title.ts'

export interface FamiliesContent {
  families: FamilyAnswer
  /** The same families as bars; null when there is none. */
  chartSvg: string | null
  trees: readonly FamilyTree[]
  /** What has to be said of the days behind the bars. */
  annotations: readonly ChartAnnotation[]
}

/** The families of the report: the chart, the table, and the most used members of the largest ones as trees. */
export function familiesSection({ families: answer, chartSvg, trees, annotations }: FamiliesContent): Html {
  const marked = annotationSentence(annotations)
  if (chartSvg === null || answer.families.length === 0) {
    return html`<p>No family of the registry has a repository or a descendant in scope ${answer.scope}.</p>`
  }
  const notes = [ownElsewhereWords(answer), familiesLeftOut(answer)].map(
    note => note !== null && ` ${note.slice(0, 1).toUpperCase()}${note.slice(1)}.`,
  )
  return html`<p class="definition">${familyDefinition(answer.attribution)}</p>
<figure>
${trustedMarkup(chartSvg)}
<figcaption>30-day downloads, for each family its own repositories above what descends from them; ${FAMILY_ORDER}. The table below has the numbers in the same order. ${basisLine(answer.basis)}.${marked !== null && ` In their 30 days: ${marked.slice(0, 1).toLowerCase()}${marked.slice(1)}`}</figcaption>
</figure>
${familyTable(answer)}
<p class="definition">Scope ${answer.scope} v${answer.scopeVersion}, descendants by ${ATTRIBUTION_WORDS[answer.attribution]}; ${FAMILY_ORDER}; ratio: descending over own. Coverage: ${familyCoverage(answer)}.${notes}${unknownWords(answer)}</p>
${trees.map(familyTree)}`
}

function familyTable({ families }: FamilyAnswer): Html {
  const rows = families.map(
    line =>
      html`<tr><th scope="row">${familyTitle(line)}</th><td>${formatCount(line.own.repos)}</td><td>${formatCount(line.own.downloads30d)}</td><td>${formatCount(line.own.downloadsAllTime)}</td><td>${formatCount(line.descending.repos)}</td><td>${formatCount(line.descending.downloads30d)}</td><td>${formatCount(line.descending.downloadsAllTime)}</td><td>${formatRatio(line.ratio30d)}</td><td>${formatRatio(line.ratioAllTime)}</td></tr>`,
  )
  return html`<div class="scroll" tabindex="0"><table class="families">
<thead><tr><th scope="col">Family</th><th scope="col">Own repos</th><th scope="col">Own, 30 days</th><th scope="col">Own, cumulative</th><th scope="col">Descending repos</th><th scope="col">Descending, 30 days</th><th scope="col">Descending, cumulative</th><th scope="col">Ratio, 30 days</th><th scope="col">Ratio, cumul.</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}

function unknownWords({ families }: FamilyAnswer): string {
  const unknown = families.reduce(
    (sum, { own, descending }) => sum + own.allTimeUnknownRepos + descending.allTimeUnknownRepos,
    0,
  )
  if (unknown === 0) return ''
  return ` In these rows ${formatUnknown(unknown)}.`
}

function familyTree({ family, roots, moreRoots, moreDownloads30d }: FamilyTree): Html {
  const others = moreRoots > 0 && `${formatCount(moreRoots)} more roots, and `
  const more =
    (moreRoots > 0 || moreDownloads30d > 0) &&
    html`<li class="more">and ${others}what stands on bases that the Hub does not list, with ${downloads(moreDownloads30d)} in all</li>`
  return html`<details class="tree"><summary>Family tree: ${familyTitle(family)}</summary>
<p class="definition">The roots of the family with the most 30-day downloads in their trees, and below each what stands on it directly, biggest by 30-day downloads first. Sums are by raw counters, of the root and its derivatives, as <code>hub-census lineage</code> counts them: one with several bases with all its downloads, though for the family it counts by its share. Copies by a reviewed rule stand below what they copy; they are no derivatives and told apart, though they count for the family. One with several bases stands below each of them.</p>
<ul>${roots.map(rootItem)}${more}</ul>
</details>`
}

function rootItem({
  root,
  standing,
  standingDownloads30d,
  copies,
  copyDownloads30d,
  tree,
}: FamilyRoot): Html {
  const below =
    standing > 0 &&
    html`; with the ${formatCount(standing)} that stand on it ${formatCount(root.downloads30d + standingDownloads30d)}`
  const apart =
    copies > 0 &&
    html`; ${formatCount(copies)} ${copies === 1 ? 'copy' : 'copies'} by a reviewed rule: ${downloads(copyDownloads30d)}`
  return html`<li><strong>${root.repoId}</strong> <span class="definition">${downloads(root.downloads30d)}${below}${apart}</span>${childList(tree)}</li>`
}

/** A node with what stands below it in the tree. */
interface Branch {
  node: DescendantNode
  children: Branch[]
}

function childList({ nodes, more, depth }: DescendantTree): Html | null {
  const top: Branch[] = []
  const path: Branch[] = []
  for (const node of nodes) {
    const branch = { node, children: [] }
    path.length = node.steps - 1
    const siblings = path.at(-1)?.children ?? top
    siblings.push(branch)
    path.push(branch)
  }
  return branchList(top, more, depth)
}

function branchList(branches: readonly Branch[], more: MoreChildren, depth: number): Html | null {
  const rest = moreItem(more)
  if (branches.length === 0 && rest === null) return null
  return html`<ul>${branches.map(branch => branchItem(branch, depth))}${rest}</ul>`
}

function branchItem({ node, children }: Branch, depth: number): Html {
  const parts = [node.relations.join(' and '), downloads(node.downloads30d), standingWords(node.standing)]
  if (node.goneOn !== null) parts.push(`gone since ${node.goneOn}`)
  if (node.isElsewhere) parts.push('opened elsewhere in this tree')
  const isLast = node.steps >= depth
  if (isLast && node.derivatives > 0) parts.push(derivativeWords(node.derivatives))
  return html`<li>${node.repoId} <span class="definition">${parts.join(' · ')}</span>${!isLast && branchList(children, node.more, depth)}</li>`
}

function moreItem({ repos, copies, downloads30d, goneRepos }: MoreChildren): Html | null {
  const parts: string[] = []
  if (repos > 0) parts.push(`${moreWords({ repos, copies })} with ${downloads(downloads30d)}`)
  if (goneRepos > 0) parts.push(`${formatCount(goneRepos)} more that are gone`)
  return parts.length === 0 ? null : html`<li class="more">and ${parts.join('; ')}</li>`
}

function downloads(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'download' : 'downloads'} in 30 days`
}
