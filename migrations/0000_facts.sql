CREATE TABLE `quarantine` (
	`quarantine_key` integer PRIMARY KEY NOT NULL,
	`sweep_key` integer NOT NULL,
	`page` integer NOT NULL,
	`position` integer NOT NULL,
	`hub_id` blob,
	`reason` text NOT NULL,
	`raw_json` text NOT NULL,
	FOREIGN KEY (`sweep_key`) REFERENCES `sweep`(`sweep_key`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `quarantine_sweep` ON `quarantine` (`sweep_key`);--> statement-breakpoint
CREATE TABLE `sweep` (
	`sweep_key` integer PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`notice` text,
	`day` integer NOT NULL,
	`state` text NOT NULL,
	`cursor` text,
	`last_hub_id` blob,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`page_count` integer DEFAULT 0 NOT NULL,
	`row_count` integer DEFAULT 0 NOT NULL,
	`stored_count` integer DEFAULT 0 NOT NULL,
	`unchanged_count` integer DEFAULT 0 NOT NULL,
	`quarantined_count` integer DEFAULT 0 NOT NULL,
	`duplicate_count` integer DEFAULT 0 NOT NULL,
	`private_count` integer DEFAULT 0 NOT NULL,
	`later_count` integer DEFAULT 0 NOT NULL,
	`absent_count` integer DEFAULT 0 NOT NULL,
	`downloads_30d_total` integer DEFAULT 0 NOT NULL,
	`downloads_all_time_total` integer DEFAULT 0 NOT NULL,
	`all_time_known_count` integer DEFAULT 0 NOT NULL,
	`refused_fields` text,
	CONSTRAINT "sweep_rows_balance" CHECK("sweep"."row_count" = "sweep"."stored_count" + "sweep"."unchanged_count" + "sweep"."quarantined_count"),
	CONSTRAINT "sweep_state" CHECK("sweep"."state" in ('running', 'complete', 'partial', 'held', 'rejected'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `sweep_day` ON `sweep` (`day`);--> statement-breakpoint
CREATE TABLE `sweep_absence` (
	`sweep_key` integer NOT NULL,
	`repo_key` integer NOT NULL,
	PRIMARY KEY(`sweep_key`, `repo_key`),
	FOREIGN KEY (`sweep_key`) REFERENCES `sweep`(`sweep_key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sweep_page` (
	`sweep_key` integer NOT NULL,
	`page` integer NOT NULL,
	`observed_at` integer NOT NULL,
	`row_count` integer NOT NULL,
	`last_hub_id` blob,
	PRIMARY KEY(`sweep_key`, `page`),
	FOREIGN KEY (`sweep_key`) REFERENCES `sweep`(`sweep_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `base_edge` (
	`repo_key` integer NOT NULL,
	`declared` text NOT NULL,
	`relation` text NOT NULL,
	`base_hub_id` blob,
	`first_seen_on` integer NOT NULL,
	`ended_on` integer,
	PRIMARY KEY(`repo_key`, `declared`, `relation`, `first_seen_on`),
	FOREIGN KEY (`repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "base_edge_relation" CHECK("base_edge"."relation" in ('finetune', 'adapter', 'merge', 'quantized', 'undeclared'))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event` (
	`event_key` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`day` integer NOT NULL,
	`repo_key` integer,
	`detail` text NOT NULL,
	FOREIGN KEY (`repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "event_detail_json" CHECK(json_valid("event"."detail"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `event_day` ON `event` (`day`,`kind`);--> statement-breakpoint
CREATE TABLE `observation` (
	`day` integer NOT NULL,
	`repo_key` integer NOT NULL,
	`downloads_30d` integer NOT NULL,
	`downloads_all_time` integer,
	`likes` integer,
	PRIMARY KEY(`day`, `repo_key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `publisher` (
	`publisher_key` integer PRIMARY KEY NOT NULL,
	`handle` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `publisher_handle_unique` ON `publisher` (`handle`);--> statement-breakpoint
CREATE TABLE `repo` (
	`repo_key` integer PRIMARY KEY NOT NULL,
	`hub_id` blob NOT NULL,
	`repo_id` text NOT NULL,
	`publisher_key` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_modified_at` integer,
	`first_seen_on` integer NOT NULL,
	`gone_on` integer,
	`task_key` integer,
	`library_key` integer,
	`licence_key` integer,
	`parameters` integer,
	`gated` text NOT NULL,
	`is_disabled` integer NOT NULL,
	`downloads_30d` integer NOT NULL,
	`downloads_all_time` integer,
	`likes` integer,
	`last_known_all_time` integer,
	`observed_on` integer NOT NULL,
	`detail_hash` integer NOT NULL,
	FOREIGN KEY (`publisher_key`) REFERENCES `publisher`(`publisher_key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_key`) REFERENCES `term`(`term_key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`library_key`) REFERENCES `term`(`term_key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`licence_key`) REFERENCES `term`(`term_key`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "repo_hub_id_length" CHECK(length("repo"."hub_id") = 12),
	CONSTRAINT "repo_gated" CHECK("repo"."gated" in ('no', 'auto', 'manual'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `repo_hub_id_unique` ON `repo` (`hub_id`);--> statement-breakpoint
CREATE TABLE `repo_name` (
	`repo_key` integer NOT NULL,
	`from_on` integer NOT NULL,
	`until_on` integer NOT NULL,
	`repo_id` text NOT NULL,
	PRIMARY KEY(`repo_key`, `until_on`),
	FOREIGN KEY (`repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `term` (
	`term_key` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`word` text NOT NULL,
	CONSTRAINT "term_kind" CHECK("term"."kind" in ('task', 'library', 'licence'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `term_word` ON `term` (`kind`,`word`);--> statement-breakpoint
CREATE TABLE `country` (
	`country` text PRIMARY KEY NOT NULL,
	`region_key` text NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `handle` (
	`handle` text NOT NULL,
	`lab_key` text NOT NULL,
	`valid_from` text,
	`valid_until` text,
	`evidence` text,
	FOREIGN KEY (`lab_key`) REFERENCES `lab`(`lab_key`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `handle_handle` ON `handle` (`handle`);--> statement-breakpoint
CREATE TABLE `lab` (
	`lab_key` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`second_country` text,
	`note` text,
	`checked_on` text NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lab_country` (
	`lab_key` text NOT NULL,
	`country` text NOT NULL,
	`valid_from` text,
	`valid_until` text,
	`evidence` text NOT NULL,
	FOREIGN KEY (`lab_key`) REFERENCES `lab`(`lab_key`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `lab_country_lab` ON `lab_country` (`lab_key`);--> statement-breakpoint
CREATE TABLE `registry_mirror` (
	`revision` text PRIMARY KEY NOT NULL,
	`mirrored_at` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `daily_total` (
	`day` integer NOT NULL,
	`scope` text NOT NULL,
	`attribution` text NOT NULL,
	`axis` text NOT NULL,
	`key` text NOT NULL,
	`repos` integer NOT NULL,
	`downloads_30d` integer NOT NULL,
	`downloads_all_time` integer NOT NULL,
	`all_time_unknown_repos` integer NOT NULL,
	`gone_repos` integer NOT NULL,
	`gone_downloads_all_time` integer NOT NULL,
	PRIMARY KEY(`day`, `scope`, `attribution`, `axis`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `daily_total_basis` (
	`registry_revision` text PRIMARY KEY NOT NULL,
	`definition_version` integer NOT NULL,
	`sweep_key` integer NOT NULL,
	`published_at` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `derivative_check` (
	`day` integer NOT NULL,
	`repo_key` integer NOT NULL,
	`relation` text NOT NULL,
	`ours` integer NOT NULL,
	`hub` integer NOT NULL,
	PRIMARY KEY(`day`, `repo_key`, `relation`),
	FOREIGN KEY (`repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `derivative_count` (
	`base_repo_key` integer NOT NULL,
	`relation` text NOT NULL,
	`repos` integer NOT NULL,
	`publishers` integer NOT NULL,
	PRIMARY KEY(`base_repo_key`, `relation`),
	FOREIGN KEY (`base_repo_key`) REFERENCES `repo`(`repo_key`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `job_run` (
	`job_run_key` integer PRIMARY KEY NOT NULL,
	`job` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`exit_code` integer,
	`summary` text
) STRICT;
--> statement-breakpoint
CREATE TABLE `metric_doc` (
	`metric` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`question` text NOT NULL,
	`formula` text NOT NULL,
	`unit` text NOT NULL,
	`caveat` text NOT NULL,
	`source` text NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `table_doc` (
	`name` text PRIMARY KEY NOT NULL,
	`about` text NOT NULL
) STRICT, WITHOUT ROWID;
