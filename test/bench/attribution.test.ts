import { expect, test } from 'vitest'
import { attributeIds } from '../../bench/attribution.ts'
import { PROMISES } from '../../bench/promises.ts'

test('generated ids are attributed by the real registry, each round beside its floor', () => {
  const { rounds, reviewed } = attributeIds({ models: 5000, rounds: 2 })
  expect(rounds).toHaveLength(2)
  for (const { seconds, floor } of rounds) {
    expect(seconds).toBeGreaterThan(0)
    expect(floor).toBeGreaterThan(0)
  }
  // Generated labs and re-packagers have some tenth of the models; all of them are in the registry.
  expect(reviewed).toBeGreaterThan(400)
  expect(reviewed).toBeLessThan(1000)
})

test('the goal of the issue is the one that is promised', () => {
  const promised = PROMISES.find(({ name }) => name === 'attribution of 3.25 M repositories')
  expect(promised).toMatchObject({ unit: 's', goal: { atMost: 5 } })
})
