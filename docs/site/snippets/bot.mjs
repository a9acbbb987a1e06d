const { TEAHOUSE_URL, TEAHOUSE_TOKEN } = process.env;
const address = `${TEAHOUSE_URL.replace(/^http/, "ws")}/ws?feed`;

function connect() {
  const socket = new WebSocket(address, ["teahouse.1", `teahouse.bearer.${TEAHOUSE_TOKEN}`]);
  const send = (type, data) => socket.send(JSON.stringify({ type, data }));
  socket.onopen = () => send(10, { v: 1 });
  socket.onmessage = ({ data: frame }) => {
    const { type, data } = JSON.parse(frame);
    if (type === 6 && data === "ping") send(6, "pong");
    if (type !== 17 || data.kind !== "message") return;
    const { id, by, content } = data.message;
    if (by.bot || !content.startsWith("!dice")) return;
    const eyes = 1 + Math.floor(Math.random() * 6);
    send(12, { nonce: crypto.randomUUID(), room: data.room, reply: id, content: `🎲 ${eyes}` });
  };
  socket.onclose = () => setTimeout(connect, 2_000);
}

connect();
