// What the page's own markup is made of: elements.d.ts has the ids, parts and templates that tools/page/elements.js reads from templates/.
// A part that is looked for in a row or a dialog is taken to be there, as the template says.

interface Document {
  getElementById<I extends keyof ElementById>(id: I): ElementById[I];
}

/** What a selector finds: by its last part, which names an element, a class or an id. */
type Match<C extends string> =
  C extends `${string},${string}` ? HTMLElement
  : C extends `${string} ${infer Rest}` ? Match<Rest>
  : C extends `${infer Before}[${string}` ? Match<Before>
  : C extends `${infer Before}:${string}` ? Match<Before>
  : C extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[C]
  : C extends keyof ElementByClass ? ElementByClass[C]
  : C extends `#${infer I extends keyof ElementById}` ? ElementById[I]
  : C extends `${infer Before}.${string}` ? Match<Before>
  : HTMLElement;

interface ParentNode {
  querySelector<C extends string>(css: C): Match<C>;
  querySelectorAll<C extends string>(css: C): NodeListOf<Match<C>>;
}

interface Element {
  closest<C extends string>(css: C): Match<C> | null;
}

/** An event of an element: it has happened to one. */
type On<E extends Event> = E & { target: HTMLElement };
type Heard<K extends keyof HTMLElementEventMap> = On<K extends "input" ? InputEvent : HTMLElementEventMap[K]>;

interface Document {
  addEventListener<K extends keyof DocumentEventMap>(type: K, heard: (event: On<DocumentEventMap[K]>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLUListElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLOListElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLDialogElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLDivElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLTextAreaElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLInputElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLFormElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLSelectElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLSpanElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLButtonElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

interface HTMLElement {
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, heard: (event: Heard<K>) => unknown, options?: AddEventListenerOptions): void;
}

/** But for signs, elements of the page are HTML: what one looks at without a selector, too. */
interface Element {
  readonly dataset: DOMStringMap;
  hidden: boolean;
  disabled?: boolean;
  tabIndex: number;
  title: string;
  focus(options?: FocusOptions): void;
}

/** The fields of the page's forms. */
interface HTMLFormControlsCollection {
  name: HTMLInputElement;
  username: HTMLInputElement;
  password: HTMLInputElement;
  hue: NodeListOf<HTMLInputElement>;
  [name: string]: any;
}

/** W3C Manifest Incubations. */
interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<void>;
}

/** That of a frame says where it stands (embed/history.js). */
interface History {
  path?: string;
}

interface WindowEventMap {
  beforeinstallprompt: BeforeInstallPromptEvent;
}

declare var scheduler: { yield?(): Promise<void> } | undefined;

/** The ids of a kind of element. */
type IdOf<E> = { [I in keyof ElementById]: ElementById[I] extends E ? I : never }[keyof ElementById];


interface HTMLElement {
  /** With the button that it is about, which browsers know before the compiler does. */
  showPopover(options?: { source?: HTMLElement }): void;
}
