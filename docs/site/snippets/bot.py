import json, os, time, urllib.error, urllib.request

def call(method, path, body=None, key="-"):
    request = urllib.request.Request(
        f"{os.environ['TEAHOUSE_URL']}/api/v1/{path}", body and json.dumps(body).encode(), method=method,
        headers={"Authorization": f"Bearer {os.environ['TEAHOUSE_TOKEN']}",
                 "Content-Type": "application/json", "Idempotency-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer: return json.load(answer)
    except urllib.error.HTTPError as refused:
        if method == "GET" or refused.code > 404: raise

after = ""
while True:
    try:
        heard = call("GET", f"bot/events?after={after}")
        for room, event in ((one["room"]["id"], one["event"]) for one in heard["events"]):
            if event.get("message", {}).get("content", "").startswith("!time"):
                answer = {"content": time.strftime("🕰 %H:%M"), "reply": event["message"]["id"]}
                call("POST", f"rooms/{room}/messages", answer, key=f"time {answer['reply']}")
        after = heard["next"]
    except OSError as error: print(error), time.sleep(2)
