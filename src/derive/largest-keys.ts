/** The keys with the largest values among those offered: a heap, so that millions need not be sorted. */
export interface LargestKeys {
  offer(key: number, value: number): void
  /** Ascending. */
  keys(): Int32Array
}

/** Keeps at most `count` keys. Of equal values the lower key is kept; the order of offers does not matter. */
export function createLargestKeys(count: number): LargestKeys {
  const keys = new Int32Array(count)
  const values = new Float64Array(count)
  let size = 0

  /** Whether the entry at `a` leaves before the one at `b`. */
  const leavesFirst = (a: number, b: number) =>
    values[a]! < values[b]! || (values[a] === values[b] && keys[a]! > keys[b]!)

  function swap(a: number, b: number): void {
    const key = keys[a]!
    const value = values[a]!
    keys[a] = keys[b]!
    values[a] = values[b]!
    keys[b] = key
    values[b] = value
  }

  function sink(from: number): void {
    let at = from
    for (;;) {
      let first = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < size && leavesFirst(child, first)) first = child
      if (first === at) return
      swap(at, first)
      at = first
    }
  }

  function rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!leavesFirst(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }

  return {
    offer(key, value) {
      if (size < count) {
        keys[size] = key
        values[size] = value
        size += 1
        rise(size - 1)
        return
      }
      if (value < values[0]! || (value === values[0] && key > keys[0]!)) return
      keys[0] = key
      values[0] = value
      sink(0)
    },
    keys: () => keys.slice(0, size).sort(),
  }
}
