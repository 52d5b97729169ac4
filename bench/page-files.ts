import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { SWEEP_FIELDS } from '../src/source/list-repos.ts'
import { parseNextPage } from '../src/source/next-cursor.ts'

/** Pages of the Hub's list on disk, each a JSON array as the Hub sent it. */
export interface PageFiles {
  folder: string
  pages: number
  bytes: number
}

/** Walks a Hub as the sweep does and writes every page as it came, uncompressed. Makes the folder. */
export async function fetchPageFiles(origin: string, folder: string, pageSize = 1000): Promise<PageFiles> {
  mkdirSync(folder, { recursive: true })
  const query = new URLSearchParams({ limit: String(pageSize), sort: 'createdAt', direction: '1' })
  for (const field of SWEEP_FIELDS) query.append('expand[]', field)
  let bytes = 0
  for (let page = 1; ; page += 1) {
    const answer = await request(`${origin}/api/models?${query}`)
    const body = Buffer.from(await answer.body.arrayBuffer())
    if (answer.statusCode !== 200) throw new Error(`page ${page}: status ${answer.statusCode}`)
    writeFileSync(join(folder, `page-${String(page).padStart(6, '0')}.json`), body)
    bytes += body.length
    const { cursor } = parseNextPage(answer.headers.link?.toString() ?? null, origin)
    if (cursor === null) return { folder, pages: page, bytes }
    query.set('cursor', cursor)
  }
}

/** The page files of a folder, in the order of the walk. */
export function listPageFiles(folder: string): string[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  return names.sort().map(name => join(folder, name))
}

/** The rows of one page file. */
export function readPageFile(file: string): Record<string, unknown>[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[]
}
