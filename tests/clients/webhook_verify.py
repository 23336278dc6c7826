"""Verifies webhooks with PyPI's standardwebhooks, and those that are CloudEvents with PyPI's cloudevents.

Standard input: JSON lines {"secret": …, "headers": {…}, "body": text}. Prints a line for each; exits 1 if one fails.
"""

import json
import sys

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook


def main():
    count = 0
    for line in sys.stdin:
        sent = json.loads(line)
        headers, body = sent["headers"], sent["body"]
        Webhook(sent["secret"]).verify(body.encode(), headers)
        said = "verified"
        structured = headers["content-type"].startswith("application/cloudevents")
        if structured or "ce-id" in headers:
            event = from_http_event(HTTPMessage(headers=headers, body=body.encode()))
            assert event.get_id() == headers["webhook-id"], event.get_id()
            assert event.get_specversion() == "1.0"
            assert event.get_type().startswith("org.tidewatch.alert."), event.get_type()
            said += f" {event.get_type()} {event.get_extension('dataclassification')}"
        print(headers["webhook-id"], said)
        count += 1
    sys.exit(0 if count else 1)


main()
