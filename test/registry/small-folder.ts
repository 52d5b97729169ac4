import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

// Small, so that the line numbers below can be counted.
const LABS = `- key: alpha
  name: Alpha
  kind: company
  countries:
    - country: "NO"
      until: "2024-05-31"
      evidence: https://example.org/imprint
    - country: "US"
      from: "2024-06-01"
      evidence: published-list:AE
  secondCountry: "FR"
  handles:
    - handle: "alpha"
    - handle: "Alpha-Research"
      from: "2024-02-01"
      evidence: unverified
  exceptions:
    - repo: "host/alpha-7b"
      reason: Joint release.
      evidence: unverified
  families:
    - key: alpha-lm
      name: AlphaLM
      patterns:
        - "^AlphaLM(?:$|[-_.0-9])"
  note: Two seats.
  checked: "2026-11-01"
- key: beta
  name: Beta
  kind: community
  countries:
    - country: "unknown"
      evidence: unverified
  handles:
    - handle: "beta"
  note: Personal account.
  checked: "2026-11-01"
- key: gamma
  name: Gamma
  kind: excluded
  countries:
    - country: "US"
      evidence: unverified
  handles:
    - handle: "gamma-tests"
  checked: "2026-11-01"
`

const COUNTRIES = `"AE": United Arab Emirates
"CN": China
"FR": France
"GB": United Kingdom
"HK": Hong Kong
"NL": Netherlands
"NO": Norway
"US": United States
`

const REGIONS = `- key: china
  name: China
  countries: ["CN", "HK"]
- key: united-states
  name: United States
  countries: ["US"]
- key: other
  name: Other
  countries: rest
`

const SCOPES = `- key: all
  version: 1
  title: All
  definition: Everything.
  source: The Hub
  firstParty: false
- key: llm
  version: 1
  title: Language models
  definition: Some.
  source: A rule
  tasks:
    - any-to-any
    - text-generation
  rejectNames:
    - "gguf"
  createdAfter: "2022-11-30"
  firstParty: true
`

const RELEASE_DATES = `- repo: alpha/AlphaLM-2
  released: "2024-11-28"
  note: Created 1 day before its release.
- repo: Beta/one
  released: "2025-03-12"
  note: Day from the announcement.
`

const SIZES = `- repo: alpha/AlphaLM-2
  totalB: 671
  activeB: 37
- repo: Beta/one
  totalB: 0.5
  legacy: true
  note: An estimate.
`

const ATOM_MODELS = `- alpha/AlphaLM-1
- alpha/AlphaLM-2
- Beta/one
`

/** Copies and moves among the handles above; not in the small folder, whose handles other tests exchange. */
export const SMALL_REUPLOADS = `- handle: "beta"
  suffixes:
    - "-4bit"
    - "-GGUF"
  rules:
    - pattern: "^(AlphaLM)-(\\\\d)$"
      to: "alpha/$1-$2"
      reason: The same weights.
      evidence: unverified
  repos:
    - repo: "beta/first"
      to: "alpha/AlphaLM-1"
      reason: Its card says so.
      evidence: https://example.org/first
  checked: "2026-11-01"
`

export const SMALL_ALIASES = `ids:
  - id: "alphalm"
    to: "alpha/AlphaLM-1"
    evidence: unverified
    checked: "2026-11-01"
handles:
  - handle: "Alpha-Research"
    to: "alpha"
    evidence: https://example.org/renamed
    checked: "2026-11-01"
`

/** A whole registry, small enough to count its lines. */
export const SMALL_FILES = {
  'aliases.yml': 'ids: []\nhandles: []\n',
  'atom-models.yml': ATOM_MODELS,
  'countries.yml': COUNTRIES,
  'labs.yml': LABS,
  're-uploads.yml': '[]\n',
  'regions.yml': REGIONS,
  'release-dates.yml': RELEASE_DATES,
  'retired-keys.yml': '[]\n',
  'scopes.yml': SCOPES,
  'sizes.yml': SIZES,
}

/** A copy of the small registry, made anew for each test of the file that asks for it. */
export interface SmallFolder {
  readonly path: string
  /** Replaces something that has to be there. */
  edit(file: string, from: string | RegExp, to: string): void
  write(file: string, content: string | Buffer): void
}

export function useSmallFolder(): SmallFolder {
  let path = ''
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'hub-census-registry-'))
    for (const [name, text] of Object.entries(SMALL_FILES)) writeFileSync(join(path, name), text)
  })
  afterEach(() => rmSync(path, { recursive: true, force: true }))
  return {
    get path() {
      return path
    },
    edit(file, from, to) {
      const before = readFileSync(join(path, file), 'utf8')
      const after = before.replace(from, () => to)
      if (after === before) throw new Error(`nothing to replace in ${file}: ${from}`)
      writeFileSync(join(path, file), after)
    },
    write: (file, content) => writeFileSync(join(path, file), content),
  }
}
