import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { nearestName } from './nearest-name.ts'
import type { RegistryProblem, RegistrySeverity } from './registry-problem.ts'
import { knownFields } from './registry-schema.ts'

export type YamlPath = readonly (string | number)[]

/** A reviewed file in memory: its value, and the way back from a value to its line. */
export interface YamlFile {
  name: string
  text: string
  value: unknown
  /** Whether breaches of the written form are looked for too. */
  pedantic: boolean
  lineAt(path: YamlPath): number
  /** The line of a field's name, where the value is not what is wrong. */
  lineOfField(path: YamlPath, field: string): number
  isQuoted(path: YamlPath): boolean
  /** The fields of the object at `path`, in file order, each with whether its name is quoted. */
  fieldsOf(path: YamlPath): { field: string; quoted: boolean }[]
}

/** Collects problems of one file. A path is turned into its line only here: most files have no problem to place. */
export type Report = (
  where: YamlPath | number,
  value: string,
  problem: string,
  remedy: string,
  severity?: RegistrySeverity,
) => void

/** Line ends and a byte order mark carry no meaning, and git changes the former on some machines. */
export function readNormalised(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
}

/** One file being read: what it says, or null after reporting why it says nothing, and where to report on. */
export interface OpenFile {
  file: YamlFile | null
  report: Report
}

/** Reads and parses one file. Whatever is reported about it, now or later, goes into `problems`. */
export function openYamlFile(
  folder: string,
  name: string,
  { pedantic, problems }: { pedantic: boolean; problems: RegistryProblem[] },
): OpenFile {
  let file: YamlFile | null = null
  const report: Report = (where, value, problem, remedy, severity = 'error') => {
    const line = typeof where === 'number' ? where : (file?.lineAt(where) ?? 1)
    problems.push({ file: name, line, value, problem, remedy, severity })
  }
  let text: string
  try {
    text = readNormalised(folder, name)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    report(1, '', `cannot be read in ${folder} (${code})`, 'Name a folder that holds the registry files.')
    return { file, report }
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const error of document.errors) {
    const line = lines.linePos(error.pos[0]).line
    if (error.code === 'DUPLICATE_KEY') {
      const field = /^["']?([^"':\s]+)/.exec(text.slice(error.pos[0]))?.[1] ?? ''
      report(line, field, 'is written twice in the same entry', 'Keep one of the two.')
    } else {
      const reason = error.message.replace(/\s+/g, ' ').replace(/\.$/, '')
      report(
        line,
        '',
        `is not YAML: ${reason}`,
        'Compare the line with its neighbours: indentation, quotes, colon.',
      )
    }
  }
  if (document.errors.length === 0) {
    file = {
      name,
      text,
      pedantic,
      value: plainValue(document.contents, document),
      ...linesOf(document, lines),
    }
  }
  return { file, report }
}

/** What `document.toJS()` says, without its cost: these files hold maps, lists and scalars. */
function plainValue(node: unknown, document: Document): unknown {
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [
        String(isScalar(key) ? key.value : plainValue(key, document)),
        plainValue(value, document),
      ]),
    )
  }
  if (isSeq(node)) return node.items.map(item => plainValue(item, document))
  if (isAlias(node)) return plainValue(node.resolve(document), document)
  return isScalar(node) ? node.value : null
}

function linesOf(
  document: Document,
  lines: LineCounter,
): Omit<YamlFile, 'name' | 'text' | 'value' | 'pedantic'> {
  const nodeAt = (path: YamlPath): Node | null =>
    path.length === 0 ? document.contents : nodeIn(document, path)
  const lineAt = (path: YamlPath): number => {
    for (let length = path.length; length >= 0; length--) {
      const range = nodeAt(path.slice(0, length))?.range
      if (range) return lines.linePos(range[0]).line
    }
    return 1
  }
  const pairsOf = (path: YamlPath) => {
    const node = nodeAt(path)
    return isMap(node) ? node.items : []
  }
  return {
    lineAt,
    lineOfField(path, field) {
      const key = pairsOf(path).find(pair => isScalar(pair.key) && String(pair.key.value) === field)?.key
      return isScalar(key) && key.range ? lines.linePos(key.range[0]).line : lineAt(path)
    },
    isQuoted(path) {
      const node = nodeAt(path)
      return isScalar(node) && isQuotedType(node.type)
    },
    fieldsOf: path =>
      pairsOf(path).flatMap(({ key }) =>
        isScalar(key) ? [{ field: String(key.value), quoted: isQuotedType(key.type) }] : [],
      ),
  }
}

function nodeIn(document: Document, path: YamlPath): Node | null {
  const node: unknown = document.getIn(path, true)
  return typeof node === 'object' && node !== null && 'range' in node ? (node as Node) : null
}

function isQuotedType(type: string | undefined): boolean {
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
}

/** An entry that has the promised shape, and where it stands. */
export interface Placed<T> {
  entry: T
  path: YamlPath
}

/** Reads a file that is a list, entry by entry, so that one broken entry does not hide the rest. */
export function readEntries<T>(file: YamlFile, schema: z.ZodType<T>, report: Report): Placed<T>[] {
  if (!Array.isArray(file.value)) {
    report([], '', 'is not a list of entries', 'Start every entry with "- key:".')
    return []
  }
  return file.value.flatMap((value, index) => {
    const parsed = schema.safeParse(value)
    if (parsed.success) return [{ entry: parsed.data, path: [index] }]
    for (const issue of parsed.error.issues) reportIssue(file, [index], value, schema, issue, report)
    return []
  })
}

function reportIssue(
  file: YamlFile,
  at: YamlPath,
  entry: unknown,
  schema: z.core.$ZodType,
  issue: z.core.$ZodIssue,
  report: Report,
): void {
  const inside = issue.path.filter(step => typeof step !== 'symbol')
  const path = [...at, ...inside]
  const found = inside.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown>)?.[step],
    entry,
  )
  const field = inside.findLast(step => typeof step === 'string') ?? 'entry'
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(schema, inside)
    for (const unknown of issue.keys) {
      const meant = nearestName(unknown, known)
      report(
        file.lineOfField(path, unknown),
        unknown,
        'is not a known field',
        meant === null ? `Remove it; the fields here are ${known.join(', ')}.` : `Write ${meant}.`,
      )
    }
  } else if (found === undefined) {
    report(path.slice(0, -1), '', `the field ${field} is missing`, `Add ${field} to this entry.`)
  } else if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String)
    const meant = nearestName(String(found), allowed)
    const remedy = meant === null ? `Write one of ${allowed.join(', ')}.` : `Write ${meant}.`
    report(path, String(found), `is not a known ${field}`, remedy)
  } else {
    const wanted = WANTED[issue.code === 'invalid_type' ? issue.expected : issue.code] ?? 'what belongs here'
    const isBare = typeof found === 'number' || typeof found === 'boolean'
    const remedy = wanted === 'text' && isBare ? 'Put it in quotes.' : `Write ${wanted} here.`
    report(
      path,
      typeof found === 'object' ? JSON.stringify(found) : String(found),
      `${field} is not ${wanted}`,
      remedy,
    )
  }
}

/** Words for what zod expected. */
const WANTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'a bare true or false',
  array: 'a list',
  object: 'an entry with fields',
  invalid_union: 'a list of codes or the word rest',
}
