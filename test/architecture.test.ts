import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What each layer may import beside itself: folders of ours, packages, Node's own modules. */
const LAYERS = new Map<string, { layers: string[]; packages: string[]; node: string[] }>([
  ['src/domain', { layers: [], packages: [], node: [] }],
  [
    'src/registry',
    { layers: ['src/domain'], packages: ['yaml', 'zod'], node: ['node:fs', 'node:path', 'node:crypto'] },
  ],
  [
    'src/source',
    {
      layers: ['src/domain'],
      packages: ['undici', 'p-retry', 'structured-headers', 'http-link-header'],
      node: [
        'node:buffer',
        'node:stream',
        'node:zlib',
        'node:fs',
        'node:url',
        'node:worker_threads',
        'node:timers/promises',
      ],
    },
  ],
  [
    'src/store',
    {
      layers: ['src/domain'],
      packages: ['drizzle-orm', 'better-sqlite3'],
      node: ['node:fs', 'node:path', 'node:crypto', 'node:zlib'],
    },
  ],
  ['src/derive', { layers: ['src/domain'], packages: [], node: [] }],
  [
    'src/present',
    { layers: ['src/domain'], packages: ['escape-html', 'string-width', 'vega', 'vega-lite'], node: [] },
  ],
  [
    'src/pipeline',
    {
      layers: ['src/domain', 'src/registry', 'src/source', 'src/store', 'src/derive', 'src/present'],
      packages: [],
      node: ['node:fs/promises', 'node:path'],
    },
  ],
  [
    'src/config',
    {
      layers: ['src/domain'],
      packages: [],
      node: ['node:fs', 'node:os', 'node:path', 'node:timers/promises', 'node:v8'],
    },
  ],
  [
    'src/cli',
    {
      layers: ['src/domain', 'src/pipeline', 'src/present', 'src/config', 'jobs', 'fixtures'],
      packages: ['commander', 'cli-progress', 'node-cron', 'pino'],
      node: ['node:child_process', 'node:fs', 'node:os', 'node:path'],
    },
  ],
  [
    'jobs',
    {
      layers: ['src/domain', 'src/pipeline', 'src/config', 'src/cli'],
      packages: ['commander'],
      node: ['node:fs', 'node:url'],
    },
  ],
  ['fixtures', { layers: ['src/domain'], packages: [], node: ['node:'] }],
])

interface Import {
  file: string
  layer: string
  target: string
}

const layerOf = (path: string) =>
  [...LAYERS.keys()].find(layer => path === layer || path.startsWith(`${layer}/`))

const files = ['src', 'jobs', 'fixtures']
  .flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))

const imports: Import[] = files.flatMap(file => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const targets = [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)].map(match => match[1]!)
  return targets.map(target => ({ file, layer: layerOf(file) ?? '', target }))
})

function fault({ file, layer, target }: Import): string | null {
  const rule = LAYERS.get(layer)
  if (!rule) return `${file}: stands in no layer of the design`
  if (target.startsWith('.')) {
    const path = relative(ROOT, resolve(ROOT, dirname(file), target))
      .split(sep)
      .join('/')
    const other = layerOf(path)
    if (other === layer || (other !== undefined && rule.layers.includes(other))) return null
    return `${file}: ${layer} may not import ${path}`
  }
  if (target.startsWith('node:')) {
    return rule.node.some(allowed => target === allowed || allowed === 'node:')
      ? null
      : `${file}: ${layer} may not import ${target}`
  }
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
  return rule.packages.includes(name) ? null : `${file}: ${layer} may not import the package ${name}`
}

describe('the layers of the design', () => {
  test('are found, with their imports', () => {
    expect(new Set(imports.map(({ layer }) => layer))).toEqual(new Set([...LAYERS.keys()]))
    expect(imports.length).toBeGreaterThan(300)
  })

  test('import only what the design allows', () => {
    expect(imports.map(fault).filter(found => found !== null)).toEqual([])
  })

  test('would be seen to break the rule', () => {
    const breaks = (file: string, target: string) => fault({ file, layer: layerOf(file) ?? '', target })
    expect(breaks('src/derive/lines.ts', '../store/open-store.ts')).toContain(
      'may not import src/store/open-store.ts',
    )
    expect(breaks('src/domain/repo.ts', 'node:fs')).toContain('may not import node:fs')
    expect(breaks('src/source/hub-client.ts', 'better-sqlite3')).toContain('the package better-sqlite3')
    expect(breaks('src/utils/misc.ts', './x.ts')).toContain('stands in no layer')
  })
})

describe('the world', () => {
  const uses = (pattern: RegExp, folders: readonly string[], except: readonly string[]) =>
    files.filter(
      file =>
        folders.some(folder => file.startsWith(`${folder}/`)) &&
        !except.includes(file) &&
        pattern.test(readFileSync(join(ROOT, file), 'utf8')),
    )
  const below = [...LAYERS.keys()].filter(layer => layer.startsWith('src/') && layer !== 'src/cli')

  test('tells the time in one module only', () => {
    expect(uses(/\bDate\.now\(\)|\bnew Date\(\)/, ['src', 'jobs'], ['src/config/machine-clock.ts'])).toEqual(
      [],
    )
  })

  test('is not reached around the arguments: no process below the command line', () => {
    expect(uses(/\bprocess\.(?:env|exit|argv|stdout|stderr|on)\b/, below, [])).toEqual([])
  })

  test('has no drawer files and no default exports', () => {
    const drawers = files.filter(file =>
      /(?:^|\/)(?:utils?|helpers?|common|lib|misc|types|constants)(?:\/|\.ts$)/.test(file),
    )
    expect(drawers).toEqual([])
    expect(uses(/^export default/m, ['src', 'jobs', 'fixtures'], [])).toEqual([])
  })

  test('keeps files kebab-case', () => {
    expect(files.filter(file => !/^[a-z0-9-]+(?:\/[a-z0-9-]+)*\.ts$/.test(file))).toEqual([])
  })
})
