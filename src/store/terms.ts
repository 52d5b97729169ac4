import type { Store } from './open-store.ts'

export type TermKind = 'task' | 'library' | 'licence'

/** Finds or adds dictionary rows for words. Holds them in memory: a few thousand on the whole Hub. */
export interface Terms {
  termKey(kind: TermKind, word: string | null): number | null
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
  const findTerm = sqlite
    .prepare<[string, string], number>('SELECT term_key FROM term WHERE kind = ? AND word = ?')
    .pluck()
  const findWord = sqlite.prepare<[number], string>('SELECT word FROM term WHERE term_key = ?').pluck()
  const addTerm = sqlite.prepare('INSERT INTO term (kind, word) VALUES (?, ?)')
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
    },
    word: termKey => (termKey === null ? null : (findWord.get(termKey) ?? null)),
  }
}
