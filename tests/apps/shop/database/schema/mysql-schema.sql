/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS `customers`;
CREATE TABLE `customers` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(120) COLLATE utf8mb4_unicode_ci NOT NULL,
  `email` varchar(255) DEFAULT 'a;b',
  `balance` decimal(10,2) NOT NULL DEFAULT '0.00',
  PRIMARY KEY (`id`),
  UNIQUE KEY `customers_email_unique` (`email`),
  KEY `customers_name_index` (`name`(20)),
  FULLTEXT KEY `customers_search` (`name`,`email`)
) ENGINE=InnoDB;
INSERT INTO `migrations` (`id`, `migration`, `batch`) VALUES (1,'2020_01_01_000000_create_customers_table',1);
