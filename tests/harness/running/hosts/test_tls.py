"""A scheduler behind certificates, on the loopback. Slow: every host and launch imports NumPy anew."""

import shutil
import subprocess

import pytest
from kills import Loopback

pytestmark = [
    pytest.mark.slow,
    pytest.mark.worker,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates"),
]
CHECKS = ("verify", "classic/rosenbrock", "--backend", "numpy", "-n", "smallest")
PREFIX = "DASK_DISTRIBUTED__COMM__"


def certificate(folder, name):
    """A certificate that is its own authority, and its key."""
    key, cert = folder / f"{name}-key.pem", folder / f"{name}.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    subprocess.run(["openssl", *words, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def trust(monkeypatch, pair, *roles):
    cert, key = pair
    monkeypatch.setenv(f"{PREFIX}TLS__CA_FILE", str(cert))
    for role in roles:
        monkeypatch.setenv(f"{PREFIX}TLS__{role}__CERT", str(cert))
        monkeypatch.setenv(f"{PREFIX}TLS__{role}__KEY", str(key))


def test_who_has_a_certificate_is_let_in_and_others_get_one_line(hessbench, tmp_path, monkeypatch):
    trust(monkeypatch, certificate(tmp_path, "ours"), "SCHEDULER", "WORKER", "CLIENT")
    monkeypatch.setenv(f"{PREFIX}REQUIRE_ENCRYPTION", "True")
    monkeypatch.setenv(f"{PREFIX}DEFAULT_SCHEME", "tls")
    with Loopback(tmp_path, ["a"]) as loopback:
        assert loopback.address.startswith("tls://")
        done = hessbench(*CHECKS, "--scheduler", loopback.address)
        assert done.returncode == 0, done.stderr
        assert "0 wrong" in done.stderr

        trust(monkeypatch, certificate(tmp_path, "theirs"), "CLIENT")
        plain = loopback.address.replace("tls://", "tcp://")
        for address in (loopback.address, plain):
            refused = hessbench(*CHECKS, "--scheduler", address)
            assert refused.returncode == 2
            assert len(refused.stderr.splitlines()) == 1
            assert "refuses this connection" in refused.stderr
    nobody = hessbench(*CHECKS, "--scheduler", loopback.address)
    assert nobody.returncode == 2
    assert nobody.stderr.startswith("hessbench: no scheduler answers at tls://")
