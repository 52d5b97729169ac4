CREATE TABLE `sweep_range` (
	`sweep_key` integer NOT NULL,
	`range` integer NOT NULL,
	`after_hub_id` blob,
	`until_hub_id` blob,
	`cursor` text,
	`last_hub_id` blob,
	`page_count` integer DEFAULT 0 NOT NULL,
	`is_done` integer DEFAULT false NOT NULL,
	`is_unsure` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`sweep_key`, `range`),
	FOREIGN KEY (`sweep_key`) REFERENCES `sweep`(`sweep_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lease` (
	`name` text PRIMARY KEY NOT NULL,
	`fence` integer NOT NULL,
	`token` text,
	`pid` integer NOT NULL,
	`process_start` integer,
	`host` text,
	`pid_space` text,
	`taken_at` integer NOT NULL,
	`beat_at` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `daily_share` (
	`day` integer NOT NULL,
	`counter` text NOT NULL,
	`born` text NOT NULL,
	`threshold` integer NOT NULL,
	`considered` integer NOT NULL,
	`counter_unknown` integer NOT NULL,
	`counted` integer NOT NULL,
	`publishers` integer NOT NULL,
	PRIMARY KEY(`day`, `counter`, `born`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `daily_share_line` (
	`day` integer NOT NULL,
	`counter` text NOT NULL,
	`born` text NOT NULL,
	`line` text NOT NULL,
	`repos` real NOT NULL,
	PRIMARY KEY(`day`, `counter`, `born`, `line`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `observation_pack` (
	`day` integer NOT NULL,
	`pack` integer NOT NULL,
	`row_count` integer NOT NULL,
	`content` blob NOT NULL,
	PRIMARY KEY(`day`, `pack`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `daily_total_series` ON `daily_total` (`scope`,`attribution`,`axis`,`key`,`day`);
--> statement-breakpoint
INSERT INTO `sweep_range` (`sweep_key`, `range`, `cursor`, `last_hub_id`, `page_count`, `is_done`, `is_unsure`)
SELECT `sweep_key`, 0, `cursor`, `last_hub_id`, `page_count`, `page_count` > 0 AND `cursor` IS NULL,
  EXISTS (
    SELECT 1 FROM `quarantine`
    WHERE `quarantine`.`sweep_key` = `sweep`.`sweep_key` AND `quarantine`.`page` = `sweep`.`page_count` - 1
      AND `quarantine`.`hub_id` IS NULL
  )
FROM `sweep`;
--> statement-breakpoint
ALTER TABLE `sweep` DROP COLUMN `cursor`;
--> statement-breakpoint
ALTER TABLE `sweep` DROP COLUMN `last_hub_id`;
--> statement-breakpoint
CREATE VIEW `v1_sweep_page` AS
SELECT
  date(sweep.day * 86400, 'unixepoch') AS day,
  sweep_page.sweep_key AS sweep,
  sweep.state,
  sweep_page.page,
  strftime('%Y-%m-%dT%H:%M:%fZ', sweep_page.observed_at / 1000.0, 'unixepoch') AS observed_at,
  sweep_page.row_count,
  lower(nullif(hex(sweep_page.last_hub_id), '')) AS last_hub_id
FROM sweep_page
JOIN sweep USING (sweep_key);
--> statement-breakpoint
CREATE VIEW `v1_derivative_share` AS
SELECT
  date(daily_share.day * 86400, 'unixepoch') AS day,
  daily_share.counter,
  daily_share.born,
  daily_share.threshold,
  line,
  repos,
  counted,
  repos / counted AS share,
  considered,
  counter_unknown,
  publishers
FROM daily_share_line
JOIN daily_share USING (day, counter, born);
--> statement-breakpoint
DROP VIEW `v1_observation`;
--> statement-breakpoint
CREATE VIEW `v1_observation` AS
SELECT
  swept.day,
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  observation.downloads_30d,
  observation.downloads_all_time,
  observation.likes
FROM (SELECT DISTINCT day AS number, date(day * 86400, 'unixepoch') AS day FROM sweep) AS swept
CROSS JOIN observation ON observation.day = swept.number
JOIN repo USING (repo_key);
--> statement-breakpoint
CREATE VIEW `v1_series` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  swept.day,
  observation.downloads_30d,
  observation.downloads_all_time,
  observation.likes
FROM repo
CROSS JOIN (SELECT DISTINCT day AS number, date(day * 86400, 'unixepoch') AS day FROM sweep) AS swept
CROSS JOIN observation ON observation.day = swept.number AND observation.repo_key = repo.repo_key;
--> statement-breakpoint
INSERT INTO `table_doc` (`name`, `about`) VALUES
  ('v1_sweep_page', 'One page of a sweep: when it was observed. Pages ascend by _id within the stretch one walker took, so a repository was seen on the page of that sweep with the lowest last_hub_id (null for a page without rows) that is not below its own hub_id. A day can have several sweeps (sweep), of which at most one is complete.'),
  ('v1_derivative_share', 'Of the fine-tunes listed on a day with more than threshold downloads by a counter (born: ever, or created within a year of the day), how many stand on immediate bases of each region line. repos is the numerator (a fine-tune of n bases gives each 1/n), counted the denominator, publishers the distinct handles among them.'),
  ('v1_series', 'The observations of one repository over time: the rows of v1_observation, found by repo_id, one key look-up a day. Ask v1_observation for all repositories on one day.');
