/**
 * Somebody else's text made harmless for a terminal, a log line or a message: control, bidirectional and zero-width
 * characters are shown as `\u{…}`; at most `length` characters are kept.
 */
export function visibleText(text: string, length = 200): string {
  return text
    .slice(0, length)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, char => `\\u{${char.codePointAt(0)?.toString(16)}}`)
}
