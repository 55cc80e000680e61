"""Several callers at once: answers that get lost, writers that meet, and a publish between and during requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from kith_runtime.workspace import open_workspace
from support.api_client import Api, ApiSite
from support.yaml_workspace import YamlWorkspace

CUSTOMERS = "/api/v1/shop.customer"

NICKNAME = """
    entity: customer
    label: Customer
    plural: Customers
    activities: true
    fields:
      name: {type: text, required: true, unique: true, max_length: 40, search: true}
      country: {type: choice, options: {de: {label: Germany}, nl: {label: Netherlands}}}
      rating: {type: integer, min: 0, max: 100, default: 3}
      salary: {type: integer, sensitivity: restricted}
      badge: {type: text, unique: true, sensitivity: restricted, search: true}
      vat: {type: text}
      site: {type: text}
      partner: {type: lookup, to: customer, on_delete: clear}
      NEW
    keys:
      by_vat: {fields: [vat, site]}
    """


def with_field(name: str) -> dict[str, str]:
    """Return the customer with one more field."""
    return {"shop/customer.yaml": NICKNAME.replace("NEW", f"{name}: {{type: text, default: {name}}}")}


def test_a_lost_answer_is_asked_for_again(sam: Api, sue: Api) -> None:
    key = {"Idempotency-Key": "import-7"}
    first = sam.post(CUSTOMERS, {"name": "Acme"}, key)
    again = sam.post(CUSTOMERS, {"name": "Acme"}, key)
    assert (again.status_code, again.json) == (201, first.json)
    other = sam.post(CUSTOMERS, {"name": "Bolt"}, key)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert sue.post(CUSTOMERS, {"name": "Bolt"}, key).status_code == 201
    assert sam.get(CUSTOMERS, count="exact").json["count"] == 2
    refused = sam.post(CUSTOMERS, {"name": ""}, {"Idempotency-Key": "import-8"})
    assert refused.status_code == 422
    assert sam.post(CUSTOMERS, {"name": "Now"}, {"Idempotency-Key": "import-8"}).status_code == 201
    for wrong in ("", " ", "x" * 201, "\u00e9"):
        assert sam.post(CUSTOMERS, {"name": "Wrong"}, {"Idempotency-Key": wrong}).status_code in (400, 422, 201)


def test_many_with_one_key_make_one_record(site: ApiSite) -> None:
    secret = site.token(site.crm.people["sam"])
    go = Event()

    def send(_: int) -> tuple[int, str]:
        api = Api(site.app, secret)
        api.checks = False
        go.wait(5)
        answer = api.post(CUSTOMERS, {"name": "Acme"}, {"Idempotency-Key": "same"})
        return answer.status_code, answer.json.get("id", answer.json.get("code"))

    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(send, range(8))
        go.set()
        answers = set(sent)
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert Api(site.app, secret).get(CUSTOMERS, count="exact").json["count"] == 1


def test_another_app_sees_a_publish_with_the_next_request(site: ApiSite) -> None:
    settings, clock = site.crm.workspace.settings, site.crm.workspace.clock
    workspace = open_workspace(settings, clock=clock)
    try:
        other = ApiSite(YamlWorkspace(workspace, site.crm.folder, site.crm.people))
        api = other.client(site.crm.people["sam"])
        tag = api.http.get("/api/v1/openapi.json", headers=api.headers).headers["ETag"]
        assert api.post(CUSTOMERS, {"name": "Acme", "nickname": "A"}).status_code == 422
        site.crm.publish(with_field("nickname"))
        made = api.post(CUSTOMERS, {"name": "Acme", "nickname": "A"})
        assert (made.status_code, made.json["nickname"]) == (201, "A")
        assert api.get(CUSTOMERS, where='nickname == "A"', fields="nickname").json["data"] == [{"nickname": "A"}]
        anew = api.http.get("/api/v1/openapi.json", headers={**api.headers, "If-None-Match": tag})
        assert anew.status_code == 200
        assert "nickname" in anew.get_data(as_text=True)
    finally:
        workspace.close()


def test_a_publish_during_requests_fails_none_and_mixes_nothing(site: ApiSite) -> None:
    secret = site.token(site.crm.people["sam"])
    seed = Api(site.app, secret)
    for number in range(20):
        seed.post(CUSTOMERS, {"name": f"C{number}"})
    done = Event()

    def work(worker: int) -> list[str]:
        api = Api(site.app, secret)
        api.checks = False
        wrong = []
        for number in range(10_000):
            if done.is_set():
                break
            listed = api.get(CUSTOMERS, limit=20)
            shapes = {tuple(row) for row in (listed.json or {}).get("data", [])}
            if listed.status_code != 200 or len(shapes) != 1:
                wrong.append(f"{listed.status_code} {shapes}")
            made = api.post(CUSTOMERS, {"name": f"W{worker}-{number}"})
            if made.status_code != 201:
                wrong.append(f"{made.status_code} {made.data!r}")
            elif extra := {"extra0", "extra1", "extra2"} & set(made.json):
                wrong += [f"{name} has no default" for name in extra if made.json[name] != name]
        return wrong

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(work, worker) for worker in range(3)]
        try:
            for number in range(3):
                site.crm.publish(with_field(f"extra{number}"), accept_loss=True)
        finally:
            done.set()
        assert [problem for worker in workers for problem in worker.result()] == []
    assert seed.get(CUSTOMERS, fields="extra2").status_code == 200
