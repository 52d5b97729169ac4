import type { DerivativeShare } from '../domain/derivative.ts'

/** Which derivatives a share counts, in words. */
export function shareTitle({ counter, threshold, createdFrom }: DerivativeShare): string {
  const window = counter === 'downloadsAllTime' ? 'all-time' : '30-day'
  const born = createdFrom === null ? 'whenever created' : `created since ${createdFrom}`
  return `more than ${threshold} ${window} downloads, ${born}`
}
