// Puts a room of Teahouse into a page of another site: a bubble in its corner, or <teahouse-room> inside it. A plain script, without
// anything that a strict Content-Security-Policy refuses. docs/site/embed.md says what an owner writes.
(() => {
  "use strict";
  const script = document.currentScript;
  const HOUSE = new URL(script.src).origin;
  const queue = window.Teahouse;
  // A page that swaps its body may run the script again.
  if (queue && !Array.isArray(queue)) return;

  const DAY = 86400000, PHONE = matchMedia("(max-width: 480px)");
  const WORDS = {
    en: { chat: "Chat", open: "Open the chat", close: "Close the chat", unread: (n) => n + " unread" },
    zh: { chat: "聊天", open: "打开聊天", close: "关闭聊天", unread: (n) => n + " 条未读" },
  };
  const STYLE = [
    ":host { all: initial; display: block; color-scheme: light dark }",
    ":host([data-theme=light]) { color-scheme: light } :host([data-theme=dark]) { color-scheme: dark }",
    "[hidden] { display: none !important }",
    "iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; color-scheme: inherit }",
    ":host(teahouse-room) { block-size: var(--height, 32rem); overflow: hidden; border: 1px solid light-dark(#ddd8cd, #453f35); border-radius: .75rem }",
    ".bubble, .panel { position: fixed; z-index: 2147483000; inset-inline-end: max(1.25rem, env(safe-area-inset-right)) }",
    ":host([data-position=left]) :is(.bubble, .panel) { inset-inline: max(1.25rem, env(safe-area-inset-left)) auto }",
    ".bubble { inset-block-end: max(1.25rem, env(safe-area-inset-bottom)); inline-size: 3.5rem; block-size: 3.5rem; padding: 0; border: 0; border-radius: 50%; cursor: pointer; display: grid; place-items: center;",
    "background: var(--accent, #1d6b50); color: #fff; box-shadow: 0 4px 16px #0004; font: 600 .8rem/1.35rem system-ui, sans-serif }",
    "@supports (color: oklch(from red l 0 0)) { .bubble { color: oklch(from var(--accent, #1d6b50) clamp(0, (.68 - l) * 1000, 1) 0 0) } }",
    ".bubble:focus-visible { outline: 3px solid var(--accent, #1d6b50); outline-offset: 3px }",
    ".bubble svg { inline-size: 1.75rem; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }",
    ".bubble b { position: absolute; inset-block-start: -.25rem; inset-inline-end: -.25rem; min-inline-size: 1.35rem; box-sizing: border-box; padding-inline: .35rem; border-radius: 1rem; background: #b03a1c; color: #fff }",
    ".panel { inset-block-end: calc(max(1.25rem, env(safe-area-inset-bottom)) + 4.5rem); inline-size: min(24rem, 100vw - 2.5rem); block-size: min(40rem, 100dvh - 7rem); display: flex; flex-direction: column; overflow: hidden;",
    "border-radius: 1rem; background: light-dark(#fcfbf8, #1a1712); color: light-dark(#2b2721, #e8e4dc); box-shadow: 0 8px 40px #0005; outline: 0 }",
    ".panel header { display: none; align-items: center; padding: env(safe-area-inset-top) .25rem 0 1rem; font: 600 1rem/2.75rem system-ui, sans-serif; border-block-end: 1px solid light-dark(#ddd8cd, #453f35) }",
    ".panel header span { flex: 1 }",
    ".panel header button { inline-size: 2.75rem; block-size: 2.75rem; border: 0; background: none; color: inherit; font: 1.5rem/1 system-ui, sans-serif; cursor: pointer }",
    ".panel iframe { flex: 1; min-block-size: 0 }",
    "@media (max-width: 480px) {",
    ".panel, :host([data-position=left]) .panel { inset: 0; inline-size: auto; block-size: 100vh; block-size: 100dvh; border-radius: 0; padding-block-end: env(safe-area-inset-bottom) }",
    ".panel header { display: flex }",
    ".bubble[aria-expanded=true] { visibility: hidden }",
    "}",
    "@media (forced-colors: active) { .bubble, .panel { border: 2px solid ButtonText } }",
    "@media (prefers-reduced-motion: no-preference) { .panel { animation: in .15s } @keyframes in { from { opacity: 0; translate: 0 .5rem } } }",
    "@media print { .bubble, .panel { display: none } }",
  ].join(" ");

  const listeners = {};
  const frames = new Set();
  let sheet;

  function emit(frame, name, detail) {
    for (const fn of listeners[name] || []) {
      // One that fails keeps nothing from the others.
      try {
        fn(detail);
      } catch (error) {
        reportError(error);
      }
    }
    frame.element?.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function stored(key, value) {
    try {
      if (value) localStorage.setItem(key, value);
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function make(tag, props, ...children) {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  }

  /** What an attribute says: of the script as `data-…`, of the element plain. */
  function options(element) {
    const read = (name) => element.getAttribute((element === script ? "data-" : "") + name);
    return {
      room: read("room") || "1", identity: read("identity"), lang: read("lang"), theme: read("theme"), accent: read("accent"), position: read("position"),
      badge: read("badge") || "returning", keep: read("keep") !== "off", height: read("height"), credentialless: read("credentialless") !== null,
    };
  }

  /** One room in one frame, and the wire to it. Nothing is asked for before it is loaded. */
  class Frame {
    constructor(look, root, element) {
      this.look = look;
      this.root = root;
      this.element = element;
      this.shown = false;
      frames.add(this);
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
      this.shadow = root.attachShadow({ mode: "open" });
      this.shadow.adoptedStyleSheets = [sheet];
      this.place = this.shadow;
      this.dress();
    }

    get words() {
      return WORDS[this.lang];
    }

    get lang() {
      return /^zh/i.test(this.look.lang || document.documentElement.lang || navigator.language) ? "zh" : "en";
    }

    dress() {
      const { accent, theme, position, height } = this.look;
      const set = (name, value) => (value ? this.root.style.setProperty(name, value) : this.root.style.removeProperty(name));
      set("--accent", accent && CSS.supports("color", accent) && accent);
      set("--height", height);
      this.root.dataset.theme = theme || "auto";
      this.root.dataset.position = position || "right";
    }

    get address() {
      return `${HOUSE}/embed/rooms/${encodeURIComponent(this.look.room)}?host=${encodeURIComponent(location.origin)}&lang=${this.lang}`;
    }

    load() {
      if (this.frame) return;
      const frame = this.frame = make("iframe", { title: this.words.chat, allow: "clipboard-write; microphone; fullscreen" });
      if (this.look.credentialless) frame.credentialless = true;
      // Each load is a document that knows nothing yet.
      frame.onload = () => this.greet();
      frame.src = this.address;
      this.place.append(frame);
    }

    greet() {
      const { port1, port2 } = new MessageChannel();
      this.port?.close();
      this.port = port1;
      port1.onmessage = ({ data }) => this.heard(data);
      const { room, accent, theme, lang, identity, keep } = this.look;
      const visitor = keep && stored("teahouse.visitor") || undefined;
      this.frame.contentWindow.postMessage({
        teahouse: 1, type: "hello", look: { room, accent, theme, lang }, visitor, shown: this.shown, identity: Boolean(identity), bubble: !this.element,
      }, HOUSE, [port2]);
      // A new document in the frame has not got the focus that its frame has.
      if (this.shadow.activeElement === this.frame) {
        this.frame.blur();
        this.frame.focus();
      }
    }

    tell(type, data) {
      this.port?.postMessage({ type, ...data });
    }

    heard({ type, ...data }) {
      if (type === "token") this.identify();
      else if (type === "keep") this.look.keep && stored("teahouse.visitor", data.visitor);
      else if (type === "close") this.close?.();
      else if (["ready", "unread", "message", "identity", "error"].includes(type)) {
        if (type === "unread") this.count?.(data.unread);
        emit(this, type, data);
      }
    }

    /** Asks the site who is here, and tells the frame; when the site does not answer the frame is told that, too. */
    async identify() {
      let { identity } = this.look;
      try {
        if (typeof identity === "function") identity = await identity();
        else if (identity && !/^[\w-]+(\.[\w-]+){2}$/.test(identity)) {
          const answer = await fetch(identity, { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(10000) });
          if (!answer.ok) throw 0;
          identity = answer.status === 204 ? null : (await answer.json()).token;
        }
        this.tell("identify", { token: identity || null });
      } catch {
        emit(this, "error", { code: "identity_failed" });
        this.tell("identify", { failed: true });
      }
    }

    show(shown) {
      this.shown = shown;
      this.load();
      this.tell("shown", { shown });
    }

    change(look) {
      const { lang } = this;
      Object.assign(this.look, look);
      this.dress();
      this.label?.();
      if (this.lang !== lang && this.frame) this.frame.src = this.address;
      else this.tell("look", { accent: this.look.accent, theme: this.look.theme });
    }

    end() {
      frames.delete(this);
      this.port?.close();
      this.frame?.remove();
      this.frame = this.port = null;
    }
  }

  /** A bubble in the corner and the panel that it opens. It stands beside the body, which sites swap. */
  class Bubble extends Frame {
    constructor(look) {
      super(look, document.createElement("div"));
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const path = document.createElementNS(svg.namespaceURI, "path");
      svg.setAttribute("viewBox", "0 0 24 24");
      svg.setAttribute("aria-hidden", "true");
      path.setAttribute("d", "M4 5h16v11H10l-4 4v-4H4z");
      svg.append(path);
      this.number = make("b", { hidden: true });
      this.button = make("button", { type: "button", className: "bubble", onclick: () => this.toggle() }, svg, this.number);
      this.title = make("span");
      this.cross = make("button", { type: "button", textContent: "×", onclick: () => this.close() });
      this.panel = this.place = make("div", { className: "panel", role: "dialog", hidden: true, tabIndex: -1 }, make("header", {}, this.title, this.cross));
      this.shadow.append(this.button, this.panel);
      this.shadow.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
      PHONE.addEventListener("change", () => this.lock());
      this.waiting = 0;
      this.label();
      document.documentElement.append(this.root);
      const { badge } = look;
      if (badge === "live" || (badge === "returning" && Date.now() - stored("teahouse.opened") < 7 * DAY)) this.load();
    }

    label() {
      const { words, waiting, isOpen } = this;
      this.button.ariaExpanded = String(isOpen);
      this.button.ariaLabel = (isOpen ? words.close : words.open) + (waiting ? `, ${words.unread(waiting)}` : "");
      this.cross.ariaLabel = words.close;
      this.panel.ariaLabel = this.title.textContent = words.chat;
      this.number.textContent = waiting > 99 ? "99+" : waiting;
      this.number.hidden = !waiting;
      this.root.lang = this.lang;
      if (this.frame) this.frame.title = words.chat;
    }

    get isOpen() {
      return !this.panel.hidden;
    }

    count(n) {
      this.waiting = n;
      this.label();
    }

    open() {
      if (this.isOpen) return;
      this.before = document.activeElement;
      this.panel.hidden = false;
      stored("teahouse.opened", Date.now());
      this.show(true);
      this.frame.focus();
      this.label();
      this.lock();
      emit(this, "open", {});
    }

    close() {
      if (!this.isOpen) return;
      this.panel.hidden = true;
      this.show(false);
      this.label();
      this.lock();
      this.button.focus();
      // Whoever opened it from elsewhere in the page goes back there.
      if (this.before !== document.body && this.before !== this.root) this.before?.focus();
      emit(this, "close", {});
    }

    toggle() {
      if (this.isOpen) this.close();
      else this.open();
    }

    /** A panel over the whole of a phone: what is below does not scroll, and cannot be reached. */
    lock() {
      const over = this.isOpen && PHONE.matches;
      document.documentElement.style.overflow = over ? "hidden" : "";
      document.body.inert = over;
    }

    end() {
      if (this.isOpen) this.close();
      super.end();
      this.root.remove();
    }
  }

  class Room extends HTMLElement {
    connectedCallback() {
      // Its shadow root stays when the element is moved.
      if (this.teahouse) frames.add(this.teahouse);
      else this.teahouse = new Frame(options(this), this, this);
      this.near = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && !this.teahouse.frame && this.teahouse.show(true), { rootMargin: "200px" });
      this.near.observe(this);
    }

    disconnectedCallback() {
      this.near.disconnect();
      this.teahouse.end();
    }
  }

  let bubble;
  const first = () => bubble || [...frames][0];
  const each = (act) => frames.forEach(act);

  const api = window.Teahouse = {
    open: () => bubble?.open(),
    close: () => bubble?.close(),
    toggle: () => bubble?.toggle(),
    /** Another person: a token, what gives one, or null for nobody. */
    identify: (identity) => each((frame) => {
      frame.look.identity = identity || (() => null);
      frame.tell("again");
    }),
    signOut: () => each((frame) => {
      if (frame.look.identity) frame.look.identity = () => null;
      frame.tell("sign-out");
    }),
    look: (look) => each((frame) => frame.change(look)),
    room: (id) => {
      const frame = first();
      if (!frame) return;
      frame.look.room = String(id);
      frame.tell("room", { room: Number(id) });
    },
    destroy: () => {
      each((frame) => frame.end());
      bubble = null;
    },
    on: (name, fn) => {
      (listeners[name] ||= new Set()).add(fn);
      return () => listeners[name].delete(fn);
    },
    push: (fn) => fn(api),
  };

  function begin() {
    if (!customElements.get("teahouse-room")) customElements.define("teahouse-room", Room);
    if (script.dataset.bubble !== "off") bubble = new Bubble(options(script));
    if (queue) queue.forEach((fn) => fn(api));
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
