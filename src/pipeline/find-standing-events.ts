import { DETECTOR_RULES } from '../derive/detector-rules.ts'
import { findCiSuspects } from '../derive/find-ci-suspects.ts'
import type { CounterEvent } from '../domain/counter-event.ts'
import type { UtcDay } from '../domain/utc-day.ts'
import { findRecreations } from '../store/find-recreations.ts'
import type { Store } from '../store/open-store.ts'
import { readMostDownloaded } from '../store/read-most-downloaded.ts'

/**
 * What no series shows by itself: repositories that took over a name (on the day they did), and those whose downloads look
 * like automatic tests as of the newest day. `from` leaves out what began before it.
 */
export function findStandingEvents(store: Store, newest: UtcDay, from?: UtcDay): CounterEvent[] {
  const recreations = findRecreations(store)
    .filter(({ since }) => since <= newest && (from === undefined || since >= from))
    .map(({ repoKey, otherRepoKey, name, since }): CounterEvent => {
      const evidence = { name, otherRepoKey }
      return { kind: 're-creation', day: since, until: since, subject: { of: 'repo', repoKey }, evidence }
    })
  const suspects = findCiSuspects(readMostDownloaded(store, DETECTOR_RULES.ciSuspect.population)).map(
    ({ repoKey, evidence }): CounterEvent => ({
      kind: 'ci-suspect',
      day: newest,
      until: null,
      subject: { of: 'repo', repoKey },
      evidence,
    }),
  )
  return [...onePerDay(recreations), ...suspects]
}

/** A repository can take two names in a day; the file keeps one event of a kind a day. */
function onePerDay(events: readonly CounterEvent[]): CounterEvent[] {
  const byKey = new Map(
    events.map(event => [`${event.day} ${event.subject.of === 'repo' ? event.subject.repoKey : ''}`, event]),
  )
  return [...byKey.values()]
}
