import json
import os
import subprocess
import time
import uuid
from datetime import datetime, timezone
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

IMAGE = "koodrive-backup-emulator"


def is_healthy(url):
    try:
        with urlopen(f"{url}/_emulator/health", timeout=2):
            return True
    except OSError:
        return False


def docker(*args):
    try:
        return subprocess.run(["docker", *args], check=True, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        pytest.exit("There is no docker here: start an emulator and name its address in KOODRIVE_URL.", 3)
    except subprocess.CalledProcessError as failure:
        pytest.exit(f"docker {args[0]} failed: {failure.stderr.strip()}", 3)


@pytest.fixture(scope="session")
def emulator():
    """The address of the emulator: what KOODRIVE_URL names, or a container for as long as the tests run."""
    url = os.environ.get("KOODRIVE_URL")
    if url is not None:
        if not is_healthy(url):
            pytest.exit(f"No emulator answers at {url}, which KOODRIVE_URL names.", 3)
        yield url
        return
    in_memory = ["--env", "KOODRIVE_EMULATOR_DB=:memory:"]
    container = docker("run", "--detach", "--rm", "--publish", "127.0.0.1::4020", *in_memory, IMAGE)
    try:
        url = f"http://{docker('port', container, '4020/tcp').splitlines()[0]}"
        deadline = time.monotonic() + 30
        while not is_healthy(url):
            if time.monotonic() > deadline:
                pytest.exit(f"The container does not answer at {url}: see docker logs {container}.", 3)
            time.sleep(0.1)
        yield url
    finally:
        docker("stop", container)


def send(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    try:
        with urlopen(Request(url, data, headers, method=method)) as response:
            text = response.read()
    except HTTPError as refusal:
        text = refusal.read()
    return json.loads(text) if text else None


class World:
    """A world of the emulator: `api` stands for your client, `dial` turns what only a test may turn."""

    def __init__(self, emulator, name):
        self.url = f"{emulator}/worlds/{name}"
        self.control = f"{emulator}/_emulator/worlds/{name}"

    def api(self, method, path, body=None, lock_id=None):
        headers = {
            "Authorization": "Bearer any-token",
            "X-User-Id": "1001",
            "X-Date": datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
        }
        if lock_id is not None:
            headers["x-backup-lock-id"] = lock_id
        return send(method, f"{self.url}/koodrive/ose/v1/backup{path}", body, headers)

    def dial(self, method, path="", body=None):
        return send(method, self.control + path, body)


@pytest.fixture
def world(emulator):
    world = World(emulator, f"pytest-{uuid.uuid4()}")
    world.dial("PUT", body={"devices": "strict"})
    yield world
    world.dial("DELETE")


@pytest.fixture
def device(world):
    return world.api("POST", "/device", {"machineCode": "LAPTOP1"})["data"]["deviceId"]
