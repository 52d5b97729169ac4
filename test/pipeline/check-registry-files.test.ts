import { expect, test } from 'vitest'
import { parseUtcDay } from '../../src/domain/utc-day.ts'
import { checkRegistryFiles } from '../../src/pipeline/check-registry-files.ts'
import { registryCheckText } from '../../src/present/registry-check-text.ts'
import { useSmallFolder } from '../registry/small-folder.ts'

const folder = useSmallFolder()
const TODAY = parseUtcDay('2026-11-02')

test('the sums tell labs from other entries, and what nobody has proved from what somebody has', () => {
  const check = checkRegistryFiles(folder.path, TODAY)
  expect(check).toMatchObject({
    labs: 1,
    communityEntries: 1,
    excludedEntries: 1,
    handles: 4,
    // One says `unverified`, three say nothing.
    unverifiedHandles: 4,
    seats: 4,
    unverifiedSeats: 2,
  })
  expect(registryCheckText(check)).toContain(
    '1 lab · 1 community entry · 1 excluded entry · 4 handles (4 unverified) · 4 seats (2 unverified) · ',
  )
})

test('a handle is unverified when one of its tenures is, and counts once', () => {
  folder.edit('labs.yml', '- handle: "alpha"', '- handle: "alpha"\n      evidence: https://example.org/a')
  expect(checkRegistryFiles(folder.path, TODAY)).toMatchObject({ handles: 4, unverifiedHandles: 3 })
  folder.edit(
    'labs.yml',
    '- handle: "beta"',
    '- handle: "alpha"\n      from: "2030-01-01"\n      evidence: unverified\n    - handle: "beta"\n      evidence: published-list:A',
  )
  expect(checkRegistryFiles(folder.path, TODAY)).toMatchObject({ handles: 4, unverifiedHandles: 3 })
})
