CREATE TABLE `alias` (
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`from_id` text NOT NULL,
	`to_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`mapping`, `side`, `from_id`)
);
--> statement-breakpoint
CREATE INDEX `alias_from` ON `alias` (`from_id`);--> statement-breakpoint
CREATE TABLE `base` (
	`link` integer PRIMARY KEY NOT NULL,
	`fields` text NOT NULL,
	FOREIGN KEY (`link`) REFERENCES `link`(`row`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `counter` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `dirty` (
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`record` text NOT NULL,
	`seq` integer NOT NULL,
	`lane` integer NOT NULL,
	`due` integer NOT NULL,
	`reasons` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`lease_until` integer,
	PRIMARY KEY(`mapping`, `side`, `record`)
);
--> statement-breakpoint
CREATE INDEX `dirty_due` ON `dirty` (`mapping`,`lane`,`due`,`seq`);--> statement-breakpoint
CREATE TABLE `link` (
	`row` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`mapping` text NOT NULL,
	`left_id` text,
	`right_id` text,
	`state` text NOT NULL,
	`epoch` integer NOT NULL,
	`rules` text NOT NULL,
	`left_version` text,
	`right_version` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `link_id_unique` ON `link` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `link_left` ON `link` (`left_id`,`mapping`) WHERE left_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `link_right` ON `link` (`right_id`,`mapping`) WHERE right_id is not null;--> statement-breakpoint
CREATE INDEX `link_state` ON `link` (`mapping`,`state`);--> statement-breakpoint
CREATE TABLE `match_key` (
	`record` integer NOT NULL,
	`key` text NOT NULL,
	FOREIGN KEY (`record`) REFERENCES `record`(`row`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `match_key_key` ON `match_key` (`key`,`record`);--> statement-breakpoint
CREATE INDEX `match_key_record` ON `match_key` (`record`);--> statement-breakpoint
CREATE TABLE `pending_edge` (
	`target_mapping` text NOT NULL,
	`side` text NOT NULL,
	`target` text NOT NULL,
	`link` text NOT NULL,
	`field` text NOT NULL,
	PRIMARY KEY(`target_mapping`, `side`, `target`, `link`, `field`)
);
--> statement-breakpoint
CREATE INDEX `pending_edge_link` ON `pending_edge` (`link`,`field`);--> statement-breakpoint
CREATE TABLE `record` (
	`row` integer PRIMARY KEY NOT NULL,
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`id` text NOT NULL,
	`fingerprint` text,
	`version` text,
	`sweep` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `record_id` ON `record` (`mapping`,`side`,`id`);--> statement-breakpoint
CREATE TABLE `stream` (
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`cursor` text,
	`sweep_cursor` text,
	`sweep` integer DEFAULT 0 NOT NULL,
	`sweep_started` integer,
	`sweep_done` integer,
	`sweep_seen` integer DEFAULT 0 NOT NULL,
	`sweep_known` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`mapping`, `side`)
);
--> statement-breakpoint
CREATE TABLE `suppressed` (
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`record` text NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`mapping`, `side`, `record`)
);
--> statement-breakpoint
CREATE TABLE `change_log` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`record` text NOT NULL,
	`source` text NOT NULL,
	`kind` text NOT NULL,
	`actor` text NOT NULL,
	`vendor_at` text,
	`at` integer NOT NULL,
	`version` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `change_log_key_unique` ON `change_log` (`key`);--> statement-breakpoint
CREATE INDEX `change_log_record` ON `change_log` (`record`);--> statement-breakpoint
CREATE TABLE `conflict` (
	`id` text PRIMARY KEY NOT NULL,
	`mapping` text NOT NULL,
	`link` text NOT NULL,
	`field` text NOT NULL,
	`kind` text NOT NULL,
	`left_value` text NOT NULL,
	`right_value` text NOT NULL,
	`base` text NOT NULL,
	`records` text NOT NULL,
	`evidence` text NOT NULL,
	`rule` text NOT NULL,
	`loser` text,
	`state` text NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `conflict_standing` ON `conflict` (`link`,`field`) WHERE state in ('open', 'decided');--> statement-breakpoint
CREATE INDEX `conflict_link` ON `conflict` (`link`);--> statement-breakpoint
CREATE INDEX `conflict_opened` ON `conflict` (`state`,`opened_at`);--> statement-breakpoint
CREATE TABLE `intent` (
	`id` text PRIMARY KEY NOT NULL,
	`link` text NOT NULL,
	`mapping` text NOT NULL,
	`epoch` integer NOT NULL,
	`run` text NOT NULL,
	`side` text NOT NULL,
	`kind` text NOT NULL,
	`record` text,
	`stamp` text NOT NULL,
	`payload` text NOT NULL,
	`fields` text NOT NULL,
	`version_before` text,
	`sent_at` integer NOT NULL,
	FOREIGN KEY (`link`) REFERENCES `link`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `intent_link` ON `intent` (`link`);--> statement-breakpoint
CREATE TABLE `journal` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run` text NOT NULL,
	`link` text NOT NULL,
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`kind` text NOT NULL,
	`record` text,
	`before` text NOT NULL,
	`after` text NOT NULL,
	`cause` text NOT NULL,
	`version` text,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `journal_run` ON `journal` (`run`);--> statement-breakpoint
CREATE INDEX `journal_link` ON `journal` (`link`);--> statement-breakpoint
CREATE TABLE `lease` (
	`id` integer PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `quarantine` (
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`record` text NOT NULL,
	`link` text,
	`fields` text NOT NULL,
	`reason` text NOT NULL,
	`cause` text NOT NULL,
	`attempts` integer NOT NULL,
	`retry_at` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`mapping`, `side`, `record`)
);
--> statement-breakpoint
CREATE TABLE `review` (
	`id` text NOT NULL,
	`mapping` text NOT NULL,
	`side` text NOT NULL,
	`record` text NOT NULL,
	`kind` text NOT NULL,
	`candidates` text NOT NULL,
	`because` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`mapping`, `side`, `record`)
);
--> statement-breakpoint
CREATE TABLE `run` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`pairing` text,
	`started` integer NOT NULL,
	`ended` integer,
	`summary` text
);
