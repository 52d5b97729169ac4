import escapeHtml from 'escape-html'

/** Markup that is safe to put on a page: made only by `html` and `trustedMarkup`. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type Piece = string | number | Html | readonly Piece[] | null | undefined | false

/** Builds markup: every interpolated text is escaped, every Html goes in as it is, lists are joined. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(
    strings.map((text, index) => text + (index < pieces.length ? render(pieces[index]) : '')).join(''),
  )
}

/** Markup that we made ourselves from escaped parts, such as a rendered chart. Never for text from outside. */
export function trustedMarkup(markup: string): Html {
  return new Html(markup)
}

function render(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.markup
  if (typeof piece === 'string') return escapeHtml(piece)
  if (typeof piece === 'number') return String(piece)
  return piece.map(render).join('')
}
