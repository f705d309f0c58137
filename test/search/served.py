"""The demo's page, served for a test."""

import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

CHESS = "play chess against the computer"


class Page:
    """web.py on a free port."""

    def __init__(self, **environment):
        self.process = subprocess.Popen(
            [sys.executable, f"{os.environ['DEMO']}/web.py",
             os.environ["MODEL"], "0"], text=True,
            stdout=subprocess.PIPE, env={**os.environ, **environment})
        self.address = self.process.stdout.readline().split()[2]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(20)

    def get(self, headers=None, **fields):
        """Status and text of what is served for such a form."""
        address = self.address + "?" + urllib.parse.urlencode(fields)
        asked = urllib.request.Request(address, headers=headers or {})
        try:
            with urllib.request.urlopen(asked, timeout=60) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
