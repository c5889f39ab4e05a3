import pytest


def test_each_item_of_a_batch_is_added_or_fails_for_itself(world, device):
    scopes = [{"localPath": "/photos"}, {"localPath": "photos"}]
    answer = world.api("POST", f"/device/{device}/scope", {"moduleCode": "100", "scopeList": scopes})
    assert [scope["localPath"] for scope in answer["scopeList"]] == ["/photos"]
    assert [scope["errorCode"] for scope in answer["failedScopeList"]] == ["13000102"]


def test_a_device_that_was_never_bound_is_refused(world):
    assert world.api("GET", "/device/mistyped/scope?moduleCode=100")["code"] == 13000309


@pytest.mark.parametrize(("passed", "code"), [("PT9M59.999S", 0), ("PT10M", 13990424)])
def test_a_lock_lives_ten_minutes(world, passed, code):
    world.dial("PATCH", "/clock", {"frozen": True})
    lock_id = world.api("POST", "/lock", {"moduleCode": "100"})["data"]["lockId"]
    world.dial("PATCH", "/clock", {"advance": passed})
    assert world.api("PATCH", "/lock", lock_id=lock_id)["code"] == code


def test_a_batch_whose_answer_was_lost_is_there_once(world, device):
    fault = {"operations": ["batchAddBackupScope"], "when": {"first": 1}, "effect": {"type": "loseAnswer"}}
    world.dial("POST", "/faults", fault)
    batch = {"moduleCode": "100", "scopeList": [{"localPath": "/photos"}]}
    with pytest.raises(OSError):
        world.api("POST", f"/device/{device}/scope", batch)
    again = world.api("POST", f"/device/{device}/scope", batch)
    assert [scope["errorCode"] for scope in again["failedScopeList"]] == ["13990410"]


def test_a_lock_that_is_kept_is_found_by_the_review(world):
    world.api("POST", "/lock", {"moduleCode": "100"})
    findings = world.dial("GET", "/review")["findings"]
    assert [finding["rule"] for finding in findings] == ["lock-never-released"]
