# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the service to its own document with schemathesis: python3 conformance.py SCHEMATHESIS VALIDATOR SECONDS."""

import os
import secrets
import subprocess
import sys

from service import Service, file, folder, get


def main():
    schemathesis, validator, seconds = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    key = secrets.token_urlsafe(32)
    with folder() as work:
        # Whatever the document allows must be taken, so nothing is bounded lower than there.
        arguments = [
            "--api-keys-file", file(work, "callers", f"schemathesis {key}\n"), "--rate", "1000000", "--burst", "1000000",
            "--longest-expiry", "86400", "--grace-seconds", "5",
            "--audio-socket-port", "0", "--agi-port", "0",
            # Calls are placed to where nobody takes them, and Asterisk may come.
            "--sip-from", "+4930987654", "--sip-proxy", "sip:127.0.0.1:9", "--call-prefixes", "+81,+44,+1",
            "--calls-per-number", "1000", "--calls-per-range", "0", "--calls-per-key", "0",
            "--asterisk-user", "speakcode", "--asterisk-dial", "PJSIP/{number}@trunk", "--asterisk-numbers", "+4930987654",
        ]
        secret = {"SPEAKCODE_ASTERISK_PASSWORD": secrets.token_urlsafe(24)}
        with Service(work, *arguments, environment=secret) as service:
            document = os.environ.get("DOCUMENT")
            if document:
                document = os.path.abspath(document)
            else:
                document = file(work, "openapi.yaml", get(service.port, "/openapi.yaml").body.decode())
            subprocess.run([validator, document], check=True)
            run = subprocess.run(
                [
                    schemathesis, "--config-file", os.path.join(here, "schemathesis.toml"), "run", document,
                    "--url", f"http://127.0.0.1:{service.port}", "--header", f"Authorization: Bearer {key}",
                    # What is deleted is the telephone's ringing, and nothing else can be; how it ended is told for a day.
                    "--checks", "all", "--exclude-checks", "use_after_free", "--continue-on-failure", "--request-timeout", "10", "--max-time", seconds,
                    # Their body has no end, and a time-out of a request is one of each read.
                    "--exclude-operation-id-regex", "^getLive", "--no-color",
                    *(["--seed", os.environ["SEED"]] if os.environ.get("SEED") else []),
                ],
                cwd=work, timeout=float(seconds) + 240,
                env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": here, "PYTHONDONTWRITEBYTECODE": "1"})
            if service.process.poll() is not None:
                sys.exit(f"conformance: the service ended with {service.process.returncode}:\n{service.written()[-2000:]}")
    sys.exit(1 if run.returncode else 0)


if __name__ == "__main__":
    main()
