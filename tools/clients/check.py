"""Makes one call of each subject of the API with the client that is generated from its description, and prints what came of it."""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "generated"))

from teahouse_client import AuthenticatedClient, Client  # noqa: E402
from teahouse_client.api.account import get_me  # noqa: E402
from teahouse_client.api.bots import list_bots  # noqa: E402
from teahouse_client.api.files import list_uploads  # noqa: E402
from teahouse_client.api.hooks import list_hooks  # noqa: E402
from teahouse_client.api.house import house_count_online  # noqa: E402
from teahouse_client.api.invitations import list_room_invitations  # noqa: E402
from teahouse_client.api.messages import send_message  # noqa: E402
from teahouse_client.api.people import search_people  # noqa: E402
from teahouse_client.api.rooms import list_rooms  # noqa: E402
from teahouse_client.api.server import list_nodes  # noqa: E402
from teahouse_client.models import NewMessage, RefusedAnswer  # noqa: E402

url = os.environ["TEAHOUSE_URL"]
room = int(os.environ["ROOM"])
token = AuthenticatedClient(url, token=os.environ["TEAHOUSE_TOKEN"])
house = AuthenticatedClient(url, token=os.environ["TEAHOUSE_HOUSE_TOKEN"])
browser = Client(url, headers={"Cookie": os.environ["TEAHOUSE_COOKIE"]})


def granted(answer):
    """What was answered; a refusal ends the program."""
    if answer is None or isinstance(answer, RefusedAnswer):
        raise SystemExit(f"refused: {answer}")
    return answer


said = send_message.sync(room, client=token, body=NewMessage(content="Tea?"), idempotency_key="python")
refused = send_message.sync(room, client=token, body=NewMessage(content=" "))

print(
    json.dumps(
        {
            "account": granted(get_me.sync(client=token)).me.name,
            "rooms": [one.name for one in granted(list_rooms.sync(client=token)).rooms],
            "messages": granted(said).message.content,
            "files": len(granted(list_uploads.sync(client=token)).uploads),
            "people": [one.name for one in granted(search_people.sync(client=token, q="ada")).people],
            "server": len(granted(list_nodes.sync(client=browser)).nodes),
            "bots": len(granted(list_bots.sync(client=house)).bots),
            "hooks": len(granted(list_hooks.sync(client=browser, room=room)).hooks),
            "invitations": len(granted(list_room_invitations.sync(room, client=token)).invitations),
            "house": granted(house_count_online.sync(client=house)).people,
            "refused": refused.error.code.value,
        }
    )
)
