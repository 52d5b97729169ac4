import { expect, test } from 'vitest'
import { findRecreations } from '../../src/store/find-recreations.ts'
import { row } from '../fixtures/tiny-hub.ts'
import { capturing } from './capturing.ts'

const [D1, D2, D3, D4, D5] = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05'] as const

/** A hundred others, so that one that goes is no broken list. */
const crowd = Array.from({ length: 100 }, (_, index) => row(100 + index))

test('a name that a gone or a renamed repository had makes a re-creation; a rename alone makes none', async () => {
  const { capture, store, sql } = await capturing({
    [D1]: [row(1, { id: 'a/x' }), row(2, { id: 'a/y' }), row(3, { id: 'a/z' }), ...crowd],
    // 1 is deleted, 2 takes another name, and so does 3, which comes back to its own.
    [D2]: [row(2, { id: 'b/y' }), row(3, { id: 'b/z' }), ...crowd],
    [D3]: [
      row(2, { id: 'b/y' }),
      row(3, { id: 'a/z' }),
      ...crowd,
      row(900, { id: 'a/x' }),
      row(901, { id: 'a/y' }),
    ],
    // Who took the name of 1 is deleted in its turn; who took that of 2 takes another name on the day 2 comes back to it.
    [D4]: [row(2, { id: 'a/y' }), row(3, { id: 'a/z' }), ...crowd, row(901, { id: 'c/y' })],
    [D5]: [
      row(2, { id: 'a/y' }),
      row(3, { id: 'a/z' }),
      ...crowd,
      row(901, { id: 'c/y' }),
      row(902, { id: 'a/x' }),
    ],
  })
  const keyOf = (number: number) =>
    sql('SELECT repo_key FROM repo WHERE hub_id = unhex(?)', row(number)._id)[0]?.[0] as number
  const found = () =>
    findRecreations(store).map(({ since, repoKey, otherRepoKey, name }) => [
      since,
      repoKey,
      otherRepoKey,
      name,
    ])
  for (const day of [D1, D2]) {
    await capture(day)
    expect(found()).toEqual([])
  }
  await capture(D3)
  const third = [
    [D3, keyOf(900), keyOf(1), 'a/x'],
    [D3, keyOf(901), keyOf(2), 'a/y'],
  ]
  expect(found()).toEqual(third)
  await capture(D4)
  const fourth = [...third, [D4, keyOf(2), keyOf(901), 'a/y']]
  expect(found()).toEqual(fourth)
  await capture(D5)
  expect(found()).toEqual([...fourth, [D5, keyOf(902), keyOf(900), 'a/x']])
})

test('a name that one repository still has, for all that is known, is not taken over by another that shows it', async () => {
  const { capture, store, sql } = await capturing({
    [D1]: [row(1, { id: 'a/x' }), ...crowd],
    // So much is missing that nobody is believed to be gone.
    [D2]: [...crowd.slice(5), row(900, { id: 'a/x' })],
    [D3]: [...crowd, row(900, { id: 'a/x' })],
  })
  await capture(D1)
  await capture(D2)
  expect(sql("SELECT gone_on FROM repo WHERE repo_id = 'a/x'")).toEqual([[null], [null]])
  expect(findRecreations(store)).toEqual([])
  await capture(D3)
  expect(findRecreations(store)).toMatchObject([{ name: 'a/x', since: D2 }])
})
