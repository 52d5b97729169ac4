import type { SeriesAnswer } from '../domain/series-answer.ts'
import { csvTable } from './csv.ts'

/** One repository over time as comma-separated values, one row per observed day. */
export function seriesCsv({ basis, repo, days }: SeriesAnswer): string {
  return csvTable(
    [
      ...[
        'day',
        'raw_downloads_all_time',
        'clean_downloads_all_time',
        'raw_downloads_30d',
        'clean_downloads_30d',
      ],
      ...[
        'raw_daily_downloads',
        'clean_daily_downloads',
        'residual_30d',
        'likes',
        'events',
        'hub_id',
        'repo_id',
      ],
      ...['as_of', 'registry_revision', 'definition_version', 'clean_rules', 'source'],
    ],
    days.map(({ day, downloadsAllTime, downloads30d, dailyDownloads, residual, likes, events }) => [
      ...[day, downloadsAllTime.raw, downloadsAllTime.clean, downloads30d.raw, downloads30d.clean],
      ...[
        dailyDownloads.raw,
        dailyDownloads.clean,
        residual,
        likes,
        events.join(' '),
        repo.hubId,
        repo.repoId,
      ],
      ...[basis.asOf, basis.registryRevision, basis.definitionVersion, basis.cleanRules.join(' ')],
      basis.notice ?? basis.source,
    ]),
  )
}
