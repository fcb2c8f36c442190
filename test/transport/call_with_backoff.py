# The guide's decorator, as it prints it, over the standard library's HTTP client. Waiting is recorded instead of done.
# Reads {"url", "authorization", "arguments"} from standard input; prints {"status", "body", "slept"}.
import asyncio, json, random, sys, urllib.error, urllib.request


async def call_with_backoff(fn, *args, max_attempts=4, **kwargs):
    for attempt in range(max_attempts):
        resp = await fn(*args, **kwargs)
        if resp.status_code != 429:
            return resp
        reset = int(resp.headers.get("ratelimit-reset", "2"))
        jitter = random.uniform(0, 1)
        await asyncio.sleep(min(reset, 30) + jitter)
    raise RuntimeError("Rate limit budget exhausted")


class Resp:
    def __init__(self, status_code, headers, text):
        self.status_code, self.headers, self.text = status_code, headers, text


async def post(url, authorization, arguments):
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(arguments).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return Resp(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Resp(error.code, error.headers, error.read().decode())


slept = []


async def record(seconds):
    slept.append(seconds)


asyncio.sleep = record
given = json.load(sys.stdin)
try:
    resp = asyncio.run(call_with_backoff(post, given["url"], given["authorization"], given["arguments"]))
    print(json.dumps({"status": resp.status_code, "body": json.loads(resp.text), "slept": slept}))
except RuntimeError as error:
    print(json.dumps({"error": str(error), "slept": slept}))
