import type { RegionLine, RegionTable } from '../domain/headline.ts'
import type { Registry } from '../domain/registry.ts'
import type { Change, Movement, Standing, TableMovement } from '../domain/registry-comparison.ts'
import {
  type DailyTotal,
  isAllTimeKnown,
  TOTAL_ATTRIBUTIONS,
  type TotalAttribution,
  type TotalAxis,
} from '../domain/total.ts'
import { regionTable } from './lines.ts'

/** One day's totals, and the registry that judged them. */
export interface JudgedTotals {
  registry: Registry
  totals: readonly DailyTotal[]
}

/** One headline table under one registry, with its labs by key. */
interface Side {
  registry: Registry
  table: RegionTable
  labs: ReadonlyMap<string, DailyTotal>
}

/**
 * What moves in every headline table between two judgements of the same day: the lead of the one region line of `pair` over the
 * other, the region lines whose downloads, repositories or shares differ, and the labs whose downloads do. A scope that only one of the two knows has nothing to be compared with and is left out.
 */
export function tableMovements(
  before: JudgedTotals,
  after: JudgedTotals,
  pair: readonly [a: string, b: string],
): TableMovement[] {
  const scopes = [...before.registry.scopes.values()].filter(({ key }) => after.registry.scopes.has(key))
  return scopes.flatMap(scope =>
    TOTAL_ATTRIBUTIONS.map((attribution): TableMovement => {
      const from = sideOf(before, scope.key, attribution)
      const to = sideOf(after, scope.key, attribution)
      return {
        scope: scope.key,
        scopeVersion: { before: scope.version, after: after.registry.scopes.get(scope.key)!.version },
        attribution,
        whole: moved(wholeOf(from.table), wholeOf(to.table)),
        coverage: { before: from.table.coverage, after: to.table.coverage },
        lead: { before: leadIn(from, pair), after: leadIn(to, pair) },
        lines: lineMovements(from, to),
        labs: labMovements(from, to),
      }
    }),
  )
}

function sideOf({ registry, totals }: JudgedTotals, scope: string, attribution: TotalAttribution): Side {
  const on = (axis: TotalAxis) =>
    totals.filter(total => total.scope === scope && total.attribution === attribution && total.axis === axis)
  return {
    registry,
    table: regionTable(on('region'), on('left-out'), registry),
    // The axis of labs also holds, under their lines, those without one.
    labs: new Map(
      on('lab').flatMap(total => (registry.labs.has(total.key) ? [[total.key, total] as const] : [])),
    ),
  }
}

function leadIn({ table }: Side, [a, b]: readonly [string, string]): number | null {
  const downloadsOf = (key: string) => table.lines.find(({ line }) => line === key)?.downloadsAllTime ?? null
  return difference(downloadsOf(a), downloadsOf(b))
}

function lineMovements(from: Side, to: Side): Movement[] {
  const before = new Map(from.table.lines.map(line => [line.line, line]))
  const after = new Map(to.table.lines.map(line => [line.line, line]))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(key => {
    const name = after.get(key)?.name ?? before.get(key)!.name
    const movement = moved(lineStanding(before.get(key), from), lineStanding(after.get(key), to))
    return isMoved(movement) || isShareMoved(movement) ? [{ key, name, ...movement }] : []
  })
}

function labMovements(from: Side, to: Side): Movement[] {
  return [...new Set([...from.labs.keys(), ...to.labs.keys()])]
    .flatMap(key => {
      const name = (to.registry.labs.get(key) ?? from.registry.labs.get(key))!.name
      const movement = moved(labStanding(from.labs.get(key), from), labStanding(to.labs.get(key), to))
      return isMoved(movement) ? [{ key, name, ...movement }] : []
    })
    .sort(
      (a, b) =>
        Math.abs(b.change.downloadsAllTime ?? 0) - Math.abs(a.change.downloadsAllTime ?? 0) ||
        Math.abs(b.change.downloads30d) - Math.abs(a.change.downloads30d) ||
        (a.key < b.key ? -1 : 1),
    )
}

function wholeOf({ repos, downloads30d, downloadsAllTime }: RegionTable): Standing {
  return {
    repos,
    downloads30d,
    share30d: ratio(downloads30d, downloads30d),
    downloadsAllTime,
    shareAllTime: ratio(downloadsAllTime, downloadsAllTime),
  }
}

/** A line that one registry does not have holds nobody there. */
function lineStanding(line: RegionLine | undefined, { table }: Side): Standing {
  if (line === undefined) return nobody(table)
  const { repos, downloads30d, share30d, downloadsAllTime, shareAllTime } = line
  return { repos, downloads30d, share30d, downloadsAllTime, shareAllTime }
}

function labStanding(total: DailyTotal | undefined, { table }: Side): Standing {
  if (total === undefined) return nobody(table)
  const downloadsAllTime = isAllTimeKnown(total) ? total.downloadsAllTime : null
  return {
    repos: total.repos,
    downloads30d: total.downloads30d,
    share30d: ratio(total.downloads30d, table.downloads30d),
    downloadsAllTime,
    shareAllTime: ratio(downloadsAllTime, table.downloadsAllTime),
  }
}

/** Nobody is a true zero, unless nothing is known of anybody. */
function nobody(table: RegionTable): Standing {
  const downloadsAllTime = table.downloadsAllTime === null ? null : 0
  return {
    repos: 0,
    downloads30d: 0,
    share30d: ratio(0, table.downloads30d),
    downloadsAllTime,
    shareAllTime: ratio(downloadsAllTime, table.downloadsAllTime),
  }
}

function moved(before: Standing, after: Standing): Pick<Movement, 'before' | 'after' | 'change'> {
  const change: Change = {
    repos: after.repos - before.repos,
    downloads30d: after.downloads30d - before.downloads30d,
    share30d: difference(after.share30d, before.share30d),
    downloadsAllTime: difference(after.downloadsAllTime, before.downloadsAllTime),
    shareAllTime: difference(after.shareAllTime, before.shareAllTime),
  }
  return { before, after, change }
}

function isMoved({ before, after }: Pick<Movement, 'before' | 'after'>): boolean {
  return before.downloads30d !== after.downloads30d || before.downloadsAllTime !== after.downloadsAllTime
}

/** Whoever enters or leaves a scope moves the share of every line in it. */
function isShareMoved({ before, after }: Pick<Movement, 'before' | 'after'>): boolean {
  return (
    before.repos !== after.repos ||
    before.share30d !== after.share30d ||
    before.shareAllTime !== after.shareAllTime
  )
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before
}

/** A share, or null over an empty or unknown whole. */
function ratio(value: number | null, whole: number | null): number | null {
  return value === null || whole === null || whole === 0 ? null : value / whole
}
