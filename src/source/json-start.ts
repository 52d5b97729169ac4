/** The first `length` characters of a value as JSON, for a message or the quarantine. Never throws. */
export function jsonStart(value: unknown, length: number): string {
  try {
    return (JSON.stringify(value) ?? typeof value).slice(0, length)
  } catch {
    // JSON.parse reads a hundred thousand nested brackets; JSON.stringify runs out of stack on them.
    return '(nested too deeply to show)'
  }
}
