'use strict'

const { inspect } = require('node:util')
const { native, answer, drain, promise, run } = require('./bridge')
const { encode } = require('./encode')
const { invalid } = require('./error')

const ALONE = ['signal']

// Who may make sessions has this.
const MANAGED = Symbol('made by a manager')

let sessionNumber

// What each method does, promises and fails with is said in index.d.ts.
class Session {
  #number
  // What it shares with its manager, which it keeps from the garbage collector.
  #home

  // With `load`, which makes a native session of `from`; without, for one that is there under
  // this number.
  constructor (made, home, load, from) {
    if (made !== MANAGED) throw invalid('a session comes from a SessionManager')
    this.#home = home
    if (load === undefined) {
      this.#number = from
      native.keep(from, this)
    } else {
      this.#number = answer(load(home.number, from, this))
    }
  }

  #ask (status) {
    const promised = promise(status, this)
    if (this.#home.listening) process.nextTick(drain)
    return promised
  }

  // With the options of a verb.
  #run (given, start) {
    const promised = run(this, given, ALONE, () => start(this.#number))
    if (this.#home.listening) process.nextTick(drain)
    return promised
  }

  get (key) { return this.#ask(native.get(this.#number, key)) }
  getString (key) { return this.#ask(native.getAs(this.#number, key, 'string')) }
  getNumber (key) { return this.#ask(native.getAs(this.#number, key, 'number')) }
  getBoolean (key) { return this.#ask(native.getAs(this.#number, key, 'boolean')) }
  getBigInt (key) { return this.#ask(native.getAs(this.#number, key, 'bigint')) }
  getDate (key) { return this.#ask(native.getAs(this.#number, key, 'Date')) }
  getBuffer (key) { return this.#ask(native.getAs(this.#number, key, 'Buffer')) }
  pop (key) { return this.#ask(native.pop(this.#number, key)) }
  take (key, options) { return this.#run(options, (session) => native.take(session, key)) }
  contains (key) { return this.#ask(native.contains(this.#number, key)) }
  keys () { return this.#ask(native.keys(this.#number)) }
  values () { return this.#ask(native.values(this.#number)) }
  flashes () { return this.#ask(native.flashes(this.#number)) }
  deadline () { return this.#ask(native.deadline(this.#number)) }
  subject () { return this.#ask(native.subject(this.#number)) }
  isNew () { return this.#ask(native.isNew(this.#number)) }

  look (options) { return this.#run(options, native.look) }
  renew (options) { return this.#run(options, native.renew) }
  destroy (options) { return this.#run(options, native.destroy) }
  mergeFrom (token, options) {
    return this.#run(options, (session) => native.mergeFrom(session, token))
  }

  put (key, value) { answer(native.put(this.#number, key, value, encode(value))) }
  putFloat (key, number) { answer(native.putFloat(this.#number, key, number)) }
  increment (key, by = 1) { answer(native.increment(this.#number, key, by, encode(by))) }
  append (key, item) { answer(native.append(this.#number, key, item, encode(item))) }
  flash (key, value) { answer(native.flash(this.#number, key, value, encode(value))) }
  remove (key) { answer(native.remove(this.#number, key)) }
  clear () { answer(native.clear(this.#number)) }
  setDeadline (deadline) { answer(native.setDeadline(this.#number, deadline)) }
  rememberMe (remember) { answer(native.rememberMe(this.#number, remember)) }
  setSubject (subject) { answer(native.setSubject(this.#number, subject)) }

  get status () { return answer(native.status(this.#number)) }
  get token () { return answer(native.token(this.#number)) }
  get key () { return answer(native.key(this.#number)) }

  toJSON () {
    return { status: answer(native.status(this.#number)) }
  }

  [inspect.custom] () {
    return `Session { ${inspect(this.status)} }`
  }

  static {
    // What the native part knows it by; nothing for what is no session.
    sessionNumber = (value) =>
      value !== null && typeof value === 'object' && #number in value ? value.#number : undefined
  }
}

module.exports = { MANAGED, Session, sessionNumber }
