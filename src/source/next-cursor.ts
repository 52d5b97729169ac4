import LinkHeader from 'http-link-header'
import { visibleText } from '../domain/visible-text.ts'
import { HubError, PAGES_KEPT } from './hub-error.ts'

export interface NextPage {
  /** Opaque cursor of the next page; null when this page was the last. */
  cursor: string | null
  /** The foreign origin the link named, when it was not the configured one; the cursor is used, the host is not. */
  foreignOrigin: string | null
}

/** Stands for the first page, which is asked for without a cursor; no cursor of the Hub is empty. */
export const FIRST_PAGE = ''

/**
 * Takes the cursor out of a `Link` header. Only the cursor is used: the next request goes to the configured endpoint
 * whatever host the link names, so the token cannot leave it. Throws a HubError when the link leads to another path
 * than the list's.
 */
export function parseNextPage(link: string | null, endpoint: string): NextPage {
  if (link === null) return { cursor: null, foreignOrigin: null }
  let target: URL
  try {
    const next = LinkHeader.parse(link).rel('next')[0]
    if (!next) return { cursor: null, foreignOrigin: null }
    target = new URL(next.uri, endpoint)
  } catch (error) {
    throw refusal(`The Hub's Link header cannot be read: "${visibleText(link, 200)}".`, error)
  }
  const cursor = target.searchParams.get('cursor')
  const isList = target.pathname.endsWith('/api/models')
  // A link to the list without a cursor leads to its first page: round for ever.
  if (isList && !cursor) return { cursor: FIRST_PAGE, foreignOrigin: null }
  if (!isList || !cursor) {
    throw refusal(`The Hub's next page is not a page of /api/models: "${visibleText(target.href, 200)}".`)
  }
  const foreignOrigin = target.origin === new URL(endpoint).origin ? null : target.origin
  return { cursor, foreignOrigin }
}

function refusal(happened: string, cause?: unknown): HubError {
  const next = 'Check HF_ENDPOINT; when it is right, run the same command again: it resumes.'
  return new HubError({ happened, kept: PAGES_KEPT, next }, { cause })
}
