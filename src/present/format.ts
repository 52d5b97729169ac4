/** `1,234,567`; a dash for an unknown value, which is not zero. */
export function formatCount(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en-US')
}

/** `41.3 %`; a dash where there is nothing to share. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`
}

/** `312.4 M`, `1.2 B`, `845 k`: for charts and sentences. */
export function formatShort(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} B`
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`
  if (value >= 1e3) return `${Math.round(value / 1e3)} k`
  return String(Math.round(value))
}
