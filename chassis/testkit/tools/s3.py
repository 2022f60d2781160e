"""Amazon's S3 as the tests know it: moto on a loopback port, with one bucket and one user who may do everything.

Started with the port and the bucket's name. Prints the user's key and secret as a JSON line once it listens, and ends with
whoever started it: when its standard input does. A request that this user has not signed is refused, as it is by the real
one; moto as it comes would take any. The key is the same each time, and a page of a list is short, so that lists have many.
"""

import io
import json
import logging
import os
import sys
import threading

os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"
os.environ["MOTO_S3_DEFAULT_MAX_KEYS"] = "10"
logging.disable(logging.WARNING)

from moto.backends import get_backend  # noqa: E402  (the settings above are read when it is imported)
from moto.moto_api._internal import mock_random  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

ACCOUNT, REGION, USER = "123456789012", "us-east-1", "archivist"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}



class OneAtATime:
    """Of two who create the same thing, the real one lets one win; moto looks and then writes, and both may have looked.

    What was sent is read before its turn comes, and counts only if it has come as a whole.
    """

    def __init__(self, app):
        self.app, self.turn = app, threading.Lock()

    def __call__(self, environ, start):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if len(body) < length:
            start("400 Bad Request", [("Content-Length", "0")])
            return []
        environ["wsgi.input"] = io.BytesIO(body)
        with self.turn:
            return list(self.app(environ, start))


mock_random.seed(1)
port, bucket = int(sys.argv[1]), sys.argv[2]
iam = get_backend("iam")[ACCOUNT]["aws"]
iam.create_user(REGION, USER)
iam.put_user_policy(USER, "everything", json.dumps(EVERYTHING))
key = iam.create_access_key(USER)
get_backend("s3")[ACCOUNT]["aws"].create_bucket(bucket, REGION)
server = make_server("127.0.0.1", port, OneAtATime(DomainDispatcherApplication(create_backend_app)), threaded=True)
print(json.dumps({"key": key.access_key_id, "secret": key.secret_access_key}), flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
