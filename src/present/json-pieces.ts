/** Elements written as one piece: long enough to be few, short enough for any memory. */
const ELEMENTS_A_PIECE = 1000

/**
 * The text of `JSON.stringify(answer, null, 2)` and a line end, in pieces that are printed one after another: no text of the
 * engine holds more than half a gigabyte, and an answer about millions of repositories is longer.
 */
export function* jsonPieces(answer: object): Generator<string> {
  yield* piecesOf(answer, '')
  yield '\n'
}

function* piecesOf(value: unknown, indent: string): Generator<string> {
  const inner = `${indent}  `
  if (Array.isArray(value) && value.length > ELEMENTS_A_PIECE) {
    for (let from = 0; from < value.length; from += ELEMENTS_A_PIECE) {
      // Without the brackets of its own.
      const some = whole(value.slice(from, from + ELEMENTS_A_PIECE), indent).slice(1, -`\n${indent}]`.length)
      yield `${from === 0 ? '[' : ','}${some}`
    }
    yield `\n${indent}]`
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    for (const [index, [name, field]] of fields.entries()) {
      yield `${index === 0 ? '{' : ','}\n${inner}${JSON.stringify(name)}: `
      yield* piecesOf(field, inner)
    }
    yield fields.length === 0 ? '{}' : `\n${indent}}`
  } else yield whole(value, indent)
}

/** A value of ordinary length, with its lines indented. */
function whole(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
}
