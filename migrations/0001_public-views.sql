CREATE VIEW `v1_repo` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  publisher.handle,
  strftime('%Y-%m-%dT%H:%M:%SZ', repo.created_at, 'unixepoch') AS created_at,
  date(repo.first_seen_on * 86400, 'unixepoch') AS first_seen_on,
  date(repo.gone_on * 86400, 'unixepoch') AS gone_on,
  task.word AS task,
  library.word AS library,
  licence.word AS licence,
  repo.parameters,
  repo.gated,
  repo.downloads_30d,
  repo.downloads_all_time,
  repo.likes,
  date(repo.observed_on * 86400, 'unixepoch') AS observed_on
FROM repo
JOIN publisher USING (publisher_key)
LEFT JOIN term AS task ON task.term_key = repo.task_key
LEFT JOIN term AS library ON library.term_key = repo.library_key
LEFT JOIN term AS licence ON licence.term_key = repo.licence_key;
--> statement-breakpoint
CREATE VIEW `v1_repo_name` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo_name.repo_id,
  date(repo_name.from_on * 86400, 'unixepoch') AS valid_from,
  date(repo_name.until_on * 86400, 'unixepoch') AS valid_until
FROM repo_name
JOIN repo USING (repo_key)
UNION ALL
SELECT
  lower(hex(repo.hub_id)),
  repo.repo_id,
  date(coalesce((SELECT max(until_on) FROM repo_name WHERE repo_name.repo_key = repo.repo_key), repo.first_seen_on) * 86400, 'unixepoch'),
  NULL
FROM repo;
--> statement-breakpoint
CREATE VIEW `v1_observation` AS
SELECT
  date(observation.day * 86400, 'unixepoch') AS day,
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  observation.downloads_30d,
  observation.downloads_all_time,
  observation.likes
FROM observation
JOIN repo USING (repo_key);
--> statement-breakpoint
CREATE VIEW `v1_base_edge` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  base_edge.relation,
  base_edge.declared AS base_declared,
  lower(nullif(hex(base_edge.base_hub_id), '')) AS base_hub_id,
  base.repo_id AS base_repo_id,
  date(base_edge.first_seen_on * 86400, 'unixepoch') AS first_seen_on,
  date(base_edge.ended_on * 86400, 'unixepoch') AS ended_on
FROM base_edge
JOIN repo USING (repo_key)
LEFT JOIN repo AS base ON base.hub_id = base_edge.base_hub_id;
--> statement-breakpoint
CREATE VIEW `v1_sweep` AS
SELECT
  date(sweep.day * 86400, 'unixepoch') AS day,
  sweep.state,
  sweep.source,
  sweep.notice,
  strftime('%Y-%m-%dT%H:%M:%SZ', sweep.started_at / 1000, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', sweep.finished_at / 1000, 'unixepoch') AS finished_at,
  sweep.page_count,
  sweep.row_count,
  sweep.stored_count,
  sweep.unchanged_count,
  sweep.quarantined_count,
  sweep.duplicate_count,
  sweep.private_count,
  sweep.later_count,
  sweep.absent_count,
  sweep.downloads_30d_total,
  CASE WHEN sweep.all_time_known_count > 0 THEN sweep.downloads_all_time_total END AS downloads_all_time_total,
  sweep.all_time_known_count
FROM sweep;
--> statement-breakpoint
CREATE VIEW `v1_daily_total` AS
SELECT
  date(daily_total.day * 86400, 'unixepoch') AS day,
  scope,
  attribution,
  axis,
  key,
  repos,
  downloads_30d,
  CASE WHEN downloads_all_time > 0 OR all_time_unknown_repos < repos + gone_repos THEN downloads_all_time END AS downloads_all_time,
  all_time_unknown_repos,
  gone_repos,
  gone_downloads_all_time
FROM daily_total;
--> statement-breakpoint
CREATE VIEW `v1_event` AS
SELECT
  date(event.day * 86400, 'unixepoch') AS day,
  event.kind,
  lower(nullif(hex(repo.hub_id), '')) AS hub_id,
  repo.repo_id,
  event.detail
FROM event
LEFT JOIN repo USING (repo_key);
--> statement-breakpoint
INSERT INTO `table_doc` (`name`, `about`) VALUES
  ('v1_repo', 'One model repository, keyed by the Hub''s stable _id (hub_id), with its latest counters. A day is the UTC day of observation.'),
  ('v1_repo_name', 'Every name a repository has had, with the days it held it. valid_until null means it holds it now.'),
  ('v1_observation', 'What a repository''s counters were on a UTC day. A row only when a value differs from the repository''s row before it; v1_sweep proves the others unchanged. downloads_30d is the Hub''s rolling window, downloads_all_time its lifetime counter (null means unknown, never zero).'),
  ('v1_base_edge', 'A declared base of a repository, with the Hub''s relation word. base_hub_id is null where the Hub did not resolve the text.'),
  ('v1_sweep', 'One capture of the catalogue. row_count = stored_count + unchanged_count + quarantined_count. A day without a complete sweep is a gap.'),
  ('v1_daily_total', 'Totals of one day by scope, attribution (publisher or immediate base), axis (region, lab, or left-out: what a first-party scope drops only for its publisher) and key. All-time sums include the last known value of repositories that are gone (gone_*).'),
  ('v1_event', 'A counted incident: rename, change of task, removal, return, drop of an all-time counter, field refused by the Hub. detail is JSON.'),
  ('metric_doc', 'What each published metric means: question, formula, unit, caveat, source.');
