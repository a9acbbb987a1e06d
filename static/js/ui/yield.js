// A breath between two pieces of work: what the reader does meanwhile comes first (W3C Prioritized Task Scheduling).

export function breath() {
  return globalThis.scheduler?.yield?.() ?? new Promise((done) => setTimeout(done));
}
