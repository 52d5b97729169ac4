import stringWidth from 'string-width'
import { visibleText } from '../domain/visible-text.ts'

/** A table for the terminal: first column left, the others right. Cells are made harmless. */
export function terminalTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map(row => row.map(cell => visibleText(cell)))
  // A loop: there can be more rows than a call takes arguments.
  const widths = header.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, stringWidth(row[column] ?? '')), 0),
  )
  const lines = cells.map(row =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - stringWidth(cell))
        return column === 0 ? cell + space : space + cell
      })
      .join('  ')
      .trimEnd(),
  )
  const rule = widths.map(width => '─'.repeat(width)).join('  ')
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}
