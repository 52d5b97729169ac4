import { describe, expect, test } from 'vitest'
import type { CatalogueRow } from '../../fixtures/miniature-hub/catalogue.ts'
import type { MiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { type Log, silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { hubIdAt } from '../../src/domain/listed-rows.ts'
import type { RepoPage } from '../../src/domain/repo.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { CARD_FIELD, type ListReposOptions, listRepos, SWEEP_FIELDS } from '../../src/source/list-repos.ts'
import { openPageReader } from '../../src/source/page-reader.ts'
import { DAY, hubId, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock } from '../support/census.ts'

const NOON = `${DAY}T12:00:00.000Z`
const SEVEN = [1, 2, 3, 4, 5, 6, 7].map(number => row(number))
const FOR_EVER = Number.POSITIVE_INFINITY

interface Walk {
  pages: RepoPage[]
  refused: string[]
  warnings: unknown[][]
  error: unknown
}

async function walk(
  hub: MiniatureHub,
  options: Partial<ListReposOptions> & { token?: string } = {},
): Promise<Walk> {
  const { token, ...others } = options
  const clock = fakeClock(NOON)
  const result: Walk = { pages: [], refused: [], warnings: [], error: null }
  const log: Log = { ...silentLog, warn: (fields, message) => result.warnings.push([message, fields]) }
  try {
    const client = clientOf(hub, clock, token ? { token } : {})
    for await (const page of listRepos(client, {
      cursor: null,
      startedAt: clock.now(),
      pageSize: 3,
      refusedFields: [],
      reader: openPageReader(),
      clock,
      log,
      onRefusedField: field => result.refused.push(field),
      ...others,
    })) {
      result.pages.push(page)
    }
  } catch (error) {
    result.error = error
  }
  return result
}

const hubIdsOf = ({ rows }: RepoPage) =>
  Array.from({ length: rows.count }, (_, index) => hubIdAt(rows.hubIds, index))
const idsOf = ({ pages }: Walk) => pages.map(hubIdsOf)

async function hubOf(rows: CatalogueRow[]): Promise<MiniatureHub> {
  return serve(rows, { quota: null, clock: { now: () => Date.parse(NOON) } })
}

test('every repository comes once, in the order of creation, with the cursor after each page', async () => {
  const hub = await hubOf(SEVEN)
  const met = await walk(hub)
  expect(idsOf(met)).toEqual([[1, 2, 3].map(hubId), [4, 5, 6].map(hubId), [hubId(7)]])
  expect(met.pages.map(({ lastHubId }) => lastHubId)).toEqual([hubId(3), hubId(6), hubId(7)])
  expect(met.pages[2]?.nextCursor).toBeNull()
  const first = new URL(hub.requests[0]!.url, hub.origin).searchParams
  expect([first.get('limit'), first.get('sort'), first.get('direction')]).toEqual(['3', 'createdAt', '1'])
  expect(first.getAll('expand[]')).toEqual(SWEEP_FIELDS)
  expect([met.error, met.warnings]).toEqual([null, []])
})

test('a walk goes on at any cursor', async () => {
  const hub = await hubOf(SEVEN)
  const cursor = (await walk(hub)).pages[0]!.nextCursor
  expect(idsOf(await walk(hub, { cursor }))).toEqual([[4, 5, 6].map(hubId), [hubId(7)]])
})

test('private repositories of the caller are counted and not kept', async () => {
  const hub = await hubOf([row(1), row(2, { private: true }), row(3)])
  const [page] = (await walk(hub, { token: 'hf_example' })).pages
  expect(page && hubIdsOf(page)).toEqual([hubId(1), hubId(3)])
  expect(page).toMatchObject({ privateCount: 1, laterHubIds: [], rejected: [] })
})

test('what is born during the walk is left to the next sweep, in whole seconds of the _id', async () => {
  const clock = fakeClock(NOON)
  const at = (offset: number) => Date.parse(NOON) / 1000 - 1_700_000_000 + offset
  const born = [at(-1), at(0), at(59), at(60), at(61)].map(number => row(number))
  const hub = await hubOf(born)
  const started = clock.now()
  clock.set(started + 60_000)
  const { pages } = await walk(hub, { pageSize: 10, startedAt: started, clock })
  expect(pages[0] && hubIdsOf(pages[0])).toEqual([born[0]!._id, born[3]!._id, born[4]!._id])
  expect(pages[0]).toMatchObject({
    laterHubIds: [born[1]!._id, born[2]!._id],
    lastHubId: born[4]!._id,
    observedAt: started + 60_000,
  })
})

describe('a bad row', () => {
  test('is set aside with its position, its _id where readable, the reason and its JSON', async () => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({
      kind: 'editRows',
      edit: ([first, second, third]) => [
        { ...(first as object), downloads: '12' },
        { ...(second as object), _id: 'x', padding: 'y'.repeat(5000) },
        third,
      ],
    })
    const [page] = (await walk(hub)).pages
    expect(page && hubIdsOf(page)).toEqual([hubId(3)])
    expect(page?.rejected).toEqual([
      {
        position: 0,
        hubId: hubId(1),
        reason: 'downloads: expected a count, got "12"',
        rawJson: expect.stringContaining('"downloads":"12"'),
      },
      {
        position: 1,
        hubId: null,
        reason: '_id: expected 24 hexadecimal digits, got "x"',
        rawJson: expect.stringMatching(/^\{"_id":"x".*y$/),
      },
    ])
    expect(page?.rejected[1]?.rawJson).toHaveLength(4096)
  })

  test('nested a hundred thousand deep makes the page one that no Hub sends: it is refused whole', async () => {
    const hub = await hubOf(SEVEN)
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const body = `[${deep},{"_id":"${hubId(1)}","id":"lab/model-1","downloads":${deep}}]`
    hub.faults.push({ kind: 'status', status: 200, body, times: FOR_EVER })
    const { pages, error } = await walk(hub)
    expect(pages).toEqual([])
    expect((error as HubError).message).toContain('nested deeper than 64 levels')
  })
})

test('a next link to another host costs one warning, keeps the walk whole, and sends that host nothing', async () => {
  const other = await serve(SEVEN)
  const hub = await hubOf(SEVEN)
  hub.faults.push({ kind: 'otherHostNext', origin: other.origin, times: 2 })
  const met = await walk(hub, { token: 'hf_example' })
  expect(idsOf(met).flat()).toEqual(SEVEN.map(({ _id }) => _id))
  expect(met.warnings).toEqual([
    ['next page names another host; only its cursor is used', { named: other.origin, used: hub.origin }],
  ])
  expect(other.requests).toEqual([])
  expect(hub.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer hf_example'))
})

describe('a walk that would go round for ever', () => {
  test('stops at a cursor that repeats, before its page is given out', async () => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({ kind: 'repeatCursor', nth: 2, times: FOR_EVER })
    const met = await walk(hub)
    expect(idsOf(met)).toEqual([[1, 2, 3].map(hubId)])
    expect(met.error).toBeInstanceOf(HubError)
    expect(met.error).toMatchObject({ exitCode: EXIT_CODES.refused })
    expect((met.error as HubError).message).toContain('cursor repeats at page 2')
    expect(hub.requests).toHaveLength(2)
  })

  test('stops at a cycle of two', async () => {
    const hub = await hubOf(SEVEN)
    const links = ['a', 'b', 'a', 'b'].map(cursor => `</api/models?cursor=${cursor}>; rel="next"`)
    for (const Link of links)
      hub.faults.push({ kind: 'status', status: 200, body: '[{}]', headers: { Link } })
    const met = await walk(hub)
    expect(met.pages).toHaveLength(2)
    expect((met.error as HubError).message).toContain('cursor repeats at page 3')
    // At most one more than the three that told: the page ahead may have been under way.
    expect(hub.requests.length).toBeLessThanOrEqual(4)
  })

  test('stops at the third empty page in a row, not at the second', async () => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({ kind: 'emptyPage', nth: 2, times: 2 })
    expect(idsOf(await walk(hub)).flat()).toEqual(SEVEN.map(({ _id }) => _id))
    hub.faults.push({ kind: 'emptyPage', nth: 2, times: 3 })
    const met = await walk(hub)
    expect(idsOf(met)).toEqual([[1, 2, 3].map(hubId), [], []])
    expect(met.error).toMatchObject({ exitCode: EXIT_CODES.refused })
    expect((met.error as HubError).message).toContain('3 empty pages in a row')
  })
})

test('an empty catalogue is one empty page', async () => {
  expect(idsOf(await walk(await hubOf([])))).toEqual([[]])
})

describe('a field the Hub refuses', () => {
  test('is left out from then on, one after the other', async () => {
    const hub = await hubOf(SEVEN)
    hub.faults.push(
      { kind: 'rejectExpand', value: 'baseModels', times: FOR_EVER },
      { kind: 'rejectExpand', value: 'safetensors', times: FOR_EVER },
    )
    const met = await walk(hub)
    expect(met.refused).toEqual(['baseModels', 'safetensors'])
    expect(idsOf(met).flat()).toHaveLength(7)
    // Two refusals, then three pages.
    expect(hub.requests.map(({ status }) => status)).toEqual([400, 400, 200, 200, 200])
    expect(hub.requests.slice(2).filter(({ url }) => /baseModels|safetensors/.test(url))).toEqual([])
  })

  test('in an earlier run is not asked for again', async () => {
    const hub = await hubOf(SEVEN)
    const met = await walk(hub, { refusedFields: ['likes', 'author'] })
    expect(met.refused).toEqual([])
    for (const { url } of hub.requests) {
      expect(new URL(url, hub.origin).searchParams.getAll('expand[]')).toEqual(
        SWEEP_FIELDS.filter(field => field !== 'likes' && field !== 'author'),
      )
    }
  })

  test.each(['createdAt', 'downloads', 'private', 'tags'])('stops the walk when it is %s', async field => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({ kind: 'rejectExpand', value: field, times: FOR_EVER })
    const met = await walk(hub)
    expect([met.pages, met.refused]).toEqual([[], []])
    expect(met.error).toMatchObject({ status: 400, exitCode: EXIT_CODES.refused })
    expect(hub.requests).toHaveLength(1)
  })

  test.each([
    ['another complaint', 'Invalid cursor'],
    ['a position beyond the fields', '✖ Invalid option: expected one of "author"\n  → at expand[99]'],
  ])('is not seen in a 400 with %s', async (_, error) => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({ kind: 'status', status: 400, body: JSON.stringify({ error }) })
    const met = await walk(hub)
    expect(met.refused).toEqual([])
    expect(met.error).toMatchObject({ status: 400 })
  })
})

describe('the text of the cards', () => {
  const fieldsOf = ({ url }: { url: string }, hub: MiniatureHub) =>
    new URL(url, hub.origin).searchParams.getAll('expand[]')
  const stateOf = ({ pages }: Walk) =>
    pages.map(({ isPartlyDescribed, isCardTextMissing }) => [isPartlyDescribed, isCardTextMissing])

  test('is asked for last, and only where it is wanted', async () => {
    const hub = await hubOf(SEVEN)
    expect(stateOf(await walk(hub))).toEqual(Array(3).fill([false, false]))
    expect(stateOf(await walk(hub, { cardText: 'kept' }))).toEqual(Array(3).fill([false, true]))
    expect(stateOf(await walk(hub, { cardText: 'read' }))).toEqual(Array(3).fill([false, false]))
    const asked = hub.requests.map(request => fieldsOf(request, hub))
    expect(asked).toEqual([...Array(6).fill(SWEEP_FIELDS), ...Array(3).fill([...SWEEP_FIELDS, CARD_FIELD])])
  })

  test('that the Hub refuses drops out, once, and leaves the rest of the description whole', async () => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({ kind: 'rejectExpand', value: CARD_FIELD, times: FOR_EVER })
    const met = await walk(hub, { cardText: 'read' })
    expect(met.refused).toEqual([CARD_FIELD])
    expect(stateOf(met)).toEqual(Array(3).fill([false, true]))
    expect(idsOf(met).flat()).toHaveLength(7)
    expect(hub.requests.map(({ status }) => status)).toEqual([400, 200, 200, 200])
    const again = await walk(hub, { cardText: 'read', refusedFields: [CARD_FIELD] })
    expect([again.refused, stateOf(again)]).toEqual([[], Array(3).fill([false, true])])
  })

  test('that makes a page unreadable is left out of that page alone', async () => {
    const deep: unknown = JSON.parse('['.repeat(100) + ']'.repeat(100))
    const rows = SEVEN.map((plain, index) =>
      index === 4 ? { ...plain, cardData: { base_model: 'a/b', deep } } : { ...plain, cardData: {} },
    )
    const hub = await hubOf(rows)
    const met = await walk(hub, { cardText: 'read' })
    expect(met.error).toBeNull()
    expect(idsOf(met)).toEqual([[1, 2, 3].map(hubId), [4, 5, 6].map(hubId), [hubId(7)]])
    expect(stateOf(met)).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ])
    expect(met.refused).toEqual([])
    const second = hub.requests.filter(({ url }) => url.includes('cursor') && !url.includes(CARD_FIELD))
    expect(second).toHaveLength(1)
    expect(met.warnings.at(-1)).toEqual([
      'a page cannot be read with a field; asked for without it',
      { field: CARD_FIELD, problem: expect.stringContaining('nested deeper than 64 levels') },
    ])
  })

  test('does not hide a page that is unreadable without it, too', async () => {
    const hub = await hubOf(SEVEN)
    hub.faults.push({ kind: 'truncate', cut: 'cleanly', times: FOR_EVER })
    const met = await walk(hub, { cardText: 'read' })
    expect(met.pages).toEqual([])
    expect(met.error).toMatchObject({ exitCode: EXIT_CODES.refused })
    const first = hub.requests.filter(({ url }) => !url.includes('cursor'))
    expect(first.map(({ url }) => url.includes(CARD_FIELD))).toEqual([true, true, true, false, false, false])
  })
})
