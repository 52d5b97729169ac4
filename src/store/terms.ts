import type { Store } from './open-store.ts'

export type TermKind = 'task' | 'library' | 'licence'

/** Handles kept in memory, so that a first sweep asks the dictionary once for most of them; then it starts again. */
const HANDLES_HELD = 200_000

/**
 * Finds or adds dictionary rows for words and handles. Holds the words in memory, a few thousand on the whole Hub, and
 * some of the handles.
 */
export interface Terms {
  termKey(kind: TermKind, word: string | null): number | null
  publisherKey(handle: string): number
  /** The word behind a key; null for null. */
  word(termKey: number | null): string | null
  /** Forgets every key: some may belong to a page that was rolled back. */
  forget(): void
}

export function openTerms(store: Store): Terms {
  const { sqlite } = store
  const known = { task: new Map(), library: new Map(), licence: new Map() } satisfies Record<
    TermKind,
    Map<string, number>
  >
  const handles = new Map<string, number>()
  const findTerm = sqlite
    .prepare<[string, string], number>('SELECT term_key FROM term WHERE kind = ? AND word = ?')
    .pluck()
  const findWord = sqlite.prepare<[number], string>('SELECT word FROM term WHERE term_key = ?').pluck()
  const addTerm = sqlite.prepare('INSERT INTO term (kind, word) VALUES (?, ?)')
  const findPublisher = sqlite
    .prepare<[string], number>('SELECT publisher_key FROM publisher WHERE handle = ?')
    .pluck()
  const addPublisher = sqlite.prepare('INSERT INTO publisher (handle) VALUES (?) ON CONFLICT DO NOTHING')
  return {
    termKey(kind, word) {
      if (word === null) return null
      let key = known[kind].get(word)
      if (key === undefined) {
        key = findTerm.get(kind, word) ?? Number(addTerm.run(kind, word).lastInsertRowid)
        known[kind].set(word, key)
      }
      return key
    },
    forget() {
      for (const words of Object.values(known)) words.clear()
      handles.clear()
    },
    word: termKey => (termKey === null ? null : (findWord.get(termKey) ?? null)),
    publisherKey(handle) {
      let key = handles.get(handle)
      if (key === undefined) {
        // Most handles not met yet are new on a first sweep: one look-up for both cases.
        const { changes, lastInsertRowid } = addPublisher.run(handle)
        key = changes === 1 ? Number(lastInsertRowid) : findPublisher.get(handle)!
        if (handles.size >= HANDLES_HELD) handles.clear()
        // A copy: a part of a text keeps the whole of it in memory, here a page's names for every handle.
        handles.set(Buffer.from(handle).toString(), key)
      }
      return key
    },
  }
}
