// Go 1.18 or newer. The key and the address of the chat come from the environment, as `teahouse site-key` prints them.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

func teahouseToken(userID, name string) string {
	kid, key, _ := strings.Cut(os.Getenv("TEAHOUSE_SITE_KEY"), ":")
	secret, _ := base64.RawURLEncoding.DecodeString(key)
	id, now := make([]byte, 16), time.Now().Unix()
	if _, err := rand.Read(id); err != nil {
		panic(err)
	}
	header, _ := json.Marshal(map[string]any{"alg": "HS256", "typ": "JWT", "kid": kid})
	claims, _ := json.Marshal(map[string]any{"iss": "site", "aud": os.Getenv("TEAHOUSE_URL"), "sub": userID, "name": name,
		"iat": now, "exp": now + 60, "jti": hex.EncodeToString(id)})
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func main() { fmt.Println(teahouseToken(os.Args[1], os.Args[2])) }
