// Uploads a file by the public tus client, as it is published.
//
//   node upload.js '{"endpoint", "cookie", "file", "as": "pieces" | "cut" | "at once"}'
//
// Prints {"url", "resumed"}: the address of the upload, and the offset at which it went on, or null.

import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { DefaultHttpStack, Upload } from "tus-js-client";

const { endpoint, cookie, file, as } = JSON.parse(process.argv[2]);
const bytes = readFileSync(file);
const MIB = 1 << 20;

/** The offset that the server told when the upload went on. */
let resumed = null;

/** Runs an upload to its end, or until one of its callbacks calls `leave`; gives its address. */
function run(options) {
    return new Promise((resolve, reject) => {
        const leave = () => upload.abort().then(() => resolve(upload.url), reject);
        const upload = new Upload(bytes, {
            endpoint,
            retryDelays: null,
            headers: { Cookie: cookie, "Sec-Fetch-Site": "same-origin" },
            metadata: { filename: "tea.bin", filetype: "application/octet-stream" },
            onAfterResponse(request, response) {
                if (request.getMethod() === "HEAD") {
                    resumed = Number(response.getHeader("Upload-Offset"));
                }
            },
            onSuccess: () => resolve(upload.url),
            onError: reject,
            ...options(leave),
        });
        upload.start();
    });
}

/** Connections, the first of which is lost once more than 1 MiB has left on it. */
class LossyAgent extends Agent {
    #lost = false;

    createConnection(...args) {
        const socket = super.createConnection(...args);
        socket.on("drain", () => {
            if (!this.#lost && socket.bytesWritten > MIB) {
                this.#lost = true;
                socket.destroy(new Error("the connection is lost"));
            }
        });
        return socket;
    }
}

const ways = {
    // Pieces of 1 MiB; the client is left after the second, and another one goes on.
    async pieces() {
        const chunkSize = MIB;
        const url = await run((leave) => ({
            chunkSize,
            onChunkComplete: (_size, offset) => offset >= 2 * MIB && leave(),
        }));
        return run(() => ({ chunkSize, uploadUrl: url }));
    },
    // All in one piece, in the middle of which the connection is lost; the client goes on by itself.
    async cut() {
        const httpStack = new DefaultHttpStack({ agent: new LossyAgent() });
        return run(() => ({ httpStack, retryDelays: [0] }));
    },
    // All of it with the announcement.
    async "at once"() {
        return run(() => ({ uploadDataDuringCreation: true }));
    },
};

const url = await ways[as]();
process.stdout.write(JSON.stringify({ url, resumed }));
