"""A mail server that hangs holds nobody for long, whatever the environment says of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kjreport.launch import HOUSE

SAY = "import json; from django.conf import settings; print(json.dumps(settings.MAILERS['default']['OPTIONS']))"


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ('{"host": "smtp.example.org"}', {"host": "smtp.example.org", "timeout": 30}),
        ('{"timeout": 5}', {"timeout": 5}),
    ],
)
def test_smtp_waits_half_a_minute_unless_told_otherwise(given: str, options: dict[str, object], tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kjreport.settings",
        "VAR_DIR": str(tmp_path),
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_OPTIONS": given,
    }
    command = [sys.executable, "-c", SAY]
    done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == options
