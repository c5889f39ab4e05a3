/**
 * The schema, step by step: entry n brings a database from `user_version` n to n + 1. An entry that was ever released is
 * never edited, only followed by another.
 *
 * Scope ids are snowflakes and serve as row ids, so that batches append. Two paths of 10,000 characters make a costly index:
 * a digest of both stands in for them.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE world (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seed TEXT NOT NULL,
    worker INTEGER NOT NULL,
    last_millis INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE device (
    key INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    machine_code TEXT NOT NULL,
    device_name TEXT NOT NULL,
    device_os TEXT NOT NULL,
    create_millis INTEGER NOT NULL,
    bound INTEGER NOT NULL,
    UNIQUE (user_id, device_id)
  ) STRICT;

  CREATE TABLE scope (
    scope_id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,
    module_code TEXT NOT NULL,
    paths_digest BLOB NOT NULL,
    local_path TEXT NOT NULL,
    target_folder_path TEXT NOT NULL,
    UNIQUE (device, module_code, paths_digest)
  ) STRICT;

  CREATE TABLE config_catalogue (
    module_code TEXT NOT NULL,
    name TEXT NOT NULL,
    initial_value TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (module_code, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE config (
    device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,
    module_code TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (device, module_code, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE token (
    digest BLOB PRIMARY KEY,
    user_id TEXT NOT NULL,
    lifetime_millis INTEGER,
    expires_millis INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE app (
    app_id TEXT PRIMARY KEY,
    app_secret TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE world ADD COLUMN random TEXT NOT NULL DEFAULT '';

  CREATE UNIQUE INDEX device_by_machine_code ON device (user_id, machine_code) WHERE bound = 1 AND machine_code <> '';

  CREATE TABLE lock (
    user_id TEXT NOT NULL,
    module_code TEXT NOT NULL,
    lock_id TEXT NOT NULL UNIQUE,
    expires_millis INTEGER NOT NULL,
    PRIMARY KEY (user_id, module_code)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE record (
    record_id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL REFERENCES device (key),
    user_id TEXT NOT NULL,
    module_code TEXT NOT NULL,
    status INTEGER NOT NULL,
    properties TEXT NOT NULL,
    version INTEGER NOT NULL,
    end_millis INTEGER
  ) STRICT;
  CREATE INDEX record_by_module ON record (user_id, module_code);
  CREATE INDEX record_by_device ON record (device, module_code);

  CREATE TABLE record_version (
    device INTEGER NOT NULL REFERENCES device (key),
    module_code TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (device, module_code)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE file (
    file_id INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES record (record_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    parent TEXT NOT NULL,
    place_digest BLOB NOT NULL,
    description TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    file_type TEXT NOT NULL,
    sha256 TEXT,
    size INTEGER,
    upload_id TEXT UNIQUE,
    finished INTEGER NOT NULL,
    UNIQUE (record, place_digest)
  ) STRICT;
  CREATE INDEX file_by_record ON file (record) WHERE finished = 1;
  CREATE INDEX file_by_content ON file (sha256, size) WHERE finished = 1;
  `,
  `
  ALTER TABLE world ADD COLUMN clock TEXT NOT NULL DEFAULT '';
  `,
  // Lists are in the order of an index; known contents are looked for among the user's own. What went before let records
  // end before they began, and ids come near their end.
  `
  CREATE INDEX scope_by_module ON scope (device, module_code);
  CREATE INDEX device_by_age ON device (user_id, create_millis, length(device_id), device_id) WHERE bound = 1;

  ALTER TABLE file ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
  UPDATE file SET user_id = (SELECT user_id FROM record WHERE record_id = file.record);
  DROP INDEX file_by_content;
  CREATE INDEX file_by_content ON file (user_id, sha256, size) WHERE finished = 1;

  UPDATE record SET end_millis = max(end_millis, (record_id >> 23) + 1546272000000) WHERE end_millis IS NOT NULL;
  UPDATE world SET last_millis = min(last_millis, 2619302400000);
  `,
  `
  ALTER TABLE world ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE world ADD COLUMN seed_choice TEXT NOT NULL DEFAULT '';
  `,
  // What was to be uploaded whole is to be uploaded in as few parts as the store takes: 5 GiB each.
  `
  ALTER TABLE file ADD COLUMN created_time TEXT NOT NULL DEFAULT '';

  CREATE TABLE part (
    file INTEGER NOT NULL REFERENCES file (file_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    size INTEGER,
    hash_ctx TEXT,
    placed INTEGER NOT NULL,
    offered INTEGER NOT NULL,
    PRIMARY KEY (file, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE stored_part (
    file INTEGER NOT NULL REFERENCES file (file_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    has_hash_ctx INTEGER NOT NULL,
    start TEXT,
    end TEXT,
    sha256 TEXT,
    PRIMARY KEY (file, number)
  ) STRICT, WITHOUT ROWID;

  WITH RECURSIVE piece (file, length, place) AS (
    SELECT file_id, size, 0 FROM file WHERE finished = 0
    UNION ALL
    SELECT file, length, place + 1 FROM piece WHERE place < 9999 AND length > (place + 1) * 5368709120
  )
  INSERT INTO part (file, number, offset, size, hash_ctx, placed, offered)
  SELECT file, place + 1, place * 5368709120, min(5368709120, length - place * 5368709120), NULL, place = 0, 1 FROM piece;
  `,
  // Ids that a document brought along from a time to come stay taken when what had them is gone.
  `
  CREATE TABLE reserved_id (id INTEGER PRIMARY KEY) STRICT;

  INSERT INTO reserved_id SELECT id FROM
    (SELECT scope_id AS id FROM scope UNION SELECT record_id FROM record UNION SELECT file_id FROM file)
  WHERE (id >> 23) + 1546272000000 >= (SELECT last_millis FROM world);
  `,
]
