"""Examples of the guide, in curl and in Python. A test runs every one of them as it stands here.

``{house}`` is the address of the house; the token is in the environment, as ``HUOSHUI_TOKEN``.
"""

from __future__ import annotations

from dataclasses import dataclass

from huoshui.kernel.texts import Text

START = """\
import os

import requests

house = requests.Session()
house.headers["Authorization"] = "Bearer " + os.environ["HUOSHUI_TOKEN"]
url = "{house}/api"
"""
"""What every example in Python begins with."""


@dataclass(frozen=True, slots=True)
class Example:
    """Something that people do, twice: ``python`` goes on where `START` ends."""

    slug: str
    title: Text
    note: Text
    curl: str
    python: str

    def curl_at(self, url: str) -> str:
        """For a shell, against the house at ``url``."""
        return self.curl.replace("{house}", url)

    def python_at(self, url: str, *, whole: bool = False) -> str:
        """For Python; ``whole`` with `START`, so that it can be run."""
        return (f"{START}\n{self.python}" if whole else self.python).replace("{house}", url)


EXAMPLES = (
    Example(
        "me",
        Text("Who am I, and what may I do?", "我是谁，有哪些权限？"),
        Text("The first call with a new token.", "拿到新令牌后的第一次调用。"),
        """\
curl -sS --fail-with-body "{house}/api/me" -H "Authorization: Bearer $HUOSHUI_TOKEN"
""",
        """\
me = house.get(f"{url}/me").json()
print(me["email"], [one["right"] for one in me["rights"]])
""",
    ),
    Example(
        "customers",
        Text("All active customers, page by page", "逐页读取全部活跃客户"),
        Text(
            "Conditions are those in the address of the list of customers: filter there, copy what stands behind "
            "the question mark.",
            "条件与客户列表地址栏中的一致：在列表里筛选好，复制问号后面的部分即可。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/customers?stage=active&columns=net_monetary&limit=100" \\
  -H "Authorization: Bearer $HUOSHUI_TOKEN"
""",
        """\
asked = {"stage": "active", "columns": ["net_monetary", "city"], "limit": 100}
while True:
    page = house.get(f"{url}/customers", params=asked).json()
    for customer in page["items"]:
        print(customer["customer_id"], customer["name"], customer["values"]["net_monetary"])
    if not page["next_cursor"]:
        break
    asked["cursor"] = page["next_cursor"]
""",
    ),
    Example(
        "change",
        Text("Find a customer and change a value", "查找客户并修改一个值"),
        Text(
            "By the shop's number, a phone or an e-mail. If-Match says which version you saw: a change that somebody "
            "else made meanwhile is not lost.",
            "可用店铺客户编号、手机号或邮箱查找。If-Match 说明你看到的是哪个版本，他人期间的改动不会丢失。",
        ),
        """\
curl -sS --fail-with-body -G "{house}/api/customers/find" --data-urlencode "identity=10" \\
  -H "Authorization: Bearer $HUOSHUI_TOKEN"
""",
        """\
(found,) = house.get(f"{url}/customers/find", params={"identity": "10"}).json()["items"]
address = f"{url}/customers/{found['customer_id']}"
seen = house.get(address).headers["ETag"]
changed = house.patch(address, json={"attributes": {"city": "Paris"}}, headers={"If-Match": seen})
changed.raise_for_status()
""",
    ),
    Example(
        "task",
        Text("Add a task, exactly once", "新增待办，且只新增一次"),
        Text(
            "Send the request again with the same Idempotency-Key as often as the network fails: it is done once.",
            "网络出错时，用同一个 Idempotency-Key 重发即可，不会重复执行。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/tasks" -H "Authorization: Bearer $HUOSHUI_TOKEN" \\
  -H "Content-Type: application/json" -H "Idempotency-Key: order-1017-call" \\
  -d '{"title": "Call about order 1017", "due": "2027-01-15", "priority": "high"}'
""",
        """\
task = {"title": "Call about order 1018", "due": "2027-01-15", "priority": "high"}
for _ in range(2):
    made = house.post(f"{url}/tasks", json=task, headers={"Idempotency-Key": "order-1018-call"})
    made.raise_for_status()
    print(made.json()["task_id"])
""",
    ),
    Example(
        "metric",
        Text("Revenue of each month", "每月的销售额"),
        Text(
            "The number of the pages, also split by dimensions (by=stage) or within a slice (where=stage:active).",
            "与页面上的数字相同；可按维度拆分（by=stage），也可只看一个切片（where=stage:active）。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/metrics/revenue?since=2024-01-01&until=2024-02-29&each=month" \\
  -H "Authorization: Bearer $HUOSHUI_TOKEN"
""",
        """\
asked = {"since": "2024-01-01", "until": "2024-02-29", "each": "month"}
for month in house.get(f"{url}/metrics/revenue", params=asked).json()["periods"]:
    print(month["since"], month["cells"][0]["value"])
""",
    ),
    Example(
        "segment",
        Text("A segment: made, counted, read", "分群：新建、计数、读取成员"),
        Text(
            "Rules are those of the page of the segment; their schema is at /api/segments/schema. "
            "The key keeps the segment from being made twice.",
            "规则与分群页面上的 JSON 相同，格式说明见 /api/segments/schema。带上幂等键，分群不会重复创建。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/segments/count" -H "Authorization: Bearer $HUOSHUI_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"rule": {"all": [{"trait": "frequency", "op": ">=", "value": 2}, {"not": {"tag": "staff"}}]}}'
""",
        """\
rule = {"all": [{"trait": "frequency", "op": ">=", "value": 2}, {"not": {"tag": "staff"}}]}
named = {"name": "Regulars", "rule": rule}
made = house.post(f"{url}/segments", json=named, headers={"Idempotency-Key": "segment-regulars"})
made.raise_for_status()
segment = made.json()
print(segment["slug"], segment["count"], "of", segment["customers"])
for customer_id in house.get(f"{url}/segments/{segment['slug']}/members").json()["items"]:
    why = house.get(f"{url}/segments/{segment['slug']}/why/{customer_id}").json()
    print(customer_id, [(one["sentence"], one["shown"]) for one in why["clauses"]])
""",
    ),
    Example(
        "trait",
        Text("A trait of your own: looked at, defined, used", "自定义特征：预览、新建、使用"),
        Text(
            "Definitions are those of the page of the trait; their schema is at /api/traits/schema. "
            "A segment counts with a new trait at once, lists show it after the next refresh.",
            "定义与特征页面上的 JSON 相同，格式说明见 /api/traits/schema。分群立即按新特征计数，列表在下次刷新后显示。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/traits/preview" -H "Authorization: Bearer $HUOSHUI_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"label_en": "Orders of 90 days", "definition": {"of": "orders", "take": "count", "within_days": 90}}'
""",
        """\
spent = {"of": "orders", "take": "sum", "property": "revenue", "within_days": 90}
named = {"slug": "spent_recently", "label_en": "Spent in 90 days", "label_zh": "近 90 天消费", "definition": spent}
made = house.post(f"{url}/traits", json=named, headers={"Idempotency-Key": "trait-spent"})
made.raise_for_status()
rule = {"trait": "spent_recently", "op": ">", "value": 100}
print(house.post(f"{url}/segments/count", json={"rule": rule}).json()["count"])
""",
    ),
    Example(
        "value",
        Text("What customers are worth, and who is behind a number", "客户价值，以及数字背后的客户"),
        Text(
            "What the pages of value, lifecycle and cohorts show. Each number has a group: its customers are asked for "
            "with in=, in lists and exports too.",
            "与价值、生命周期、同期群页面的内容相同。每个数字都带有 group：用 in= 即可取得背后的客户，"
            "列表和导出同样可用。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/value?days=90" -H "Authorization: Bearer $HUOSHUI_TOKEN"
""",
        """\
value = house.get(f"{url}/value", params={"days": 90}).json()
for one in value["classes"]:
    print(one["label"], one["customers"], one["expected"], one["should_get"])
groups = [one["group"] for one in value["movement"] if one["before"] == "high" and one["after"] == "at_risk"]
for group in filter(None, groups):
    print(house.get(f"{url}/populations/members", params={"in": group}).json()["items"])
life = house.get(f"{url}/lifecycle").json()
print({one["stage"]: one["customers"] for one in life["soon"] if one["days"] == 30})
for model in house.get(f"{url}/models").json()["items"]:
    print(model["label"], model["in_use"]["enough"], model["in_use"]["reasons"])
""",
    ),
    Example(
        "import",
        Text("Import a file: dry run, then load", "导入文件：先试运行，再导入"),
        Text(
            "Nothing is loaded by the dry run. The load is a job; a load can be taken back.",
            "试运行不会写入任何数据。导入在后台进行；导入后可以撤销。",
        ),
        """\
printf 'Customer ID,Name,City\\n77,Clara,Blackpool\\n' > people.csv
curl -sS --fail-with-body "{house}/api/imports/files" -H "Authorization: Bearer $HUOSHUI_TOKEN" -F file=@people.csv
""",
        """\
import time

rows = "Customer ID,Name,City\\n78,Bill,Bristol\\n"
sent = house.post(f"{url}/imports/files", files={"file": ("people.csv", rows)})
sent.raise_for_status()
file = f"{url}/imports/files/{sent.json()['token']}"
tried = house.post(f"{file}/check").json()
print(tried["report"]["loaded"], "rows would be loaded", tried["report"]["rejections"])
job = house.post(f"{file}/load").json()
while job["state"] in ("waiting", "running"):
    time.sleep(0.2)
    job = house.get(f"{url}/jobs/{job['job_id']}").json()
print(job["note"])
assert job["state"] == "done"
""",
    ),
    Example(
        "export",
        Text("Export customers to a file", "把客户导出为文件"),
        Text(
            "The file is kept for some days, for the colleague whose token it was.",
            "文件保留若干天，仅限令牌所属的同事下载。",
        ),
        """\
curl -sS --fail-with-body "{house}/api/exports" -H "Authorization: Bearer $HUOSHUI_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"conditions": "stage=active", "format": "csv", "columns": ["city", "net_monetary"]}'
""",
        """\
import time

asked = {"conditions": "stage=active", "format": "parquet", "columns": ["city", "net_monetary"]}
job = house.post(f"{url}/exports", json=asked).json()
while job["state"] in ("waiting", "running"):
    time.sleep(0.2)
    job = house.get(f"{url}/jobs/{job['job_id']}").json()
assert job["state"] == "done", job["note"]
content = house.get("{house}" + job["file"]).content
print(len(content), "bytes")
""",
    ),
)
