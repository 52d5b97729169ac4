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
CREATE TABLE `observation_pack` (
	`day` integer NOT NULL,
	`pack` integer NOT NULL,
	`row_count` integer NOT NULL,
	`content` blob NOT NULL,
	PRIMARY KEY(`day`, `pack`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `sweep_range` (`sweep_key`, `range`, `cursor`, `last_hub_id`, `page_count`, `is_done`)
SELECT `sweep_key`, 0, `cursor`, `last_hub_id`, `page_count`, `page_count` > 0 AND `cursor` IS NULL FROM `sweep`;
--> statement-breakpoint
ALTER TABLE `sweep` DROP COLUMN `cursor`;
--> statement-breakpoint
ALTER TABLE `sweep` DROP COLUMN `last_hub_id`;
--> statement-breakpoint
CREATE VIEW `v1_sweep_page` AS
SELECT
  date(sweep.day * 86400, 'unixepoch') AS day,
  sweep.state,
  sweep_page.page,
  strftime('%Y-%m-%dT%H:%M:%fZ', sweep_page.observed_at / 1000.0, 'unixepoch') AS observed_at,
  sweep_page.row_count,
  lower(nullif(hex(sweep_page.last_hub_id), '')) AS last_hub_id
FROM sweep_page
JOIN sweep USING (sweep_key);
--> statement-breakpoint
INSERT INTO `table_doc` (`name`, `about`) VALUES
  ('v1_sweep_page', 'One page of a sweep: when it was observed. Pages ascend by _id within the stretch one walker took, so a repository was seen on the page with the lowest last_hub_id that is not below its own hub_id.');
