-- The row of a lane is only ever locked, never updated: its lock is the lane's order.
CREATE TABLE lane(lane SMALLINT PRIMARY KEY);
INSERT INTO lane SELECT generate_series(0, 15);
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE log(
  lane SMALLINT NOT NULL, pos BIGINT NOT NULL, command_pos BIGINT NOT NULL,
  stream TEXT COLLATE "C", version BIGINT, name TEXT, schema INTEGER, data TEXT NOT NULL, hash BYTEA NOT NULL,
  PRIMARY KEY(lane, pos));
CREATE UNIQUE INDEX log_stream ON log(lane, stream, version) WHERE stream IS NOT NULL;
CREATE TABLE command(
  caller TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL, lane SMALLINT NOT NULL, pos BIGINT NOT NULL, PRIMARY KEY(caller, key));
CREATE TABLE snapshot(
  lane SMALLINT NOT NULL, stream TEXT COLLATE "C" NOT NULL, version BIGINT NOT NULL, shape INTEGER NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY(lane, stream));
CREATE TABLE claim(thing TEXT COLLATE "C" PRIMARY KEY, lane SMALLINT NOT NULL, pos BIGINT NOT NULL);
