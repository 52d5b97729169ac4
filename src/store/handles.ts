import { openBulkInsert } from './bulk-insert.ts'
import type { Store } from './open-store.ts'

/** Handles remembered where the file has an index of them; past that the memory starts again. */
const HANDLES_REMEMBERED = 50_000

/** Finds or adds publishers by handle, letter case as the Hub writes it. */
export interface Handles {
  /** The key of a handle. A new one is surely in the table only after `flush`. */
  keyOf(handle: string): number
  flush(): void
  /** Forgets every key: some may belong to a page that was rolled back. */
  forget(): void
}

/**
 * Opens the dictionary of handles. While a first sweep fills the file (`beginFilling`) there is no index of them, and
 * all are held in memory: about 90 bytes each, 50 MB for five million models. Otherwise the index is asked.
 */
export function openHandles(store: Store): Handles {
  const index = store.sqlite
    .prepare("SELECT 1 FROM pragma_index_list('publisher') WHERE name = 'publisher_handle_unique'")
    .get()
  return index === undefined ? heldHandles(store) : indexedHandles(store)
}

function heldHandles({ sqlite }: Store): Handles {
  const everyHandle = sqlite
    .prepare<[], [string, number]>('SELECT handle, publisher_key FROM publisher ORDER BY publisher_key')
    .raw()
  const newHandles = openBulkInsert(sqlite, 'publisher', ['publisher_key', 'handle'])
  const keys = new Map<string, number>()
  let highest = 0
  let isStale = true
  function load(): void {
    keys.clear()
    highest = 0
    isStale = false
    for (const [handle, key] of everyHandle.iterate()) {
      keys.set(handle, key)
      highest = key
    }
  }
  return {
    keyOf(handle) {
      if (isStale) load()
      const known = keys.get(handle)
      if (known !== undefined) return known
      const own = copyOf(handle)
      const key = keys.get(own) ?? highest + 1
      if (key <= highest) return key
      highest = key
      keys.set(own, key)
      newHandles.add([key, own])
      return key
    },
    flush: newHandles.flush,
    forget() {
      newHandles.drop()
      // Not read here: whoever forgets has a failure to report, which may be the disk's.
      isStale = true
    },
  }
}

function indexedHandles({ sqlite }: Store): Handles {
  const find = sqlite
    .prepare<[string], number>('SELECT publisher_key FROM publisher WHERE handle = ?')
    .pluck()
  const add = sqlite.prepare('INSERT INTO publisher (handle) VALUES (?)')
  const keys = new Map<string, number>()
  return {
    keyOf(handle) {
      let key = keys.get(handle)
      if (key === undefined) {
        const own = copyOf(handle)
        key = find.get(own) ?? Number(add.run(own).lastInsertRowid)
        if (keys.size >= HANDLES_REMEMBERED) keys.clear()
        keys.set(own, key)
      }
      return key
    },
    flush() {},
    forget: () => keys.clear(),
  }
}

/**
 * The handle as the table keeps it. A part of a text keeps the whole of it in memory, here a page's names for every
 * handle; and half a character, which JSON can bring, becomes the character that stands for it.
 */
function copyOf(handle: string): string {
  return Buffer.from(handle).toString()
}
