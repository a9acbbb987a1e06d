# Python 3.8 or newer. The key and the address of the chat come from the environment, as `teahouse site-key` prints them.
import base64, hashlib, hmac, json, os, secrets, sys, time

def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def teahouse_token(user_id, name, **more):
    kid, key = os.environ["TEAHOUSE_SITE_KEY"].split(":")
    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT", "kid": kid}
    claims = {"iss": "site", "aud": os.environ["TEAHOUSE_URL"], "sub": str(user_id), "name": name,
              "iat": now, "exp": now + 60, "jti": secrets.token_hex(16), **more}
    signed = ".".join(part(json.dumps(it).encode()) for it in (header, claims))
    mac = hmac.new(base64.urlsafe_b64decode(key + "=="), signed.encode(), hashlib.sha256)
    return signed + "." + part(mac.digest())

print(teahouse_token(sys.argv[1], sys.argv[2]))
