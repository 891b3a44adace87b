"""Stands in for curl where there is none: the options that our documents use, and no others."""

import argparse
import sys

import httpx


def main() -> int:
    """Do what curl would: print the answer, and fail with 22 where the answer is a failure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-sS", dest="quiet", action="store_true")
    parser.add_argument("--fail-with-body", action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data")
    asked = parser.parse_intermixed_args()
    headers = dict(header.split(": ", 1) for header in asked.headers)
    if asked.data is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = asked.method or ("GET" if asked.data is None else "POST")
    answer = httpx.request(
        method, asked.url, headers=headers, content=asked.data, trust_env=False, timeout=60
    )
    sys.stdout.buffer.write(answer.content)
    return 22 if asked.fail_with_body and answer.status_code >= 400 else 0


if __name__ == "__main__":
    sys.exit(main())
