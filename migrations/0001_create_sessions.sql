-- A superset of the table of SCS: Go programs read and write it unchanged.
--
-- token    exact and ASCII: default collations take "A" for "a", and so one token for another
-- data     up to 16 MiB: a BLOB ends at 64 KiB, and without strict mode it truncates
-- expiry   UTC without a time zone: a TIMESTAMP shifts with the connection's zone and ends in 2038
-- subject  whose session it is: to list and end all sessions of a user
--
-- DYNAMIC rows: an index of COMPACT ones, an old server's default, has no room for a subject.
--
-- The expiry index serves cleanup and counting, the subject index listing. Both end with the
-- primary key by themselves.
CREATE TABLE IF NOT EXISTS `sessions` (
    token CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    data MEDIUMBLOB NOT NULL,
    expiry DATETIME(6) NOT NULL,
    subject VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    INDEX sessions_expiry_idx (expiry),
    INDEX sessions_subject_idx (subject)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COMMENT = 'sessio schema 1';
