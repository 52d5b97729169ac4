CREATE TABLE `base_link` (
	`base_repo_key` integer NOT NULL,
	`repo_key` integer NOT NULL,
	`relation` text NOT NULL,
	`rule` text NOT NULL,
	PRIMARY KEY(`base_repo_key`, `repo_key`, `relation`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `base_link_repo` ON `base_link` (`repo_key`);
--> statement-breakpoint
CREATE TABLE `found_text` (
	`repo_key` integer NOT NULL,
	`declared` text NOT NULL,
	`relation` text NOT NULL,
	`base_repo_key` integer NOT NULL,
	`rule` text NOT NULL,
	PRIMARY KEY(`repo_key`, `declared`, `relation`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `loose_base` (
	`repo_key` integer NOT NULL,
	`declared` text NOT NULL,
	`relation` text NOT NULL,
	`cause` text NOT NULL,
	PRIMARY KEY(`repo_key`, `declared`, `relation`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lineage_root` (
	`repo_key` integer NOT NULL,
	`ordinal` integer NOT NULL,
	`root_repo_key` integer,
	`root_declared` text,
	`weight` real NOT NULL,
	`depth` integer NOT NULL,
	`end` text NOT NULL,
	PRIMARY KEY(`repo_key`, `ordinal`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
DROP TABLE `derivative_count`;
--> statement-breakpoint
CREATE TABLE `derivative_count` (
	`base_repo_key` integer NOT NULL,
	`relation` text NOT NULL,
	`direct_repos` integer NOT NULL,
	`direct_publishers` integer NOT NULL,
	`all_repos` integer NOT NULL,
	`all_publishers` integer NOT NULL,
	PRIMARY KEY(`base_repo_key`, `relation`),
	FOREIGN KEY (`base_repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `age_counter` (
	`repo_key` integer PRIMARY KEY NOT NULL,
	`measured_on` integer NOT NULL,
	`downloads_30d` integer NOT NULL,
	`downloads_all_time` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `monthly_share` (
	`month` text NOT NULL,
	`relations` text NOT NULL,
	`counter` text NOT NULL,
	`threshold` integer NOT NULL,
	`considered` integer NOT NULL,
	`counter_unknown` integer NOT NULL,
	`counted` integer NOT NULL,
	`publishers` integer NOT NULL,
	`capped` real NOT NULL,
	PRIMARY KEY(`month`, `relations`, `counter`, `threshold`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `monthly_share_line` (
	`month` text NOT NULL,
	`relations` text NOT NULL,
	`attribution` text NOT NULL,
	`counter` text NOT NULL,
	`threshold` integer NOT NULL,
	`line` text NOT NULL,
	`repos` real NOT NULL,
	`capped` real NOT NULL,
	PRIMARY KEY(`month`, `relations`, `attribution`, `counter`, `threshold`, `line`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
DROP VIEW `v1_derivative_share`;
--> statement-breakpoint
CREATE TABLE `__new_daily_share_line` (
	`day` integer NOT NULL,
	`counter` text NOT NULL,
	`born` text NOT NULL,
	`attribution` text NOT NULL,
	`line` text NOT NULL,
	`repos` real NOT NULL,
	PRIMARY KEY(`day`, `counter`, `born`, `attribution`, `line`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
-- What was published before stands on immediate bases.
INSERT INTO `__new_daily_share_line` (`day`, `counter`, `born`, `attribution`, `line`, `repos`)
SELECT `day`, `counter`, `born`, 'base', `line`, `repos` FROM `daily_share_line`;
--> statement-breakpoint
DROP TABLE `daily_share_line`;
--> statement-breakpoint
ALTER TABLE `__new_daily_share_line` RENAME TO `daily_share_line`;
--> statement-breakpoint
-- Totals and shares can be read as they are, by the first definitions, until the next publication computes them all anew.
UPDATE `daily_total_basis` SET `definition_version` = 1;
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
  publishers,
  attribution
FROM daily_share_line
JOIN daily_share USING (day, counter, born);
--> statement-breakpoint
CREATE VIEW `v1_monthly_share` AS
SELECT
  monthly_share.month,
  monthly_share.relations,
  attribution,
  monthly_share.counter,
  monthly_share.threshold,
  line,
  monthly_share_line.repos,
  counted,
  monthly_share_line.repos / counted AS share,
  monthly_share_line.capped,
  monthly_share.capped AS counted_capped,
  monthly_share_line.capped / monthly_share.capped AS share_capped,
  considered,
  counter_unknown,
  publishers
FROM monthly_share_line
JOIN monthly_share USING (month, relations, counter, threshold);
--> statement-breakpoint
DROP VIEW `v1_base_edge`;
--> statement-breakpoint
CREATE VIEW `v1_base_edge` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  base_edge.relation,
  base_edge.declared AS base_declared,
  lower(nullif(hex(base_edge.base_hub_id), '')) AS base_hub_id,
  coalesce(base.repo_id, (
    SELECT found.repo_id FROM found_text JOIN repo AS found ON found.repo_key = found_text.base_repo_key
    WHERE found_text.repo_key = base_edge.repo_key AND found_text.declared = base_edge.declared
      AND found_text.relation = base_edge.relation AND base_edge.ended_on IS NULL)) AS base_repo_id,
  date(base_edge.first_seen_on * 86400, 'unixepoch') AS first_seen_on,
  date(base_edge.ended_on * 86400, 'unixepoch') AS ended_on,
  CASE WHEN base_edge.ended_on IS NULL THEN coalesce(
    CASE WHEN base.repo_key = base_edge.repo_key THEN 'self' WHEN base.repo_key IS NOT NULL THEN 'hub-id' END,
    (SELECT rule FROM found_text
     WHERE found_text.repo_key = base_edge.repo_key AND found_text.declared = base_edge.declared
       AND found_text.relation = base_edge.relation),
    (SELECT cause FROM loose_base
     WHERE loose_base.repo_key = base_edge.repo_key AND loose_base.declared = base_edge.declared
       AND loose_base.relation = base_edge.relation)
  ) END AS resolution
FROM base_edge
JOIN repo USING (repo_key)
LEFT JOIN repo AS base ON base.hub_id = base_edge.base_hub_id;
--> statement-breakpoint
CREATE VIEW `v1_base_link` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  lower(hex(base.hub_id)) AS base_hub_id,
  base.repo_id AS base_repo_id,
  base_link.relation,
  base_link.rule
FROM base_link
JOIN repo USING (repo_key)
JOIN repo AS base ON base.repo_key = base_link.base_repo_key;
--> statement-breakpoint
CREATE VIEW `v1_lineage` AS
SELECT
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  lower(nullif(hex(root.hub_id), '')) AS root_hub_id,
  coalesce(root.repo_id, CASE lineage_root.`end` WHEN 'absent' THEN lineage_root.root_declared END) AS root_repo_id,
  lineage_root.weight,
  lineage_root.depth,
  lineage_root.`end`,
  lineage_root.root_declared
FROM lineage_root
JOIN repo USING (repo_key)
LEFT JOIN repo AS root ON root.repo_key = lineage_root.root_repo_key
UNION ALL
SELECT
  lower(hex(repo.hub_id)),
  repo.repo_id,
  lower(hex(repo.hub_id)),
  repo.repo_id,
  1.0,
  0,
  'root',
  NULL
FROM repo
WHERE NOT EXISTS (SELECT 1 FROM lineage_root WHERE lineage_root.repo_key = repo.repo_key);
--> statement-breakpoint
CREATE VIEW `v1_derivative_count` AS
SELECT
  lower(hex(base.hub_id)) AS base_hub_id,
  base.repo_id AS base_repo_id,
  derivative_count.relation,
  direct_repos,
  direct_publishers,
  all_repos,
  all_publishers
FROM derivative_count
JOIN repo AS base ON base.repo_key = derivative_count.base_repo_key;
--> statement-breakpoint
CREATE VIEW `v1_derivative_month` AS
SELECT
  lower(hex(base.hub_id)) AS base_hub_id,
  base.repo_id AS base_repo_id,
  base_link.relation,
  strftime('%Y-%m', repo.created_at, 'unixepoch') AS month,
  count(*) AS repos,
  count(DISTINCT repo.publisher_key) AS publishers
FROM base_link
JOIN repo AS base ON base.repo_key = base_link.base_repo_key
JOIN repo ON repo.repo_key = base_link.repo_key
WHERE repo.gone_on IS NULL AND base_link.relation <> 're-upload'
GROUP BY base.hub_id, base.repo_id, base_link.relation, 4;
--> statement-breakpoint
CREATE VIEW `v1_derivative_check` AS
SELECT
  date(derivative_check.day * 86400, 'unixepoch') AS day,
  lower(hex(repo.hub_id)) AS hub_id,
  repo.repo_id,
  derivative_check.relation,
  derivative_check.ours,
  derivative_check.hub
FROM derivative_check
JOIN repo USING (repo_key);
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'A declared base of a repository, with the Hub''s relation word. base_hub_id is null where the Hub did not resolve the text; base_repo_id then names the repository that a rule of ours found, if one did. resolution says how the base was found: hub-id by the Hub, else by a rule of ours (name, former-name, legacy-id, renamed-handle, letter-case); or why it was not: self, absent, path, address, bare-name, malformed. It is null for a declaration that ended, and for a text before the first publication.'
WHERE `name` = 'v1_base_edge';
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'Totals of one day by scope, attribution (publisher, base: the immediate base, root: the end of the walk up the bases), axis (region, lab, family, descendants: what counts for a family by base or root and is not its own, or left-out: what a first-party scope drops only for its publisher) and key (lab/family for a family). All-time sums include the last known value of repositories that are gone (gone_*).'
WHERE `name` = 'v1_daily_total';
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'Of the fine-tunes listed on a day with more than threshold downloads by a counter (born: ever, or created within a year of the day), how many are each region line''s, by attribution: their publisher''s, their immediate bases'' (base) or their roots'' (root). Choose one attribution: each has all of them. repos is the numerator (a fine-tune of n bases gives each 1/n), counted the denominator, publishers the distinct handles among them.'
WHERE `name` = 'v1_derivative_share';
--> statement-breakpoint
UPDATE `table_doc` SET `about` = 'A counted incident: rename, change of task, removal, return, drop of an all-time counter, field refused by the Hub, drift of our counts of derivatives from the Hub''s own, first sweep that reads model cards. detail is JSON.'
WHERE `name` = 'v1_event';
--> statement-breakpoint
INSERT INTO `table_doc` (`name`, `about`) VALUES
  ('v1_base_link', 'The graph of bases of the newest published day: a repository, a base of it that is in the file, the relation (re-upload: a copy by a reviewed rule) and the rule that found the base.'),
  ('v1_lineage', 'The roots of every repository on the newest published day: where the walk up its bases ends. Weights of a repository sum to 1, several bases share it equally at each step. depth is the longest way in steps; a repository without a base is its own root at depth 0. root_hub_id is null for a root outside the file: root_declared is then the text as declared (the moved id where a reviewed alias knows one), and root_repo_id the same where it is an id. "end" (quote it, it is a word of SQL): root, cycle (repositories that name each other), absent, unresolved (a text that is no id), many (more roots than are told apart).'),
  ('v1_derivative_count', 'Listed repositories on a base, and the distinct handles that publish them: direct ones, and all by any number of steps, by the derivative''s own relation to its base; relation any counts each once. A copy by a reviewed rule (re-upload) is no derivative; what stands on it is.'),
  ('v1_derivative_month', 'Direct derivatives of a base that are listed (copies by a reviewed rule are none), by relation and month of creation (UTC), with the distinct handles among them. Ask for one base_repo_id: that reads only its derivatives.'),
  ('v1_derivative_check', 'Our count of direct derivatives beside the Hub''s own for the most used bases, by day and relation.'),
  ('v1_monthly_share', 'Derivatives listed on the newest published day by month of creation, set of relations (trained: finetune and adapter; weights: these and merge; any: all four), counter (downloads_30d_at_30_days: when the derivative itself was 30 days old) and threshold (more than), by region line under one attribution. Choose one of each: the sets overlap. repos is the numerator, counted the denominator; capped and counted_capped the same with each uploader counting for at most a hundredth of counted, or one, share_capped their ratio; publishers the distinct handles.');
