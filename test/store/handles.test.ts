import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginFilling } from '../../src/store/filling.ts'
import { openHandles } from '../../src/store/handles.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { MIGRATIONS, temporaryStore } from '../support/census.ts'
import { readRaw } from './capturing.ts'

/** Whether the index is there to be asked, and how a connection comes to that. */
const WAYS: [string, (store: Store) => void][] = [
  ['by the index', () => {}],
  ['without one, while a first sweep fills the file', beginFilling],
]

const publishers = (store: Store) =>
  readRaw(store, 'SELECT publisher_key, handle FROM publisher ORDER BY publisher_key')

const inOrder = (handles: readonly string[]) => handles.map((handle, index) => [index + 1, handle])

/** The statements of a page: what it adds stands once it is done. */
function commit<T>({ sqlite }: Store, write: () => T): T {
  return sqlite.transaction(write).immediate()
}

/** A page that fails after it has written: nothing of it stays. */
function rollBack(store: Store, write: () => void): void {
  const failing = () => {
    write()
    throw new Error('the page fails')
  }
  expect(() => commit(store, failing)).toThrow('the page fails')
}

const handle = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[abAB]{1,3}$/) },
  { weight: 2, arbitrary: fc.nat(200).map(number => `lab-${number}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'é',
      'e\u0301',
      '模型',
      '😀',
      'a\u0000b',
    ),
  },
)

interface Page {
  handles: string[]
  /** A page may fail before or after its handles are in the table. */
  ends: 'well' | 'before-flush' | 'after-flush'
}

const pages: fc.Arbitrary<Page[]> = fc.array(
  fc.record({
    handles: fc.oneof(
      fc.array(handle, { maxLength: 12 }),
      fc.array(handle, { minLength: 60, maxLength: 130 }),
    ),
    ends: fc.constantFrom('well', 'well', 'before-flush', 'after-flush'),
  }),
  { minLength: 1, maxLength: 5 },
)

test('either way any pages, some rolled back, give the keys and the table that counting them gives', () => {
  const stores = WAYS.map(([, prepare]) => {
    const store = temporaryStore()
    prepare(store)
    return store
  })
  const seen = { longPages: 0, rolledBack: 0 }
  fc.assert(
    fc.property(pages, all => {
      const kept = new Map<string, number>()
      const expected = all.map(({ handles, ends }) => {
        const known = new Map(kept)
        const keys = handles.map(name => {
          if (!known.has(name)) known.set(name, known.size + 1)
          return known.get(name)
        })
        if (ends === 'well') for (const entry of known) kept.set(...entry)
        else seen.rolledBack += 1
        if (new Set(handles).size > 50) seen.longPages += 1
        return keys
      })
      for (const store of stores) {
        store.sqlite.exec('DELETE FROM publisher')
        const handles = openHandles(store)
        const keys = all.map(page => {
          let found: number[] = []
          const write = () => {
            found = page.handles.map(handles.keyOf)
            if (page.ends !== 'before-flush') handles.flush()
          }
          if (page.ends === 'well') commit(store, write)
          else {
            rollBack(store, write)
            handles.forget()
          }
          return found
        })
        expect(keys).toEqual(expected)
        expect(publishers(store)).toEqual([...kept].map(([name, key]) => [key, name]))
      }
    }),
    { numRuns: 150 },
  )
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(5)
})

describe.each(WAYS)('handles found %s', (_, prepare) => {
  test('are in the table, each once, after the flush', () => {
    const store = temporaryStore()
    prepare(store)
    const handles = openHandles(store)
    const names = Array.from({ length: 120 }, (_, number) => `lab-${number}`)
    commit(store, () => {
      for (const name of [...names, ...names]) handles.keyOf(name)
      handles.flush()
      expect(publishers(store)).toEqual(inOrder(names))
      handles.flush()
    })
    expect(publishers(store)).toEqual(inOrder(names))
  })

  test('of a page rolled back give their keys to others, and come again with new ones', () => {
    const store = temporaryStore()
    prepare(store)
    const handles = openHandles(store)
    commit(store, () => {
      expect(['kept', 'also'].map(handles.keyOf)).toEqual([1, 2])
      handles.flush()
    })
    rollBack(store, () => {
      for (let number = 0; number < 70; number += 1) handles.keyOf(`lost-${number}`)
      handles.keyOf('kept')
    })
    handles.forget()
    commit(store, () => {
      expect(['new', 'lost-1', 'kept', 'also', 'lost-0'].map(handles.keyOf)).toEqual([3, 4, 1, 2, 5])
      handles.flush()
    })
    expect(publishers(store)).toEqual(inOrder(['kept', 'also', 'new', 'lost-1', 'lost-0']))
  })

  test('of an earlier connection are found again, and new ones go on after them', () => {
    const first = temporaryStore()
    prepare(first)
    const before = openHandles(first)
    const names = Array.from({ length: 70 }, (_, number) => `lab-${number}`)
    commit(first, () => {
      for (const name of names) before.keyOf(name)
      before.flush()
    })
    first.close()
    const second = openStore({ file: first.file, migrationsFolder: MIGRATIONS })
    try {
      prepare(second)
      const after = openHandles(second)
      commit(second, () => {
        expect(names.toReversed().map(after.keyOf)).toEqual(names.map((_, index) => 70 - index))
        expect(after.keyOf('new')).toBe(71)
        after.flush()
      })
      expect(publishers(second)).toEqual(inOrder([...names, 'new']))
    } finally {
      second.close()
    }
  })

  test('differ by letter case, by accents put together otherwise, and by the names of objects’ own members', () => {
    const store = temporaryStore()
    prepare(store)
    const handles = openHandles(store)
    const names = [
      'Qwen',
      'qwen',
      'QWEN',
      'é',
      'e\u0301',
      '__proto__',
      'constructor',
      'toString',
      '模型',
      '😀',
      'a ',
      'a',
    ]
    commit(store, () => {
      for (let times = 0; times < 2; times += 1)
        expect(names.map(handles.keyOf)).toEqual(names.map((_, index) => index + 1))
      handles.flush()
    })
    handles.forget()
    expect(names.map(handles.keyOf)).toEqual(names.map((_, index) => index + 1))
    expect(publishers(store)).toEqual(inOrder(names))
  })

  test('have one key each, though half a character, which SQLite cannot hold, comes with every page', () => {
    const store = temporaryStore()
    prepare(store)
    const handles = openHandles(store)
    const names = ['a\ud83d', 'a\ud83d', 'b', 'a\ud83d']
    for (let times = 0; times < 2; times += 1) {
      commit(store, () => {
        expect(names.map(handles.keyOf)).toEqual([1, 1, 2, 1])
        handles.flush()
      })
      handles.forget()
    }
    expect(publishers(store)).toHaveLength(2)
  })
})

test('more handles than are remembered beside the index keep their keys', () => {
  const store = temporaryStore()
  const handles = openHandles(store)
  const count = 50_010
  commit(store, () => {
    for (let number = 1; number <= count; number += 1) handles.keyOf(`lab-${number}`)
    for (const number of [1, 2, 50_000, 50_001, count]) expect(handles.keyOf(`lab-${number}`)).toBe(number)
  })
  expect(readRaw(store, 'SELECT count(*), max(publisher_key) FROM publisher')).toEqual([[count, count]])
})
