import { lineName } from '../derive/lines.ts'
import type { Effects } from './effects.ts'

/** Names of region lines as the registry gives them. */
export function lineNamer({ registry }: Pick<Effects, 'registry'>): (line: string) => string {
  return line => lineName(registry, line)
}
