import { expect, test } from 'vitest'
import { type Log, silentLog } from '../../src/domain/effects.ts'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { checkDerivatives } from '../../src/pipeline/check-derivatives.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { capturing } from '../store/capturing.ts'
import { clientOf } from '../support/census.ts'

const [D1, D2, D3] = ['2026-03-01', '2026-03-02', '2026-03-03'] as const

/** Two bases with twenty fine-tunes each, and one with a merge; one more fine-tune on the second day. */
function rowsOn(more: number) {
  return [
    row(1, { id: 'lab/a' }),
    row(2, { id: 'lab/b' }),
    ...Array.from({ length: 40 + more }, (_, at) =>
      row(10 + at, { tags: [`base_model:finetune:lab/${at % 2 === 0 ? 'a' : 'b'}`] }),
    ),
    row(99, { tags: ['base_model:merge:lab/a'] }),
  ]
}

test('a check that is markedly further from the Hub than the one before is an event, until checked again', async () => {
  const census = await capturing({ [D1]: rowsOn(0), [D2]: rowsOn(1), [D3]: rowsOn(1) })
  const { store, clock, hub } = census
  const warnings: unknown[][] = []
  const log: Log = { ...silentLog, warn: (...said) => warnings.push(said) }
  const check = (day: string) =>
    checkDerivatives(parseUtcDay(day), 10, { hub: clientOf(hub, clock), store, log })
  const events = () =>
    census
      .sql("SELECT day, detail FROM v1_event WHERE kind = 'derivative-drift'")
      .map(([day, detail]) => [day, JSON.parse(detail as string)])
  const drifts = () => warnings.filter(said => String(said[1]).includes('drift'))

  await census.capture(D1)
  expect(await check(D1)).toEqual({ pairs: 3, checked: 2, differing: 0, unavailable: 0, drift: null })
  await census.capture(D2)
  expect(await check(D2)).toMatchObject({ checked: 2, differing: 0, drift: null })
  expect(
    census.sql('SELECT * FROM v1_derivative_check WHERE ours > 0 ORDER BY day, repo_id, relation'),
  ).toEqual([
    [D1, expect.any(String), 'lab/a', 'finetune', 20, 20],
    [D1, expect.any(String), 'lab/a', 'merge', 1, 1],
    [D1, expect.any(String), 'lab/b', 'finetune', 20, 20],
    [D2, expect.any(String), 'lab/a', 'finetune', 21, 21],
    [D2, expect.any(String), 'lab/a', 'merge', 1, 1],
    [D2, expect.any(String), 'lab/b', 'finetune', 20, 20],
  ])
  expect(events()).toEqual([])

  await census.capture(D3)
  // A field that changed: five of the bases are not read any more.
  store.sqlite.exec(
    "UPDATE base_edge SET ended_on = 1 WHERE relation = 'finetune' AND repo_key IN (3, 5, 7, 9, 11)",
  )
  const drift = {
    before: { pairs: 3, differing: 0, hub: 42, difference: 0 },
    now: { pairs: 3, differing: 1, hub: 42, difference: 5 },
  }
  expect(await check(D3)).toMatchObject({ differing: 1, drift: { since: D2, drift } })
  expect(events()).toEqual([[D3, { since: D2, ...drift }]])
  expect(drifts()).toHaveLength(1)
  await check(D3)
  expect(events()).toHaveLength(1)

  store.sqlite.exec('UPDATE base_edge SET ended_on = NULL')
  expect(await check(D3)).toMatchObject({ differing: 0, drift: null })
  expect(events()).toEqual([])
})
