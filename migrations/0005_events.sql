CREATE TABLE `clean_span` (
	`repo_key` integer NOT NULL,
	`counter` text NOT NULL,
	`rule` text NOT NULL,
	`from_on` integer NOT NULL,
	`until_on` integer,
	`raw_factor` real NOT NULL,
	`constant` real NOT NULL,
	`per_day` real NOT NULL,
	PRIMARY KEY(`repo_key`, `counter`, `rule`, `from_on`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `daily_correction` (
	`day` integer NOT NULL,
	`scope` text NOT NULL,
	`attribution` text NOT NULL,
	`axis` text NOT NULL,
	`key` text NOT NULL,
	`rule` text NOT NULL,
	`repos` integer NOT NULL,
	`downloads_30d` integer NOT NULL,
	`downloads_all_time` integer NOT NULL,
	PRIMARY KEY(`scope`, `attribution`, `axis`, `key`, `day`, `rule`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `daily_correction_day` ON `daily_correction` (`day`);
--> statement-breakpoint
CREATE TABLE `day_quality` (
	`day` integer PRIMARY KEY NOT NULL,
	`days_since` integer,
	`compared` integer NOT NULL,
	`unchanged` integer NOT NULL,
	`fell` integer NOT NULL,
	`fell_downloads` integer NOT NULL,
	`panel` integer NOT NULL,
	`panel_ratio` real,
	`panel_unchanged` real,
	`reconciled` integer NOT NULL,
	`within_2_percent` integer NOT NULL,
	`median_ratio` real,
	`grown_downloads` integer NOT NULL,
	`window_downloads` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `detection_basis` (
	`detector_version` integer PRIMARY KEY NOT NULL,
	`sweep_key` integer NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `sweep` ADD `effective_day` integer;
--> statement-breakpoint
ALTER TABLE `sweep` ADD `effective_by` text;
--> statement-breakpoint
ALTER TABLE `sweep_page` ADD `moved_count` integer;
--> statement-breakpoint
ALTER TABLE `event` ADD `until_on` integer;
--> statement-breakpoint
ALTER TABLE `event` ADD `publisher_key` integer REFERENCES publisher(publisher_key);
--> statement-breakpoint
CREATE INDEX `event_repo` ON `event` (`repo_key`,`day`);
--> statement-breakpoint
DROP VIEW `v1_event`;
--> statement-breakpoint
CREATE VIEW `v1_event` AS
SELECT
  date(event.day * 86400, 'unixepoch') AS day,
  event.kind,
  lower(nullif(hex(repo.hub_id), '')) AS hub_id,
  repo.repo_id,
  event.detail,
  date(event.until_on * 86400, 'unixepoch') AS until,
  coalesce(publisher.handle, repo_publisher.handle) AS handle
FROM event
LEFT JOIN repo USING (repo_key)
LEFT JOIN publisher ON publisher.publisher_key = event.publisher_key
LEFT JOIN publisher AS repo_publisher ON repo_publisher.publisher_key = repo.publisher_key;
--> statement-breakpoint
DROP VIEW `v1_sweep`;
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
  sweep.all_time_known_count,
  date(sweep.effective_day * 86400, 'unixepoch') AS effective_day,
  sweep.effective_by
FROM sweep;
--> statement-breakpoint
DROP VIEW `v1_sweep_page`;
--> statement-breakpoint
CREATE VIEW `v1_sweep_page` AS
SELECT
  date(sweep.day * 86400, 'unixepoch') AS day,
  sweep_page.sweep_key AS sweep,
  sweep.state,
  sweep_page.page,
  strftime('%Y-%m-%dT%H:%M:%fZ', sweep_page.observed_at / 1000.0, 'unixepoch') AS observed_at,
  sweep_page.row_count,
  lower(nullif(hex(sweep_page.last_hub_id), '')) AS last_hub_id,
  sweep_page.moved_count
FROM sweep_page
JOIN sweep USING (sweep_key);
--> statement-breakpoint
CREATE VIEW `v1_clean_span` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  clean_span.counter,
  clean_span.rule,
  date(clean_span.from_on * 86400, 'unixepoch') AS from_day,
  date(clean_span.until_on * 86400, 'unixepoch') AS until_day,
  clean_span.raw_factor,
  clean_span.constant,
  clean_span.per_day
FROM clean_span
JOIN repo USING (repo_key);
--> statement-breakpoint
CREATE VIEW `v1_clean_series` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  swept.day,
  swept.is_complete,
  observation.downloads_30d AS raw_downloads_30d,
  observation.downloads_30d + (
    SELECT CAST(ifnull(sum(round(raw_factor * observation.downloads_30d + constant + per_day * (observation.day - from_on))), 0) AS INTEGER)
    FROM clean_span
    WHERE clean_span.repo_key = repo.repo_key AND counter = 'downloads_30d'
      AND from_on <= observation.day AND (until_on IS NULL OR until_on >= observation.day)
  ) AS clean_downloads_30d,
  observation.downloads_all_time AS raw_downloads_all_time,
  observation.downloads_all_time + (
    SELECT CAST(ifnull(sum(round(raw_factor * observation.downloads_all_time + constant + per_day * (observation.day - from_on))), 0) AS INTEGER)
    FROM clean_span
    WHERE clean_span.repo_key = repo.repo_key AND counter = 'downloads_all_time'
      AND from_on <= observation.day AND (until_on IS NULL OR until_on >= observation.day)
  ) AS clean_downloads_all_time
FROM repo
CROSS JOIN (
  SELECT day AS number, date(day * 86400, 'unixepoch') AS day, max(state = 'complete') AS is_complete
  FROM sweep GROUP BY sweep.day
) AS swept
CROSS JOIN observation ON observation.day = swept.number AND observation.repo_key = repo.repo_key;
--> statement-breakpoint
CREATE VIEW `v1_daily_correction` AS
SELECT
  date(day * 86400, 'unixepoch') AS day,
  scope,
  attribution,
  axis,
  key,
  rule,
  repos,
  downloads_30d,
  downloads_all_time
FROM daily_correction;
--> statement-breakpoint
CREATE VIEW `v1_daily_clean` AS
SELECT
  date(daily_total.day * 86400, 'unixepoch') AS day,
  daily_total.scope,
  daily_total.attribution,
  daily_total.axis,
  daily_total.key,
  daily_total.downloads_30d AS raw_downloads_30d,
  daily_total.downloads_30d + ifnull((
    SELECT sum(c.downloads_30d) FROM daily_correction AS c
    WHERE c.scope = daily_total.scope AND c.attribution = daily_total.attribution AND c.axis = daily_total.axis
      AND c.key = daily_total.key AND c.day = daily_total.day
  ), 0) AS clean_downloads_30d,
  CASE WHEN daily_total.downloads_all_time > 0 OR all_time_unknown_repos < daily_total.repos + gone_repos THEN daily_total.downloads_all_time END AS raw_downloads_all_time,
  CASE WHEN daily_total.downloads_all_time > 0 OR all_time_unknown_repos < daily_total.repos + gone_repos THEN daily_total.downloads_all_time + ifnull((
    SELECT sum(c.downloads_all_time) FROM daily_correction AS c
    WHERE c.scope = daily_total.scope AND c.attribution = daily_total.attribution AND c.axis = daily_total.axis
      AND c.key = daily_total.key AND c.day = daily_total.day
  ), 0) END AS clean_downloads_all_time
FROM daily_total;
--> statement-breakpoint
CREATE VIEW `v1_day_quality` AS
SELECT
  date(day * 86400, 'unixepoch') AS day,
  days_since,
  compared,
  unchanged,
  fell,
  fell_downloads,
  panel,
  panel_ratio,
  panel_unchanged,
  reconciled,
  within_2_percent,
  CAST(within_2_percent AS REAL) / nullif(reconciled, 0) AS share_within_2_percent,
  median_ratio,
  grown_downloads,
  window_downloads
FROM day_quality;
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'A counted incident. Noted by the sweep: rename, task-change, removal, return, drop (a lifetime counter below its last known value), field-refused, card-text, derivative-drift. Decided by people: day-held, day-accepted, day-rejected. Detected in the counters, and made anew when a rule changes: transient-drop, pending-drop, restatement, frozen, hub-incident, spike, stale-window, first-move, re-creation, ci-suspect. until is the last day, null for one without a length and while it lasts. repo_id null: of a publisher (handle), or of the whole Hub (handle null, too). detail is JSON with the evidence.'
WHERE `name` = 'v1_event';
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'One capture of the catalogue. row_count = stored_count + unchanged_count + quarantined_count. A day without a complete sweep is a gap. The Hub refreshes its 30-day counters once a day between 07 and 12 UTC: effective_day is the day of the refresh that the sweep saw, effective_by how that is known (clock: by the hour alone; found: the pages show it; across: the refresh came during the sweep).'
WHERE `name` = 'v1_sweep';
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'One page of a sweep: when it was observed. Pages ascend by _id within the stretch one walker took, so a repository was seen on the page of that sweep with the lowest last_hub_id (null for a page without rows) that is not below its own hub_id. A day can have several sweeps (sweep), of which at most one is complete. moved_count: repositories known before whose 30-day counter differs from the last one known.'
WHERE `name` = 'v1_sweep_page';
--> statement-breakpoint
INSERT INTO `table_doc` (`name`, `about`) VALUES
  ('v1_clean_span', 'What a cleaning rule adds to a raw counter of a repository from from_day to until_day (both included, null for no end): raw_factor * raw + constant + per_day * days since from_day, rounded.'),
  ('v1_clean_series', 'The observations of one repository over time, raw beside clean (raw plus the corrections of v1_clean_span: transient-drop, restatement, spike). Ask by repo_id. Leave out the rows of days that are held, rejected or were never completed by is_complete = 1: they are as seen, and no total has them. Frozen and Hub-wide days are marked in v1_event and not corrected here.'),
  ('v1_daily_correction', 'What each cleaning rule adds to a row of v1_daily_total. Switch a rule off by leaving its rows out of the sum. repos counts the repositories corrected; Hub-wide days (hub-incident, frozen-day) are corrected for the group as a whole and count none.'),
  ('v1_daily_clean', 'v1_daily_total with raw and clean sums side by side: clean is raw plus every correction of v1_daily_correction.'),
  ('v1_day_quality', 'How far the counters of a complete day can be trusted. compared: repositories listed and seen before; unchanged and fell count among them against the complete day before (days_since). panel_ratio: median of the 30-day counters over those of the day before among the most downloaded. reconciled: repositories whose growth of the lifetime counter over 30 days can be compared with their 30-day counter; within_2_percent of them agree.');
