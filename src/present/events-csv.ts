import type { EventsAnswer } from '../domain/event-answer.ts'
import { csvTable } from './csv.ts'
import { eventWords } from './event-words.ts'

/** Events as comma-separated values, one row each: the evidence in words and, as JSON, as it is stored. */
export function eventsCsv({ basis, events }: EventsAnswer): string {
  return csvTable(
    [
      ...['day', 'until', 'kind', 'hub_id', 'repo_id', 'handle', 'words', 'detail'],
      ...['as_of', 'registry_revision', 'definition_version', 'source'],
    ],
    events.map(event => [
      ...[event.day, event.until, event.kind, event.hubId, event.repoId, event.handle],
      ...[eventWords(event), JSON.stringify(event.detail)],
      ...[basis.asOf, basis.registryRevision, basis.definitionVersion, basis.notice ?? basis.source],
    ]),
  )
}
