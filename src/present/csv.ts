/** A comma-separated table (RFC 4180) whose texts no spreadsheet takes for a formula: such a text gets an apostrophe in front. */
export function csvTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return [header, ...rows].map(row => `${row.map(csvField).join(',')}\r\n`).join('')
}

/** First characters by which spreadsheets know a formula (OWASP, CSV injection), blanks before them included. */
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/

function csvField(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const harmless = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
