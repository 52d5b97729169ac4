/** A pattern as the reviewed files write it: JavaScript's own text of it has a backslash more before each slash. */
export function writtenPattern({ source }: RegExp): string {
  return source.replace(/\\(.)/gs, (escaped, letter: string) => (letter === '/' ? '/' : escaped))
}
