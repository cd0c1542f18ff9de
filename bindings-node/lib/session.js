'use strict'
// Sessions as programs see them: `Session`, whose reads return at once, and `LazySession`, whose reads
// are promises.

const { inspect } = require('node:util')
const { native, answer, answerNow, drain, options, promise, run } = require('./calls')
const { copies, copy, decode, setOwn, JsonText } = require('./decode')
const { encode, encodeAll } = require('./encode')
const { invalid } = require('./error')
const { TrackedValues } = require('./tracked')

const SIGNAL = ['signal']
const LENIENT = ['lenient']

// Only the manager has this, so a program cannot make sessions.
const INTERNAL = Symbol('made by a manager')

// The functions below read private fields of a session, so they get their bodies within its class.

// The number of a session in the native part. `sessionNumber` is undefined for other values, and
// `readableNumber` throws if the session cannot be decoded.
let sessionNumber, numberOf, readableNumber

let statusOf

// The promise of a call that may ask the store: without options, and with them.
let call, callWith

// Loads a listed session; keeps the error if it cannot be decoded.
let loadListed

// What the program gets of values that were read: one that it holds from now on, one that the session
// gives up, and all.
let track, release, trackAll

// Puts the tracked values that have changed: of one key, or of all.
let putChanged

// Tracks a value that the program has put, or no longer the one that it replaces.
let trackPut

// Forgets the tracked value of a key, all of them, and with them that the session cannot be decoded.
let untrack, untrackAll, forgetAll

// What both kinds of sessions have: methods that only note a change, and methods that always ask the store.
// sessions.d.ts documents each.
class View {
  #number
  // What it shares with its manager. It keeps the manager from the garbage collector.
  #context
  // The error of a listed session that cannot be decoded.
  #corrupt
  // `TrackedValues`, once there are any.
  #tracked

  // `load` makes a native session of `from`. Without it `from` is the number of one that exists.
  constructor (made, context, load, from) {
    if (made !== INTERNAL) throw invalid('a SessionManager makes sessions: use its load, loadCookie or create')
    this.#context = context
    if (load === undefined) {
      this.#number = from
      native.setOwner(from, this)
    } else {
      this.#number = answer(load(context.number, from, this))
    }
  }

  // The verbs of all sessions, made by `cargo xtask gen` from `api/session.toml`: change that.
  put (key, value) {
    const json = encode(value, key)
    answer(native.put(this.#number, key, value, json))
    trackPut(this, key, value, json)
  }

  increment (key, by = 1) {
    putChanged(this, key)
    answer(native.increment(this.#number, key, by, encode(by, key)))
    untrack(this, key)
  }

  append (key, item) {
    putChanged(this, key)
    answer(native.append(this.#number, key, item, encode(item, key)))
    untrack(this, key)
  }

  remove (key) {
    answer(native.remove(this.#number, key))
    untrack(this, key)
  }

  clear () {
    answer(native.clear(this.#number))
    untrackAll(this)
  }

  flash (key, value) { answer(native.flash(this.#number, key, value, encode(value, key))) }

  setExtra (name, value) {
    const json = value === undefined ? undefined : encode(value, name)
    answer(native.setExtra(this.#number, name, value, json))
  }

  storeEmpty () { answer(native.storeEmpty(this.#number)) }
  setDeadline (deadline) { answer(native.setDeadline(this.#number, deadline)) }
  touch () { answer(native.touchSession(this.#number)) }
  rememberMe (remember) { answer(native.rememberMe(this.#number, remember)) }
  setIdleTimeout (millis) { answer(native.setIdleTimeout(this.#number, millis)) }
  setSubject (subject) { answer(native.setSubject(this.#number, subject)) }

  async take (key, options) {
    return release(this, key, await callWith(this, options, (session) => {
      putChanged(this, key)
      return native.take(session, key)
    }))
  }

  ensureToken (options) { return callWith(this, options, native.ensureToken) }
  destroy (options) { return callWith(this, options, native.destroy, () => forgetAll(this)) }

  mergeFrom (token, options) {
    return callWith(this, options, (session) => {
      putChanged(this)
      return native.mergeFrom(session, token)
    })
  }

  // The end of what `cargo xtask gen` makes.

  putFloat (key, number) {
    answer(native.putFloat(this.#number, key, number))
    untrack(this, key)
  }

  get status () { return statusOf(this) }
  get token () { return answer(native.token(this.#number)) }
  get key () { return answer(native.key(this.#number)) }

  toJSON () {
    return { status: statusOf(this) }
  }

  [inspect.custom] () {
    return `${this.constructor.name} { ${inspect(statusOf(this))} }`
  }

  static {
    track = (view, key, value) => {
      if (value instanceof JsonText) view.#tracked ??= new TrackedValues()
      return view.#tracked === undefined ? value : view.#tracked.read(key, value)
    }

    release = (view, key, value) => {
      const given = track(view, key, value)
      view.#tracked?.delete(key)
      return given
    }

    trackAll = (view, values) => {
      for (const key of Object.keys(values)) setOwn(values, key, track(view, key, values[key]))
      return values
    }

    putChanged = (view, key) =>
      view.#tracked?.putChanged((key, value, json) => answer(native.put(view.#number, key, value, json)), key)

    /** @param {View} view */
    trackPut = (view, key, value, json) => {
      if (json !== undefined) view.#tracked ??= new TrackedValues()
      view.#tracked?.put(key, value, json)
    }

    untrack = (view, key) => view.#tracked?.delete(key)

    untrackAll = (view) => view.#tracked?.clear()

    /** @param {View} view */
    forgetAll = (view) => {
      view.#corrupt = undefined
      untrackAll(view)
    }

    /** @param {View} view */
    statusOf = (view) => {
      const status = answer(native.status(view.#number))
      return status === 'unmodified' && view.#tracked?.hasChanged ? 'modified' : status
    }

    numberOf = (view) => view.#number

    sessionNumber = (value) =>
      value !== null && typeof value === 'object' && #number in value ? value.#number : undefined

    /** @param {View} view */
    readableNumber = (view) => {
      if (view.#corrupt !== undefined) throw view.#corrupt
      return view.#number
    }

    // A call that is not pending may have queued events all the same.
    const drainSoon = (context, promised) => {
      if (context.listening) process.nextTick(drain)
      return promised
    }

    /** @param {View} view */
    call = (view, status, shape) => drainSoon(view.#context, promise(status, view, undefined, shape))

    /** @param {View} view */
    callWith = (view, given, start, shape) =>
      drainSoon(view.#context, run(view, given, SIGNAL, () => start(view.#number), shape))

    /** @param {View} view */
    loadListed = (view, signal) => promise(native.ensureLoaded(view.#number), view, signal).catch((error) => {
      if (error.code !== 'Corrupt') throw error
      view.#corrupt = error
    })
  }
}

// For reads that return null, where the native part has nothing.
const orNull = (value) => value ?? null

function isLenient (given) {
  const { lenient = false } = options(given, LENIENT)
  if (typeof lenient !== 'boolean') throw invalid('option lenient must be true or false')
  return lenient
}

// A session that is already loaded: its reads return at once.
class Session extends View {
  getString (key) { return answerNow(native.getAs(readableNumber(this), key, 'string')) }
  getNumber (key) { return answerNow(native.getAs(readableNumber(this), key, 'number')) }
  getBoolean (key) { return answerNow(native.getAs(readableNumber(this), key, 'boolean')) }
  getBigInt (key) { return answerNow(native.getAs(readableNumber(this), key, 'bigint')) }
  getDate (key) { return answerNow(native.getAs(readableNumber(this), key, 'Date')) }
  getBuffer (key) { return answerNow(native.getAs(readableNumber(this), key, 'Buffer')) }

  // The verbs of loaded sessions, made by `cargo xtask gen` from `api/session.toml`: change that.
  get (key) { return track(this, key, answerNow(native.get(readableNumber(this), key))) }

  pop (key) {
    putChanged(this, key)
    return release(this, key, answerNow(native.pop(readableNumber(this), key)))
  }

  contains (key) { return answerNow(native.contains(readableNumber(this), key)) }
  has (key) { return answerNow(native.contains(readableNumber(this), key)) }
  keys () { return answerNow(native.keys(readableNumber(this))) }
  values () { return trackAll(this, answerNow(native.values(readableNumber(this)))) }

  snapshot () {
    putChanged(this)
    return decode(answerNow(native.snapshotJson(readableNumber(this))))
  }

  flashes () { return copies(answerNow(native.flashes(readableNumber(this)))) }
  extra (name) { return copy(answerNow(native.extra(readableNumber(this), name))) }
  deadline () { return answerNow(native.deadline(readableNumber(this))) }
  expiresAt () { return answerNow(native.expiresAt(readableNumber(this))) ?? null }
  remembered () { return answerNow(native.remembered(readableNumber(this))) ?? null }
  idleTimeout () { return answerNow(native.idleTimeout(readableNumber(this))) ?? null }
  subject () { return answerNow(native.subject(readableNumber(this))) }
  isNew () { return answerNow(native.isNew(readableNumber(this))) }

  putIfChanged (key, value) {
    putChanged(this, key)
    const json = encode(value, key)
    const status = native.putIfChanged(readableNumber(this), key, value, json)
    trackPut(this, key, value, json)
    return answerNow(status)
  }

  assign (values, options) {
    answerNow(native.assign(readableNumber(this), encodeAll(values, isLenient(options))))
    untrackAll(this)
  }

  renew () { return answerNow(native.renew(readableNumber(this))) }

  regenerate () {
    const answered = answerNow(native.regenerate(readableNumber(this)))
    untrackAll(this)
    return answered
  }

  // The end of what `cargo xtask gen` makes.
}

// A session that the first read loads: its reads are promises. `track` may run getters of the program, so
// it is called after an `await` and not while `drain` reads responses.
class LazySession extends View {
  getString (key) { return call(this, native.getAs(numberOf(this), key, 'string')) }
  getNumber (key) { return call(this, native.getAs(numberOf(this), key, 'number')) }
  getBoolean (key) { return call(this, native.getAs(numberOf(this), key, 'boolean')) }
  getBigInt (key) { return call(this, native.getAs(numberOf(this), key, 'bigint')) }
  getDate (key) { return call(this, native.getAs(numberOf(this), key, 'Date')) }
  getBuffer (key) { return call(this, native.getAs(numberOf(this), key, 'Buffer')) }

  // The verbs of lazy sessions, made by `cargo xtask gen` from `api/session.toml`: change that.
  ensureLoaded (options) { return callWith(this, options, native.ensureLoaded) }
  async get (key) { return track(this, key, await call(this, native.get(numberOf(this), key))) }

  async pop (key) {
    putChanged(this, key)
    return release(this, key, await call(this, native.pop(numberOf(this), key)))
  }

  contains (key) { return call(this, native.contains(numberOf(this), key)) }
  has (key) { return call(this, native.contains(numberOf(this), key)) }
  keys () { return call(this, native.keys(numberOf(this))) }
  async values () { return trackAll(this, await call(this, native.values(numberOf(this)))) }

  async snapshot () {
    putChanged(this)
    return call(this, native.snapshotJson(numberOf(this)), decode)
  }

  flashes () { return call(this, native.flashes(numberOf(this)), copies) }
  extra (name) { return call(this, native.extra(numberOf(this), name), copy) }
  deadline () { return call(this, native.deadline(numberOf(this))) }
  expiresAt () { return call(this, native.expiresAt(numberOf(this)), orNull) }
  remembered () { return call(this, native.remembered(numberOf(this)), orNull) }
  idleTimeout () { return call(this, native.idleTimeout(numberOf(this)), orNull) }
  subject () { return call(this, native.subject(numberOf(this))) }
  isNew () { return call(this, native.isNew(numberOf(this))) }

  async putIfChanged (key, value) {
    putChanged(this, key)
    const json = encode(value, key)
    const status = native.putIfChanged(numberOf(this), key, value, json)
    trackPut(this, key, value, json)
    return call(this, status)
  }

  async assign (values, options) {
    return call(this, native.assign(numberOf(this), encodeAll(values, isLenient(options))), () => untrackAll(this))
  }

  renew (options) { return callWith(this, options, native.renew) }

  regenerate (options) {
    return callWith(this, options, native.regenerate, (answered) => {
      untrackAll(this)
      return answered
    })
  }

  // The end of what `cargo xtask gen` makes.
}

// Assigning a property of a session would store nothing, so it is an error, in sloppy mode too, where a
// frozen object would ignore it. A known name has a setter that throws. Other names reach a proxy at the
// end of the prototype chain; reads of methods never get there.
/** @returns {never} */
function refuseAssignment (name) {
  const text = String(name)
  throw invalid(`a property ${text} of a session cannot be assigned: session.put(${JSON.stringify(text)}, value) ` +
    'sets a value')
}

for (const { prototype } of [View, Session, LazySession]) {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const { value, get = () => value } = Object.getOwnPropertyDescriptor(prototype, name)
    const set = () => refuseAssignment(name)
    if (name !== 'constructor') Object.defineProperty(prototype, name, { get, set })
  }
}
Object.setPrototypeOf(View.prototype, new Proxy({}, { set: (_, name) => refuseAssignment(name) }))

module.exports = { LazySession, INTERNAL, Session, loadListed, sessionNumber, putChanged }
