'use strict'
// Which pending calls stop waiting when a signal is aborted.

// One listener a signal, however many calls share it: Node warns of a leak at the eleventh listener.
const watched = new WeakMap()

// Calls `interrupt` when the signal is aborted, unless `ignore` comes first.
function watch (signal, interrupt) {
  let shared = watched.get(signal)
  if (shared === undefined) {
    const interrupts = new Set()
    const listener = () => {
      for (const interrupt of interrupts) interrupt()
    }
    shared = { interrupts, listener }
    watched.set(signal, shared)
    signal.addEventListener('abort', listener)
  }
  shared.interrupts.add(interrupt)
}

function ignore (signal, interrupt) {
  const shared = watched.get(signal)
  if (shared === undefined) return
  shared.interrupts.delete(interrupt)
  if (shared.interrupts.size === 0) {
    signal.removeEventListener('abort', shared.listener)
    watched.delete(signal)
  }
}

module.exports = { watch, ignore }
