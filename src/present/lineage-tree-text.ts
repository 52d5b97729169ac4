import type { DescendantNode, DescendantTree, MoreChildren } from '../domain/lineage-tree.ts'
import { visibleText } from '../domain/visible-text.ts'
import { formatCount } from './format.ts'
import { derivativeWords, downloadWords, moreWords, standingWords } from './lineage-words.ts'

/** The tree of descendants, a line a repository, with what is not shown below its parent. */
export function descendantTreeLines({ depth, children, more, nodes }: DescendantTree): string[] {
  const lines = [
    `Descendants to ${formatCount(depth)} ${depth === 1 ? 'step' : 'steps'}, ${formatCount(children)} of each at most, biggest by 30-day downloads first`,
  ]
  const open: { steps: number; more: MoreChildren }[] = [{ steps: 0, more }]
  for (const node of nodes) {
    close(node.steps)
    lines.push(nodeLine(node))
    open.push(node)
  }
  close(0)
  return lines

  /** Says what is not shown of everything that ends before a line at `steps`. */
  function close(steps: number): void {
    for (let last = open.at(-1); last !== undefined && last.steps >= steps; last = open.at(-1)) {
      open.pop()
      const words = restWords(last.more)
      if (words !== null) lines.push(`${indent(last.steps + 1)}… ${words}`)
    }
  }
}

function nodeLine(node: DescendantNode): string {
  const { steps, repoId, relations, standing, goneOn, derivatives, isElsewhere } = node
  const parts = [relations.join(' and '), downloadWords(node), standingWords(standing)]
  if (goneOn !== null) parts.push(`gone since ${goneOn}`)
  if (derivatives > 0) parts.push(derivativeWords(derivatives))
  if (isElsewhere) parts.push('opened elsewhere in this tree')
  return `${indent(steps)}${visibleText(repoId)}  ${parts.join(' · ')}`
}

function restWords({ repos, copies, downloads30d, goneRepos }: MoreChildren): string | null {
  const parts: string[] = []
  if (repos > 0)
    parts.push(`${moreWords({ repos, copies })}, ${formatCount(downloads30d)} downloads in 30 days`)
  if (goneRepos > 0) parts.push(`${formatCount(goneRepos)} more that are gone`)
  return parts.length === 0 ? null : parts.join('; ')
}

function indent(steps: number): string {
  return '  '.repeat(steps)
}
