import type { Store } from './open-store.ts'

export type TermKind = 'task' | 'library' | 'licence'

/** Finds or adds dictionary rows for words and handles. Holds the words in memory: a few thousand on the whole Hub. */
export interface Terms {
  termKey(kind: TermKind, word: string | null): number | null
  publisherKey(handle: string): number
  /** The word behind a key; null for null. */
  word(termKey: number | null): string | null
}

export function openTerms(store: Store): Terms {
  const { sqlite } = store
  const known = new Map<string, number>()
  const findTerm = sqlite
    .prepare<[string, string], number>('SELECT term_key FROM term WHERE kind = ? AND word = ?')
    .pluck()
  const findWord = sqlite.prepare<[number], string>('SELECT word FROM term WHERE term_key = ?').pluck()
  const addTerm = sqlite.prepare('INSERT INTO term (kind, word) VALUES (?, ?)')
  const findPublisher = sqlite
    .prepare<[string], number>('SELECT publisher_key FROM publisher WHERE handle = ?')
    .pluck()
  const addPublisher = sqlite.prepare('INSERT INTO publisher (handle) VALUES (?)')
  return {
    termKey(kind, word) {
      if (word === null) return null
      const id = `${kind} ${word}`
      let key = known.get(id)
      if (key === undefined) {
        // A recorder ends with its first failed page, so a key of a rolled-back page is never used again.
        key = findTerm.get(kind, word)
        if (key === undefined) return Number(addTerm.run(kind, word).lastInsertRowid)
        known.set(id, key)
      }
      return key
    },
    word: termKey => (termKey === null ? null : (findWord.get(termKey) ?? null)),
    publisherKey(handle) {
      return findPublisher.get(handle) ?? Number(addPublisher.run(handle).lastInsertRowid)
    },
  }
}
