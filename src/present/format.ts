/** `1,234,567`; a dash for an unknown value, which is not zero. */
export function formatCount(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en-US')
}

/** `41.3 %`; a dash where there is nothing to share. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`
}
