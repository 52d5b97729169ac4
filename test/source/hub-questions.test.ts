import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { countChildren } from '../../src/source/count-children.ts'
import { greetHub } from '../../src/source/greet-hub.ts'
import { HubError } from '../../src/source/hub-error.ts'
import { DAY, row, serve } from '../fixtures/tiny-hub.ts'
import { clientOf, fakeClock } from '../support/census.ts'

const NOON = `${DAY}T12:00:00.000Z`
const BASE = row(1, { id: 'lab/base' })
const CHILD = row(2, { baseModels: { relation: 'adapter', models: [{ _id: BASE._id, id: BASE.id }] } })

async function meet(token?: string) {
  const clock = fakeClock(NOON)
  const hub = await serve([BASE, CHILD], { quota: null, clock, renames: new Map([['old/name', 'lab/base']]) })
  return { hub, client: clientOf(hub, clock, token === undefined ? {} : { token }) }
}

describe('the greeting', () => {
  test('learns the Hub’s time from one row', async () => {
    const { hub, client } = await meet()
    expect(await greetHub(client)).toEqual({ hubTime: Date.parse(NOON), notice: null })
    expect(hub.requests).toHaveLength(1)
    expect(new URL(hub.requests[0]!.url, hub.origin).searchParams.get('limit')).toBe('1')
  })

  test('refuses a Hub whose time cannot be read', async () => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status: 200, body: '[]', headers: { Date: 'yesterday' } })
    const error = await greetHub(client).catch(reason => reason)
    expect(error).toBeInstanceOf(HubError)
    expect(error.exitCode).toBe(EXIT_CODES.refused)
    expect(error.remedy.happened).toContain(`${hub.origin} sends no Date header`)
  })
})

describe('the Hub’s own count of derivatives', () => {
  test('comes by relation', async () => {
    const { client } = await meet()
    expect(await countChildren(client, 'lab/base')).toEqual(
      new Map([
        ['finetune', 0],
        ['adapter', 1],
        ['merge', 0],
        ['quantized', 0],
      ]),
    )
  })

  test.each(['lab/none', 'old/name'])('is not there for %s: missing, private or renamed', async name => {
    for (const token of [undefined, 'hf_example']) {
      expect(await countChildren((await meet(token)).client, name)).toBeNull()
    }
  })

  test('is asked for under the name as it is, within the path of the endpoint', async () => {
    const { hub, client } = await meet()
    await countChildren(client, 'lab/a b?c#d')
    expect(hub.requests[0]?.url).toBe('/api/models/lab/a%20b%3Fc%23d?expand[]=childrenModelCount')
  })

  test.each([
    ['is missing', '{}'],
    ['is null', '{"childrenModelCount":null}'],
    ['is the number the Python client promises', '{"childrenModelCount":5}'],
    ['holds a text', '{"childrenModelCount":{"adapter":"5"}}'],
    ['holds half a model', '{"childrenModelCount":{"merge":0.5}}'],
    ['is negative', '{"childrenModelCount":{"finetune":-1}}'],
    ['stands under an error with status 200', '{"error":"busy"}'],
  ])('that %s is refused, not taken for 0', async (_, body) => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status: 200, body, times: Number.POSITIVE_INFINITY })
    const error = await countChildren(client, 'lab/base').catch(reason => reason)
    expect(error).toBeInstanceOf(HubError)
    expect(error).toMatchObject({ exitCode: EXIT_CODES.refused })
    expect(error.message).toContain('childrenModelCount of lab/base is not an object of counts')
  })

  test('passes on every other failure', async () => {
    const { hub, client } = await meet()
    hub.faults.push({ kind: 'status', status: 500, times: Number.POSITIVE_INFINITY })
    await expect(countChildren(client, 'lab/base')).rejects.toMatchObject({
      status: 500,
      exitCode: EXIT_CODES.partial,
    })
  })
})
