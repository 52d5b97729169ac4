import { GATINGS, type ListedRows } from '../domain/listed-rows.ts'
import type { RepoRow } from '../domain/repo.ts'
import { createFingerprint } from './fingerprint.ts'

/** Lays rows out in columns; each description gets its fingerprint, base edges included. */
export function packRows(rows: readonly RepoRow[]): ListedRows {
  const count = rows.length
  const numbers = () => new Float64Array(count)
  const places = () => new Uint32Array(count)
  const packed = {
    downloads30d: numbers(),
    downloadsAllTime: numbers(),
    likes: numbers(),
    detailHashes: numbers(),
    createdAt: numbers(),
    lastModifiedAt: numbers(),
    parameters: numbers(),
    repoIdEnds: new Uint32Array(count),
    baseEnds: new Uint32Array(count),
    tasks: places(),
    libraries: places(),
    licences: places(),
    gated: new Uint8Array(count),
    isDisabled: new Uint8Array(count),
  }
  const words: string[] = []
  /** Fingerprints of the words, by place: a page of a thousand rows has some sixty. */
  const wordHashes = [NO_WORD]
  const placeOf = new Map<string, number>()
  const place = (word: string | null): number => {
    if (word === null) return 0
    let found = placeOf.get(word)
    if (found === undefined) {
      found = words.push(word)
      placeOf.set(word, found)
      wordHashes.push(hashOf(word))
    }
    return found
  }
  let hubIds = ''
  let repoIds = ''
  let bases = ''
  for (let index = 0; index < count; index += 1) {
    const row = rows[index]!
    const declared = row.bases.length === 0 ? '' : JSON.stringify(row.bases)
    hubIds += row.hubId
    repoIds += row.repoId
    bases += declared
    packed.repoIdEnds[index] = repoIds.length
    packed.baseEnds[index] = bases.length
    packed.downloads30d[index] = row.downloads30d
    packed.downloadsAllTime[index] = row.downloadsAllTime ?? Number.NaN
    packed.likes[index] = row.likes ?? Number.NaN
    packed.createdAt[index] = row.createdAt
    packed.lastModifiedAt[index] = row.lastModifiedAt ?? Number.NaN
    packed.parameters[index] = row.parameters ?? Number.NaN
    const task = place(row.task)
    const library = place(row.library)
    const licence = place(row.licence)
    const gated = GATINGS.indexOf(row.gated)
    packed.tasks[index] = task
    packed.libraries[index] = library
    packed.licences[index] = licence
    packed.gated[index] = gated
    packed.isDisabled[index] = row.isDisabled ? 1 : 0
    // A number for everything the census keeps of a repository but its counters. A change to how it is made rewrites
    // every row once.
    fingerprint.begin()
    fingerprint.addText(row.repoId)
    fingerprint.addNumber(row.createdAt)
    fingerprint.addNumber(row.lastModifiedAt)
    fingerprint.addNumber(wordHashes[task]!)
    fingerprint.addNumber(wordHashes[library]!)
    fingerprint.addNumber(wordHashes[licence]!)
    fingerprint.addNumber(row.parameters)
    fingerprint.addNumber(gated)
    fingerprint.addNumber(row.isDisabled ? 1 : 0)
    fingerprint.addText(declared)
    packed.detailHashes[index] = fingerprint.end()
  }
  return { count, hubIds, repoIds, words, bases, ...packed }
}

const fingerprint = createFingerprint()

/** Stands for a word that is not there: no text has this fingerprint. */
const NO_WORD = Number.NaN

function hashOf(word: string): number {
  fingerprint.begin()
  fingerprint.addText(word)
  return fingerprint.end()
}
