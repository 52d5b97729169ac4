import type { FigureSpec } from './figures.ts'

/** Every figure the bench promises, with its goal; the names are the ones in the results. */
export const PROMISES = [
  { name: 'first sweep, to its floor', unit: '×', goal: { atMost: 1.5 } },
  { name: 'later night, to its floor', unit: '×', goal: { atMost: 1.3 } },
  { name: 'first sweep, to DuckDB loading the same pages', unit: '×', goal: null },
  { name: 'first sweep, to the bare bulk insert', unit: '×', goal: null },
  { name: 'night 365, to night 2', unit: '×', goal: { atMost: 1.1 } },
  { name: 'memory over 30 nights, last to third', unit: '×', goal: { atMost: 1.05 } },
  { name: 'memory of sweep and totals, 1 M models', unit: 'MB', goal: { atMost: 400 } },
  { name: 'memory of sweep and totals, 3.25 M models', unit: 'MB', goal: { atMost: 400 } },
  { name: 'memory of sweep and totals, 5 M models', unit: 'MB', goal: { atMost: 400 } },
  { name: 'memory of a recomputation', unit: 'MB', goal: null },
  { name: 'file growth a changed observation, everything in it', unit: 'bytes', goal: { atMost: 24 } },
  { name: 'file growth a changed observation, night 2', unit: 'bytes', goal: null },
  { name: 'file growth a night', unit: 'MB', goal: { atMost: 25 } },
  { name: 'packed observation', unit: 'bytes', goal: null },
  { name: 'first sweep', unit: 's', goal: null },
  { name: 'later night', unit: 's', goal: null },
  { name: 'floor, first sweep', unit: 's', goal: null },
  { name: 'floor, later night', unit: 's', goal: null },
  { name: 'roll-ups of a night', unit: 's', goal: { atMost: 10 } },
  { name: 'DuckDB, the same pages', unit: 's', goal: null },
  { name: 'bare bulk insert, the same rows', unit: 's', goal: null },
  { name: 'headline, p95 of 365 days', unit: 'ms', goal: { atMost: 50 } },
  { name: 'crossover, p95 of 365 days', unit: 'ms', goal: { atMost: 50 } },
  { name: 'chart, p95 of 365 days', unit: 'ms', goal: { atMost: 50 } },
  { name: "one model's series, p95 of 365 days", unit: 'ms', goal: { atMost: 5 } },
  { name: 'one day, every model', unit: 's', goal: { atMost: 5 } },
  { name: 'history of two years recomputed', unit: 's', goal: { atMost: 180 } },
  { name: '429 answers in all predicted sweeps', unit: 'answers', goal: { exactly: 0 } },
  { name: 'requests of a sweep, 3.25 M models', unit: 'requests', goal: { atMost: 3300 } },
  { name: 'real Hub, anonymous, one walker', unit: 'minutes', goal: null },
  { name: 'real Hub, token, one walker', unit: 'minutes', goal: null },
  { name: 'real Hub, token, four walkers', unit: 'minutes', goal: null },
] as const satisfies readonly FigureSpec[]

export type Promised = (typeof PROMISES)[number]['name']
