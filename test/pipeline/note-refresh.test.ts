import { expect, test } from 'vitest'
import { row } from '../fixtures/tiny-hub.ts'
import { capturing } from '../store/capturing.ts'

const [D1, D2] = ['2026-03-01', '2026-03-02'] as const
const REPOS = 6_000

const rows = (movedFrom: number) =>
  Array.from({ length: REPOS }, (_, at) =>
    row(at + 1, {
      downloads: 40 + (at >= movedFrom ? 1 : 0),
      downloadsAllTime: 900 + (at >= movedFrom ? 1 : 0),
    }),
  )

async function refreshSeen(at: string, movedFrom: number): Promise<unknown[][]> {
  const { capture, sql } = await capturing({ [D1]: rows(REPOS), [D2]: rows(movedFrom) })
  await capture(D1, { at: `${D1}T13:00:00Z`, pageSize: 1000 })
  await capture(D2, { at: `${D2}T${at}Z`, pageSize: 1000 })
  return sql('SELECT day, effective_day, effective_by FROM v1_sweep ORDER BY day')
}

test('the first sweep knows its refresh by the clock, a later one by what moved', async () => {
  expect(await refreshSeen('13:00:00', 0)).toEqual([
    [D1, D1, 'clock'],
    [D2, D2, 'found'],
  ])
})

test('a sweep in which nothing moved saw the refresh of the one before, whatever the clock says', async () => {
  expect(await refreshSeen('13:00:00', REPOS)).toEqual([
    [D1, D1, 'clock'],
    [D2, D1, 'found'],
  ])
})

test('a sweep in the night belongs to the refresh of the day before', async () => {
  expect(await refreshSeen('01:15:00', REPOS)).toEqual([
    [D1, D1, 'clock'],
    [D2, D1, 'found'],
  ])
})
