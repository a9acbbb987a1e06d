import json, os, time, urllib.request

def call(method, path, body=None, key="-"):
    request = urllib.request.Request(
        f"{os.environ['TEAHOUSE_URL']}/api/v1/{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {os.environ['TEAHOUSE_TOKEN']}",
                 "Content-Type": "application/json", "Idempotency-Key": key})
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.load(answer)

newest = call("GET", "rooms/1/messages")["messages"]
last = newest[-1]["id"] if newest else 0
while True:
    for message in call("GET", f"rooms/1/messages?after={last}")["messages"]:
        last = message["id"]
        if message.get("content", "").startswith("!time") and not message["by"].get("bot"):
            answer = {"content": time.strftime("🕰 %H:%M"), "reply": last}
            call("POST", "rooms/1/messages", answer, key=f"time {last}")
    time.sleep(2)
