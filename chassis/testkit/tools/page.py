"""Runs the blocks of a page, as a reader would who types them one after the other into one session.

Takes a JSON list of [language, text] on its standard input, `sql` for DuckDB and `python`; prints a JSON list of what each has
shown, a row a list and the names of the columns first, or null. A block of Python shows what it calls `table`.
"""

import datetime
import functools
import json
import os
import sys

import duckdb
import pandas as pd
from pyarrow import fs

# What stands for the clouds' blob stores is on this machine: the page speaks of the real ones.
if authority := os.environ.get("AZURE_AUTHORITY"):
    blob = {"blob_storage_authority": authority, "blob_storage_scheme": "http"}
    dfs = {"dfs_storage_authority": authority, "dfs_storage_scheme": "http"}
    fs.AzureFileSystem = functools.partial(fs.AzureFileSystem, **blob, **dfs)
if endpoint := os.environ.get("AWS_ENDPOINT"):
    fs.S3FileSystem = functools.partial(fs.S3FileSystem, endpoint_override=endpoint)


def text(value):
    """As a page shows it."""
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return str(value)


def shown(columns, rows):
    return [[str(column) for column in columns]] + [[text(value) for value in row] for row in rows]


def run(language, block, session, names):
    if language == "sql" and block.startswith("CREATE"):
        session.execute(block)
        return None
    if language == "sql":
        done = session.sql(block)
        return shown(done.columns, done.fetchall())
    exec(block, names)
    table = names.pop("table", None)
    if table is None:
        return None
    if isinstance(table, pd.DataFrame):
        table = table.reset_index()
        return shown(table.columns, table.values.tolist())
    return shown(table.columns, table.fetchall())


session, names = duckdb.connect(), {}
json.dump([run(language, block, session, names) for language, block in json.load(sys.stdin)], sys.stdout)
