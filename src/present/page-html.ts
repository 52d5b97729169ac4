import { type Html, html, trustedMarkup } from './html.ts'
import { REPORT_STYLE } from './report-style.ts'

/** A self-contained page: no script, no request to anywhere, and a policy that says so. */
export function pageHtml(title: string, body: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${trustedMarkup(REPORT_STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`
  return page.markup
}

/** What the bundled demonstration says of its data: alone of this it is known how they were made. */
const DEMONSTRATION = 'modelled demonstration data'

/** What the source says of its own data, as a note on top of a page; null for the Hub's own. */
export function noticeHtml(notice: string | null): Html | null {
  if (notice === null) return null
  const capital = notice.slice(0, 1).toUpperCase() + notice.slice(1)
  return html`<p class="notice" role="note">${capital}: these are not observations of the Hub.${notice === DEMONSTRATION && ' Repositories are real; counters are made by a generator that follows the public record.'}</p>`
}
