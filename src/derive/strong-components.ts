/**
 * The strongly connected components of a part of a graph, each after all that its members point to (Tarjan 1972, without
 * recursion: a chain can have 50,000 steps). `targetsOf` may name nodes outside the part; they are left alone.
 */
export function strongComponents(
  part: readonly number[],
  targetsOf: (node: number) => readonly number[],
): number[][] {
  const orderOf = new Map<number, number>()
  const lowest = new Map<number, number>()
  const inPart = new Set(part)
  const isOpen = new Set<number>()
  const open: number[] = []
  const components: number[][] = []
  for (const start of part) {
    if (orderOf.has(start)) continue
    const walk = [enter(start)]
    while (walk.length > 0) {
      const step = walk.at(-1)!
      const next = step.targets[step.at]
      if (next === undefined) {
        walk.pop()
        leave(step.node)
        const above = walk.at(-1)
        if (above !== undefined) lower(above.node, lowest.get(step.node)!)
        continue
      }
      step.at += 1
      if (!inPart.has(next)) continue
      const known = orderOf.get(next)
      if (known === undefined) walk.push(enter(next))
      else if (isOpen.has(next)) lower(step.node, known)
    }
  }
  return components

  function enter(node: number) {
    const order = orderOf.size
    orderOf.set(node, order)
    lowest.set(node, order)
    open.push(node)
    isOpen.add(node)
    return { node, targets: targetsOf(node), at: 0 }
  }

  function lower(node: number, order: number): void {
    if (order < lowest.get(node)!) lowest.set(node, order)
  }

  function leave(node: number): void {
    if (lowest.get(node) !== orderOf.get(node)) return
    const component: number[] = []
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      isOpen.delete(member)
      component.push(member)
      if (member === node) break
    }
    components.push(component)
  }
}
