import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The recorded real data; absent outside the team's machines and CI. */
export const RADAR_FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'real', 'radar')
export const HAS_RADAR = existsSync(RADAR_FOLDER)
if (!HAS_RADAR)
  process.stderr.write('skipped: ../shared/real/radar is absent, so the real-input tests do not run\n')

/** What `real/README.md` says the files must show. */
export const RADAR_DAYS = [
  { day: '2026-08-19', repos: 11_566, downloads30d: 846_858_738 },
  { day: '2026-08-20', repos: 12_772, downloads30d: 854_923_570 },
  { day: '2026-08-21', repos: 13_192, downloads30d: 864_303_650 },
] as const

export const radarFiles = () => RADAR_DAYS.map(({ day }) => join(RADAR_FOLDER, `${day}.jsonl.gz`))
