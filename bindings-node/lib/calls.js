'use strict'
// Calls of the native part: results that are there at once, and promises of those that are pending.

const { debuglog } = require('node:util')
const addon = require('./native')
const { watch, ignore } = require('./abort')
const { SessioError, invalid } = require('./error')
const answers = require('./answers')

// What a native function returns if its response is in the buffer: src/call.rs.
const ANSWERED = -1

// What a completion has instead of an id if it is an event: NO_ID in src/encode.rs.
const EVENT = -1

// The functions that emit the events of a manager, by the manager's identity.
const emitters = new Map()

// The pending calls, by the id that the native part gave them.
const pendingCalls = []

const native = addon.attach(drain)
const sharedBuffer = new ArrayBuffer(answers.BUFFER_SIZE)
useBuffer(sharedBuffer)
if (debuglog('sessio').enabled) native.logToStderr()

function useBuffer (buffer) {
  answers.use(buffer)
  native.setBuffer(buffer)
}

// For one response that is larger than the shared buffer.
function withLargeBuffer (size, read) {
  try {
    useBuffer(Buffer.allocUnsafeSlow(size).buffer)
    return read()
  } finally {
    useBuffer(sharedBuffer)
  }
}

// The result of a call that is not pending; throws it if it is an error.
function answer (status) {
  answers.start()
  if (status === ANSWERED) return answers.read()
  return withLargeBuffer(-status, () => answer(native.fetch()))
}

// The result of a call on a loaded session, which never becomes pending.
function answerNow (status) {
  if (status < 0) return answer(status)
  pendingCalls[status] = { resolve: ignored, reject: ignored, shape: same }
  throw new SessioError('Internal', 'a loaded session waits for the store; please report it')
}

// The native part calls this when there are completions; one call handles many. It only resolves
// promises and runs no code of the program. So no exception interrupts it, and each caller keeps its
// AsyncLocalStorage.
function drain () {
  native.collect()
  for (;;) {
    const count = native.drain()
    if (count === 0) return
    if (count > 0) complete(count)
    else drainLarge(-count)
  }
}

// Reads so many completions from the buffer and resolves their calls.
function complete (count) {
  answers.start()
  while (count-- > 0) {
    const id = answers.number()
    if (id === EVENT) {
      emitLater(answers.read())
      continue
    }
    const call = pendingCalls[id]
    pendingCalls[id] = undefined
    try {
      call.resolve(call.shape(answers.read()))
    } catch (error) {
      call.reject(error)
    }
  }
}

// In a turn of its own, so that a listener that throws is an uncaught exception and interrupts no
// completion.
function emitLater ([identity, event]) {
  const emit = emitters.get(identity)
  if (emit !== undefined) process.nextTick(emit, event)
}

function drainLarge (size) {
  try {
    withLargeBuffer(size, () => complete(native.drain()))
  } catch (error) {
    // There is no memory for this response: its call fails, the others go on.
    pendingCalls[native.discard()].reject(error)
  }
}

const same = (value) => value

/** @type {(value: any) => void} */
const ignored = () => {}

// The promise of a call. `owner` is kept from the garbage collector until the call is complete.
// `shape` makes of a result what the caller gets; it must not run code of the program. `received` is
// called with a result that the caller gets, but not if the caller has stopped waiting.
function promise (status, owner, signal, shape = same, received = ignored) {
  if (status >= 0) return wait(status, owner, signal, shape, received)
  try {
    const value = shape(answer(status))
    received(value)
    return Promise.resolve(value)
  } catch (error) {
    return Promise.reject(error)
  }
}

async function wait (id, owner, signal, shape, received) {
  let interrupt
  try {
    const value = await new Promise((resolve, reject) => {
      pendingCalls[id] = { resolve, reject, owner, shape }
      if (signal === undefined) return
      interrupt = () => reject(signal.reason)
      watch(signal, interrupt)
    })
    received(value)
    return value
  } catch (error) {
    // The error was made in `drain`. Here V8 knows which functions await it, and only failures pay
    // for that: to note the caller of every call would double the price of each.
    if (error instanceof SessioError) Error.captureStackTrace(error, wait)
    throw error
  } finally {
    if (interrupt !== undefined) ignore(signal, interrupt)
  }
}

// Checks the options of a method, so that a misspelt `subject` is an error and not ignored.
function options (given, names) {
  if (given === undefined) return {}
  if (given === null || typeof given !== 'object') throw invalid('options must be an object')
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      throw invalid(`there is no option ${JSON.stringify(name)}; the options are ${names.join(', ')}`)
    }
  }
  const { signal } = given
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid('option signal must be an AbortSignal')
  }
  return given
}

// A call with options, which are checked before it starts. A wrong argument rejects the promise, as
// every other failure does.
function run (owner, given, names, start, shape, received) {
  try {
    const chosen = options(given, names)
    const { signal } = chosen
    if (signal?.aborted) return Promise.reject(signal.reason)
    return promise(start(chosen), owner, signal, shape, received)
  } catch (error) {
    return Promise.reject(error)
  }
}

module.exports = { native, emitters, answer, answerNow, drain, options, promise, run }
