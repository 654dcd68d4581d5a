CREATE TABLE `origin` (
	`connection` text NOT NULL,
	`object` text NOT NULL,
	`record` text NOT NULL,
	`field` text NOT NULL,
	`evidence` text NOT NULL,
	PRIMARY KEY(`connection`, `object`, `record`, `field`)
);
