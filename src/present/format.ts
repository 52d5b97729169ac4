/** `1,234,567`; a dash for an unknown value, which is not zero. */
export function formatCount(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en-US')
}

/** `1 repository`, `1,234 repositories`. */
export function formatRepos(repos: number): string {
  return `${formatCount(repos)} ${repos === 1 ? 'repository' : 'repositories'}`
}

/** `1 repository has`, `2 repositories have`: no known all-time counter. */
export function formatUnknown(repos: number): string {
  return `${formatRepos(repos)} ${repos === 1 ? 'has' : 'have'} no known all-time counter: unknown, not zero`
}

/** `41.3 %`; a dash where there is nothing to share. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`
}

/** `1,234.5`: a count that may end in a part, such as the half of a repository with two bases. */
export function formatPart(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

/** `+1.2` or `-0.3` percentage points; a dash where there is nothing to compare. */
export function formatPoints(points: number | null): string {
  if (points === null) return '–'
  const rounded = points.toFixed(1)
  return Number(rounded) === 0 ? '0.0' : points > 0 ? `+${rounded}` : rounded
}

/** `2.35`, `12.4`: one number over another; a dash where there is nothing to compare, `<0.01` for next to nothing. */
export function formatRatio(ratio: number | null): string {
  if (ratio === null) return '–'
  if (ratio > 0 && ratio < 0.005) return '<0.01'
  const digits = ratio < 9.995 ? 2 : 1
  return ratio.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
