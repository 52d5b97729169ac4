import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Alias,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml'
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
  /** A value without quotes as it stands in the file: `007`, where YAML reads 7. */
  writtenAt(path: YamlPath): string | null
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

/** A file is in another encoding than UTF-8. */
class EncodingError extends Error {
  override name = 'EncodingError'
  readonly line: number

  constructor(line: number) {
    super(`line ${line} is not UTF-8`)
    this.line = line
  }
}

/**
 * Line ends and a byte order mark carry no meaning, and git changes the former on some machines. Throws for a file that
 * cannot be read, and an EncodingError for one that is not UTF-8: a decoder would put other letters in the place of names.
 */
export function readNormalised(folder: string, name: string): string {
  const bytes = readFileSync(join(folder, name))
  const broken = utf8Fault(bytes)
  if (broken !== null) throw new EncodingError(broken)
  return bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
}

/** The first line that is not UTF-8, counted from 1; null where all are. */
function utf8Fault(bytes: Buffer): number | null {
  const isUtf8 = (part: Buffer) => Buffer.compare(Buffer.from(part.toString('utf8')), part) === 0
  if (isUtf8(bytes)) return null
  let line = 1
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
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
    if (error instanceof EncodingError) {
      report(error.line, '', 'is not UTF-8', 'Save the file as UTF-8.')
      return { file, report }
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    report(1, '', `cannot be read in ${folder} (${code})`, 'Name a folder that holds the registry files.')
    return { file, report }
  }
  const lines = new LineCounter()
  const notYaml = (line: number, reason: string) =>
    report(
      line,
      '',
      `is not YAML: ${reason}`,
      'Compare the line with its neighbours: indentation, quotes, colon.',
    )
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
    const faults = [...document.errors, ...document.warnings]
    const [first] = faults.filter(({ code }) => code !== 'DUPLICATE_KEY')
    // Where the parser has lost its way, what it says next is about its own confusion.
    for (const fault of first ? [first] : faults) reportFault(fault, text, lines, { report, notYaml })
    const alias = firstAlias(document)
    if (alias !== null) {
      const line = lines.linePos(alias.range?.[0] ?? 0).line
      report(line, `*${alias.source}`, 'stands for something written elsewhere', 'Write the value itself.')
    } else if (faults.length === 0) {
      const value = plainValue(document.contents)
      file = { name, text, pedantic, value, ...linesOf(document, lines) }
    }
  } catch (error) {
    // The parser and the walks over what it read call themselves once a level.
    if (!(error instanceof RangeError)) throw error
    notYaml(1, 'its entries are nested too deep')
  }
  return { file, report }
}

function reportFault(
  { pos, code, message }: YAMLError,
  text: string,
  lines: LineCounter,
  { report, notYaml }: { report: Report; notYaml(line: number, reason: string): void },
): void {
  const line = lines.linePos(pos[0]).line
  if (code === 'DUPLICATE_KEY') {
    const field = /^["']?([^"':\s]+)/.exec(text.slice(pos[0]))?.[1] ?? ''
    report(line, field, 'is written twice in the same entry', 'Keep one of the two.')
  } else if (/^ *\t/.test(text.split('\n', line)[line - 1]!)) {
    report(line, '', 'is indented with a tab', 'Use spaces.')
  } else {
    notYaml(line, message.replace(/\s+/g, ' ').replace(/\.$/, ''))
  }
}

/** Aliases are refused unread: ten lines of them can stand for a thousand million values, or for themselves. */
function firstAlias(document: Document): Alias | null {
  let found: Alias | null = null
  visit(document, {
    Alias(_, alias) {
      found = alias
      return visit.BREAK
    },
  })
  return found
}

/** What `document.toJS()` says, without its cost: these files hold maps, lists and scalars. */
function plainValue(node: unknown): unknown {
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [
        String(isScalar(key) ? key.value : plainValue(key)),
        plainValue(value),
      ]),
    )
  }
  if (isSeq(node)) return node.items.map(item => plainValue(item))
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
    writtenAt(path) {
      const node = nodeAt(path)
      return isScalar(node) && !isQuotedType(node.type) ? (node.source ?? null) : null
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

/** For the files without which nothing can be answered; a list that is no list was reported when it was read. */
export function checkNotEmpty(file: YamlFile, report: Report): void {
  if (Array.isArray(file.value) && file.value.length === 0) {
    report([], '', 'holds no entry', 'Start every entry with "- key:".')
  }
}

/** Reads a file that is a list, entry by entry, so that one broken entry does not hide the rest. */
export function readEntries<T>(file: YamlFile, schema: z.ZodType<T>, report: Report): Placed<T>[] {
  return readListAt(file, [], file.value, schema, report)
}

/** The same for a list inside a file. */
export function readListAt<T>(
  file: YamlFile,
  at: YamlPath,
  list: unknown,
  schema: z.ZodType<T>,
  report: Report,
): Placed<T>[] {
  if (!Array.isArray(list)) {
    const first = knownFields(schema, [])[0] ?? 'key'
    report(at, '', 'is not a list of entries', `Start every entry with "- ${first}:".`)
    return []
  }
  return list.flatMap((value, index) => {
    const path = [...at, index]
    const parsed = schema.safeParse(value)
    if (parsed.success) return [{ entry: parsed.data, path }]
    for (const issue of parsed.error.issues) reportIssue(file, path, value, schema, issue, report)
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
    const isBare = wanted === 'text' && (typeof found === 'number' || typeof found === 'boolean')
    const remedy = isBare ? 'Put it in quotes.' : `Write ${wanted} here.`
    const shown = typeof found === 'object' ? JSON.stringify(found) : String(found)
    report(
      path,
      // The reader has written 007 and looks for it; YAML has made it 7.
      isBare ? (file.writtenAt(path) ?? shown) : shown,
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
