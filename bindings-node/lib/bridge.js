'use strict'
// Calls of the native part, as values and as promises.

const { debuglog } = require('node:util')
const addon = require('./native')
const { watch, ignore } = require('./abort')
const { SessioError, invalid } = require('./error')
const answers = require('./answers')

// What a call returns when its answer is in the tray: src/call.rs.
const ANSWERED = -1

// What stands in the place of a number where nobody waits: src/call.rs.
const EVENT = -1

// Who hears of the events of a manager, under the manager's identity.
const listeners = new Map()

// Who waits for an operation, under the number that the native part gave it.
const waiting = []

const native = addon.attach(drain)
const tray = new ArrayBuffer(answers.SIZE)
useTray(tray)
if (debuglog('sessio').enabled) native.logToStderr()

function useTray (memory) {
  answers.use(memory)
  native.setTray(memory)
}

// For one answer that is larger than the tray.
function withLargeTray (size, read) {
  try {
    useTray(Buffer.allocUnsafeSlow(size).buffer)
    return read()
  } finally {
    useTray(tray)
  }
}

// The answer of a call that needs no waiting; throws it if it is an error.
function answer (status) {
  answers.start()
  if (status === ANSWERED) return answers.read()
  return withLargeTray(-status, () => answer(native.fetch()))
}

// The answer of a call that never has to wait.
function answerNow (status) {
  if (status < 0) return answer(status)
  waiting[status] = { resolve: ignored, reject: ignored, shape: same }
  throw new SessioError('Internal', 'a loaded session waits for the store; please report it')
}

// The native part calls this when operations have finished; one call settles many. It settles
// promises and calls nothing of anybody's: so the caller's AsyncLocalStorage is kept, and nothing
// can throw in the middle of it.
function drain () {
  native.collect()
  for (;;) {
    const count = native.drain()
    if (count === 0) return
    if (count > 0) settle(count)
    else drainLarge(-count)
  }
}

function settle (count) {
  answers.start()
  while (count-- > 0) {
    const slot = answers.number()
    if (slot === EVENT) {
      happened(answers.read())
      continue
    }
    const waiter = waiting[slot]
    waiting[slot] = undefined
    try {
      waiter.resolve(waiter.shape(answers.read()))
    } catch (error) {
      waiter.reject(error)
    }
  }
}

// In a turn of its own: a listener that throws is an uncaught exception, and nobody else's trouble.
function happened ([identity, event]) {
  const emit = listeners.get(identity)
  if (emit !== undefined) process.nextTick(emit, event)
}

function drainLarge (size) {
  try {
    withLargeTray(size, () => settle(native.drain()))
  } catch (error) {
    // So much memory is not to be had: that one fails, the others go on.
    waiting[native.discard()].reject(error)
  }
}

const same = (value) => value

/** @type {(value: any) => void} */
const ignored = () => {}

// The promise of a call. `owner` is kept from the garbage collector until it is settled; `shape`
// makes of an answer what the caller gets, and calls nobody; `arrived` hears of an answer that the
// caller gets, and not of one that nobody waits for any more.
function promise (status, owner, signal, shape = same, arrived = ignored) {
  if (status >= 0) return wait(status, owner, signal, shape, arrived)
  try {
    const value = shape(answer(status))
    arrived(value)
    return Promise.resolve(value)
  } catch (error) {
    return Promise.reject(error)
  }
}

async function wait (slot, owner, signal, shape, arrived) {
  let interrupt
  try {
    const value = await new Promise((resolve, reject) => {
      waiting[slot] = { resolve, reject, owner, shape }
      if (signal === undefined) return
      interrupt = () => reject(signal.reason)
      watch(signal, interrupt)
    })
    arrived(value)
    return value
  } catch (error) {
    // The error was made where the answer arrived. Here V8 knows who awaits it, at no cost to
    // those that succeed: to note the caller of every operation would double its price.
    if (error instanceof SessioError) Error.captureStackTrace(error, wait)
    throw error
  } finally {
    if (interrupt !== undefined) ignore(signal, interrupt)
  }
}

// The options of a verb, checked, so that a misspelt subject is not a session without one.
function options (given, names) {
  if (given === undefined) return {}
  if (given === null || typeof given !== 'object') throw invalid('options must be an object')
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      throw invalid(`there is no option ${name} here; the options are ${names.join(', ')}`)
    }
  }
  const { signal } = given
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid('signal must be an AbortSignal')
  }
  return given
}

// A call with options, which are read before it starts. What is wrong with it rejects its promise,
// as everything else that goes wrong does.
function run (owner, given, names, start, shape, arrived) {
  try {
    const chosen = options(given, names)
    const { signal } = chosen
    if (signal?.aborted) return Promise.reject(signal.reason)
    return promise(start(chosen), owner, signal, shape, arrived)
  } catch (error) {
    return Promise.reject(error)
  }
}

module.exports = { native, listeners, answer, answerNow, drain, options, promise, run }
